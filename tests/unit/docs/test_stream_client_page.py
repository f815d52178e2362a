"""The reference page of the streaming client names what is there, with its defaults."""

import dataclasses
import re

from headgate import stream
from headgate.stream import Counters, State, Timing
from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "stream-client.md").read_text()


def test_every_public_error_is_on_the_page() -> None:
    errors = [name for name in stream.__all__ if name.endswith("Error")]
    assert [name for name in errors if f"`{name}`" not in PAGE] == []


def test_every_counter_is_on_the_page() -> None:
    fields = [field.name for field in dataclasses.fields(Counters)]
    assert [name for name in fields if f"| `{name}` |" not in PAGE] == []


def test_every_state_is_on_the_page() -> None:
    assert [state for state in State if f"`{state}`" not in PAGE] == []


def test_every_wait_is_on_the_page_with_its_default() -> None:
    shown: dict[str, float] = {}
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([\d, ]+) \|", PAGE, re.MULTILINE)
    for names, values in rows:
        shown |= zip(re.findall(r"`(\w+)`", names), map(float, values.split(",")), strict=True)

    assert shown == {field.name: field.default for field in dataclasses.fields(Timing)}
