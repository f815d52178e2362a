"""Under which subject a stream repeats its messages for live readers. Pure.

A stream with `republish` sends every message, once it is stored, to a second subject, with its
sequence in the headers. Reading that costs a server no more than a plain subscription; a consumer
for each of thousands of readers would cost it a state machine each.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StreamShape:
    """What of a stream's configuration and state matters to a reader."""

    name: str
    subjects: tuple[str, ...]
    first: int
    """The first sequence it holds; one more than `last` when it holds nothing."""
    last: int
    """The last sequence it gave out, whether it still holds it or not."""
    allow_direct: bool = False
    republish_from: str = ""
    republish_to: str = ""
    headers_only: bool = False


@dataclass(frozen=True, kw_only=True)
class LiveSubject:
    """What to subscribe to, and whether that is the whole stream."""

    subject: str
    is_whole: bool


def covers(pattern: str, subject: str) -> bool:
    """Say whether a pattern matches everything that a subject, or another pattern, matches."""
    wide, narrow = pattern.split("."), subject.split(".")
    for place, part in enumerate(wide):
        if part == ">":
            return len(narrow) > place
        if place >= len(narrow) or narrow[place] == ">":
            return False
        if part not in ("*", narrow[place]):
            return False
    return len(wide) == len(narrow)


def is_literal(subject: str) -> bool:
    """Say whether a subject names just itself."""
    return not {"*", ">"} & set(subject.split("."))


def takes_all(shape: StreamShape, subject: str) -> bool:
    """Say whether a filter lets through every message of the stream."""
    return all(covers(subject, own) for own in shape.subjects)


def choose_live_subject(shape: StreamShape, subject: str) -> LiveSubject | None:
    """Return where to read a filter live, or None if only a consumer can keep the order.

    Live reading needs a sequence that tells a gap at once: the whole stream has it, and one
    literal subject has it. Of a part with wildcards a message could be missed on one subject
    while others go on.
    """
    if not shape.allow_direct or not shape.republish_to or shape.headers_only:
        return None
    is_whole = takes_all(shape, subject)
    if not is_whole and not is_literal(subject):
        return None
    wanted = shape.subjects if is_whole else (subject,)
    source = shape.republish_from or ">"
    if not all(covers(source, own) for own in wanted):
        return None
    if is_whole:
        return LiveSubject(subject=_where_all_is(shape, source), is_whole=True)
    mapped = _map_literal(source, shape.republish_to, subject)
    return LiveSubject(subject=mapped, is_whole=False) if mapped else None


def _where_all_is(shape: StreamShape, source: str) -> str:
    """Return what matches all that the stream repeats, and of other streams as little as can be."""
    own = _map_literal(source, shape.republish_to, shape.subjects[0])
    return own if own and len(shape.subjects) == 1 else _as_subscription(shape.republish_to)


def _as_subscription(destination: str) -> str:
    """Return the pattern that matches all that a destination with placeholders can give."""
    tokens = destination.split(".")
    return ".".join("*" if token.startswith(("$", "{{")) else token for token in tokens)


def _map_literal(source: str, destination: str, subject: str) -> str | None:
    """Return where one subject is repeated; None for placeholders, which are not worked out."""
    if is_literal(source) and is_literal(destination) and source == subject:
        return destination
    head, _, tail = source.rpartition(">")
    to_head, _, to_tail = destination.rpartition(">")
    if tail or to_tail or not (source.endswith(">") and destination.endswith(">")):
        return None
    if (head and not is_literal(head.rstrip("."))) or "{{" in to_head or "$" in to_head:
        return None
    return to_head + subject.removeprefix(head)
