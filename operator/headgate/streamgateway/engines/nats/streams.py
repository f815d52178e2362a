"""Decides what is done about a gateway's streams. Pure: wanted and found in, changes out.

A change that would delete messages is refused: whoever wants that does it by hand, knowing.
Fewer subjects or replicas delete none, and are carried out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from headgate.core.durations import format_duration
from headgate.streamgateway.engines.nats.stream_types import (
    Change,
    Create,
    FoundStream,
    LeaveAlone,
    Nothing,
    Refuse,
    Update,
    WantedStream,
)
from headgate.streamgateway.engines.nats.subjects import overlap_of

LIVE_PREFIX = "headgate.live."
"""A message stored on subject S goes out on headgate.live.S too, with its sequence in headers.

Core subscribers there see each gap at once, without a consumer on the stream for each of them.
"""
DUPLICATES_WINDOW = timedelta(minutes=2)
UNLIMITED = -1
_NANOSECONDS = 1000
_BY_HAND = "purge the stream by hand if its messages may go, or give the new stream another name"


def plan_streams(
    wanted: Sequence[WantedStream],
    found: Sequence[FoundStream],
    *,
    core_size: int,
    store_bytes: int,
    now: datetime,
) -> tuple[Change, ...]:
    """Return one change for each wanted stream, in their order, then the ones left alone.

    `core_size` is the servers of the core, `store_bytes` what streams may fill on each of them.
    """
    names = {stream.name for stream in wanted}
    others = sorted((each for each in found if each.name not in names), key=lambda each: each.name)
    by_name = {stream.name: stream for stream in found}
    changes: list[Change] = []
    room = core_size * store_bytes - sum(_reserved_by(each) for each in others)
    for index, stream in enumerate(wanted):
        refusal = (
            _overlap(index, stream, wanted[:index], others)
            or _misfit(index, stream, core_size, room)
            or _difference(index, stream, by_name.get(stream.name), now)
        )
        changes.append(refusal or _change(stream, by_name.get(stream.name)))
        room -= _reserved(stream)
    return (*changes, *(LeaveAlone(name=stream.name) for stream in others))


def stream_config(stream: WantedStream) -> dict[str, Any]:
    """Return what we set of a stream's configuration, in the server's own fields."""
    window = min(DUPLICATES_WINDOW, stream.max_age or DUPLICATES_WINDOW)  # refused if longer
    return {
        "name": stream.name,
        "subjects": sorted(stream.subjects),
        "num_replicas": stream.replicas,
        "max_age": _nanoseconds(stream.max_age) if stream.max_age else 0,
        "max_bytes": UNLIMITED if stream.max_bytes is None else stream.max_bytes,
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "duplicate_window": _nanoseconds(window),
        "allow_direct": True,  # gaps are fetched from any replica
        "republish": {"src": ">", "dest": f"{LIVE_PREFIX}>"},
    }


def _change(stream: WantedStream, found: FoundStream | None) -> Change:
    config = stream_config(stream)
    if found is None:
        return Create(name=stream.name, config=config)
    if all(_same(key, found.config.get(key), value) for key, value in config.items()):
        return Nothing(name=stream.name)
    return Update(name=stream.name, config={**found.config, **config})


def _same(key: str, found: Any, wanted: Any) -> bool:
    if key == "subjects":
        return set(found or ()) == set(wanted)
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and wanted.items() <= found.items()
    return bool(found == wanted)


def _overlap(
    index: int,
    stream: WantedStream,
    earlier: Sequence[WantedStream],
    others: Sequence[FoundStream],
) -> Refuse | None:
    taken = [(each.name, each.subjects) for each in earlier]
    taken += [(each.name, tuple(each.config.get("subjects") or ())) for each in others]
    for name, subjects in taken:
        pair = overlap_of(stream.subjects, subjects)
        if pair:
            message = f'"{pair[0]}" overlaps "{pair[1]}" of stream {name}: a message has one stream'
            return _refuse(index, stream, "subjects", message)
    return None


def _misfit(index: int, stream: WantedStream, core_size: int, room: int) -> Refuse | None:
    if stream.replicas > core_size:
        message = f"{stream.replicas} replicas need as many servers, and the core has {core_size}"
        return _refuse(index, stream, "replicas", message)
    if _reserved(stream) > room:
        message = (
            f"{stream.replicas} x {stream.max_bytes} bytes do not fit into {max(room, 0)} bytes, "
            "which the core has left; lower maxBytes, or make a gateway with larger disks"
        )
        return _refuse(index, stream, "maxBytes", message)
    return None


def _reserved(stream: WantedStream) -> int:
    return (stream.max_bytes or 0) * stream.replicas


def _reserved_by(stream: FoundStream) -> int:
    config = stream.config
    return int(max(config.get("max_bytes") or 0, 0) * (config.get("num_replicas") or 1))


def _difference(
    index: int, stream: WantedStream, found: FoundStream | None, now: datetime
) -> Refuse | None:
    """Refuse what would lose messages, or what the server cannot change."""
    if found is None:
        return None
    return (
        _other_kind(index, stream, found)
        or _less_room(index, stream, found)
        or _shorter_age(index, stream, found, now)
    )


def _other_kind(index: int, stream: WantedStream, found: FoundStream) -> Refuse | None:
    config = found.config
    kinds = {"storage": "file", "retention": "limits"}
    unlike = [f"{k} {config[k]}" for k, v in kinds.items() if config.get(k, v) != v]
    unlike += [f"a {key}" for key in ("mirror", "sources") if config.get(key)]
    unlike += ["a seal"] if config.get("sealed") else []
    if not unlike:
        return None
    message = (
        f"a stream of this name exists with {', '.join(unlike)}, which cannot be changed without "
        "losing what it holds; give the new stream another name"
    )
    return _refuse(index, stream, "name", message)


def _less_room(index: int, stream: WantedStream, found: FoundStream) -> Refuse | None:
    if stream.max_bytes is None or found.used_bytes <= stream.max_bytes:
        return None
    message = (
        f"the stream holds {found.used_bytes} bytes; with {stream.max_bytes} its oldest messages, "
        f"{found.used_bytes - stream.max_bytes} bytes of them, would be deleted: {_BY_HAND}"
    )
    return _refuse(index, stream, "maxBytes", message)


def _shorter_age(
    index: int, stream: WantedStream, found: FoundStream, now: datetime
) -> Refuse | None:
    before = found.config.get("max_age") or 0
    age = stream.max_age
    if age is None or not found.messages or found.oldest is None:
        return None
    if 0 < before <= _nanoseconds(age) or now - found.oldest <= age:
        return None
    message = (
        f"the oldest of its {found.messages} messages is of {found.oldest:%Y-%m-%dT%H:%M:%SZ}; "
        f"with {format_duration(age)} all that are older than that would be deleted: {_BY_HAND}"
    )
    return _refuse(index, stream, "maxAge", message)


def _refuse(index: int, stream: WantedStream, field: str, message: str) -> Refuse:
    return Refuse(name=stream.name, path=f"spec.streams[{index}].{field}", message=message)


def _nanoseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1) * _NANOSECONDS
