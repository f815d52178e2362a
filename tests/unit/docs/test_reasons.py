import re
from pathlib import Path

import pytest

from headgate.core.reasons import Reason

ROOT = Path(__file__).resolve().parents[3]
INDEX = ROOT / "docs" / "reference" / "reasons.md"
SOURCES = ROOT / "operator" / "headgate"


def entries() -> dict[str, str]:
    sections = re.split(r"^#{2,3} ", INDEX.read_text(), flags=re.MULTILINE)[1:]
    named = (re.match(r"`(\w+)`\n(.*)", section, re.DOTALL) for section in sections)
    return {match[1]: match[2] for match in named if match is not None}


def test_every_reason_has_an_entry_and_no_entry_is_made_up() -> None:
    assert sorted(entries()) == sorted(reason.value for reason in Reason)


def test_no_reason_is_listed_twice() -> None:
    listed = re.findall(r"^### `(\w+)`", INDEX.read_text(), re.MULTILINE)

    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("reason", [reason.value for reason in Reason])
def test_an_entry_says_what_it_means_and_what_to_do(reason: str) -> None:
    entry = entries().get(reason, "")

    assert re.search(r"^\*\*Means\.\*\* \S.{10,}", entry, re.MULTILINE)
    assert re.search(r"^\*\*Remedy\.\*\* \S.{10,}", entry, re.MULTILINE)


@pytest.mark.parametrize("reason", [reason.value for reason in Reason])
def test_an_entry_that_asks_somebody_to_act_shows_where_to_look(reason: str) -> None:
    entry = entries().get(reason, "")
    asks_nothing = re.search(
        r"^\*\*Remedy\.\*\* (None needed|Set `spec|Promote|`kubectl)", entry, re.MULTILINE
    )

    assert asks_nothing or "**Look at.**" in entry


@pytest.mark.parametrize("reason", list(Reason.__members__))
def test_every_reason_is_used_somewhere(reason: str) -> None:
    users = [
        path
        for path in SOURCES.rglob("*.py")
        if re.search(rf"\bReason\.{reason}\b", path.read_text())
    ]

    assert users, f"Reason.{reason} is given by nothing: delete it, and its entry in reasons.md"
