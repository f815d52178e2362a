"""Configuration text is read back as the values that went in."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.streamgateway.engines.nats.rendering import Value, Variable, quoted, render

ANY_TEXT = st.text("ab 1\"'\\$#;,:=(){}[]%\n\r\t\0\x1f\x7f\x85\u00e9\u2028\U0001f600")


def read_back(text: str) -> bytes:
    """Read a quoted text as the server does: bytes, and escapes of two hexadecimal digits."""
    inside = text[1:-1].encode()
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), inside)


@given(ANY_TEXT)
def test_any_text_is_read_back(text: str) -> None:
    assert read_back(quoted(text)) == text.encode()


@given(ANY_TEXT)
def test_nothing_in_a_text_can_end_it(text: str) -> None:
    assert re.fullmatch(r'"(?:[ !#-\[\]-~]|\\x[0-9a-f]{2})*"', quoted(text))


def test_each_kind_of_value_has_its_form() -> None:
    settings: dict[str, Value] = {
        "text": "$HOME",
        "number": 5,
        "flag": True,
        "time": timedelta(seconds=90),
        "variable": Variable(name="SERVER_NAME"),
        "block": {"inner": ["a", {"b": 1}]},
    }
    assert render(settings) == (
        'text: "$HOME"\nnumber: 5\nflag: true\ntime: "1m30s"\nvariable: $SERVER_NAME\n'
        'block: {\n  inner: [\n    "a"\n    {\n      b: 1\n    }\n  ]\n}\n'
    )


@pytest.mark.parametrize("key", ["", "a b", "a: 1\nb", "$x", '"', "a{"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        render({key: 1})
