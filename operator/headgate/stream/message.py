"""What a stream hands to an application."""

from collections.abc import Mapping
from dataclasses import dataclass, field

STREAM = "Nats-Stream"
SEQUENCE = "Nats-Sequence"
SUBJECT = "Nats-Subject"
LAST_SEQUENCE = "Nats-Last-Sequence"
STREAM_HEADERS = frozenset(
    {STREAM, SUBJECT, SEQUENCE, LAST_SEQUENCE, "Nats-Time-Stamp", "Nats-Num-Pending"}
)
"""What servers add to a message; all else are headers of who published it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message of a stream."""

    sequence: int
    """Its place in the stream, from 1."""
    subject: str
    """The subject under which it was published."""
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """Sequences `first` to `last`, both included, that the stream no longer holds."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A message as it came from a server, and the sequence that it claims to follow."""

    message: Message
    follows: int


def read_stored(subject: str, data: bytes, headers: Mapping[str, str] | None) -> Arrival | None:
    """Return a message that bears its sequence in its headers; None if it does not."""
    if not headers:
        return None
    sequence, follows = headers.get(SEQUENCE, ""), headers.get(LAST_SEQUENCE, "0")
    if not (sequence.isdecimal() and follows.isdecimal()):
        return None
    own = {name: value for name, value in headers.items() if name not in STREAM_HEADERS}
    return Arrival(
        message=Message(
            sequence=int(sequence),
            subject=headers.get(SUBJECT, subject),
            data=data,
            headers=own,
        ),
        follows=int(follows),
    )
