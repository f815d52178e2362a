"""Writes nats-server configuration text, so that no value can be read as anything but a value.

Every text stands in double quotes, and whatever could end or begin something there is written as
an escape. Keys are ours alone. https://docs.nats.io/running-a-nats-service/configuration
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from headgate.core.durations import format_duration

_KEY = re.compile(r"[a-z][a-z_0-9]*|[A-Z]+")
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord('"'), ord("\\")}


@dataclass(frozen=True, kw_only=True)
class Variable:
    """An environment variable of the server's process: what it holds is parsed as a value."""

    name: str


type Value = str | int | bool | timedelta | Variable | Mapping[str, "Value"] | Sequence["Value"]


def render(settings: Mapping[str, Value]) -> str:
    """Return configuration text with one setting a line; ValueError for a key that is none."""
    return "".join(_setting(key, value, "") for key, value in settings.items())


def quoted(text: str) -> str:
    r"""Return a text as the server's parser reads it back, byte by byte.

    The parser takes a zero byte for the end of the file, and knows \xXX for any byte.

    >>> print(quoted('a"b'))
    "a\x22b"
    """
    return '"' + "".join(_escaped(byte) for byte in text.encode()) + '"'


def _escaped(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else f"\\x{byte:02x}"


def _setting(key: str, value: Value, indent: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of a NATS configuration: {key!r}")
    return f"{indent}{key}: {_value(value, indent)}\n"


def _value(value: Value, indent: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quoted(value)
        case timedelta():
            return quoted(format_duration(value))
        case Variable():
            return f"${value.name}"
        case Mapping():
            inside = "".join(_setting(k, v, f"{indent}  ") for k, v in value.items())
            return f"{{\n{inside}{indent}}}"
    lines = "".join(f"{indent}  {_value(item, f'{indent}  ')}\n" for item in value)
    return f"[\n{lines}{indent}]"
