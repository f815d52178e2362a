"""Streams as they are wanted and as they were found, and what may be done about the difference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class WantedStream:
    """An entry of spec.streams."""

    name: str
    subjects: tuple[str, ...]
    replicas: int = 1
    max_age: timedelta | None = None
    """None: messages stay until max_bytes pushes them out."""
    max_bytes: int | None = None
    """Of one replica. None: as much as the disk holds."""


@dataclass(frozen=True, kw_only=True)
class FoundStream:
    """A stream on the servers."""

    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    """As the server tells it, ages in nanoseconds; what we do not know in it is kept."""
    used_bytes: int = 0
    messages: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Create:
    """Make a stream."""

    name: str
    config: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Update:
    """Change a stream; nothing it holds is deleted by it."""

    name: str
    config: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """Leave a stream as it is, and tell the user why."""

    name: str
    path: str
    """Of the field, such as spec.streams[0].maxAge."""
    message: str


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """The stream is as wanted."""

    name: str


@dataclass(frozen=True, kw_only=True)
class LeaveAlone:
    """The stream is in no spec: it is reported, and never deleted."""

    name: str


type Change = Create | Update | Refuse | Nothing | LeaveAlone
