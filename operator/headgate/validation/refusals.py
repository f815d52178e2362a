"""What Kubernetes' own Events say of an attempt that does not begin: they alone say it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from headgate.core.conditions import printable, shorten
from headgate.kube.client import Kube
from headgate.kube.errors import ApiError
from headgate.kube.resources import EVENTS

TELLING = frozenset({"FailedCreate", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"})
MOST = 500
# a new name, or a new time, at every try: the status is not written anew for that
_CHANGING = re.compile(r'^Error creating: |^pods "[^"]*" is forbidden: |\s*\(request id [^)]*\)')

log = structlog.get_logger(__name__)


async def read_refusal(kube: Kube, namespace: str, uid: str) -> str:
    """Return what the newest Event about an object says keeps it back; empty where none does.

    A run goes on without it, so an API server that does not tell is no failure.
    """
    try:
        events = await kube.list(
            EVENTS, namespace, field_selector=f"regarding.uid={uid},type=Warning"
        )
    except ApiError as error:
        log.info("events cannot be read", error=str(error))
        return ""
    return refusal_in(events)


def refusal_in(events: Iterable[Mapping[str, Any]]) -> str:
    """Return the note of the newest telling Event, without what differs at every try."""
    telling = [event for event in events if event.get("reason") in TELLING]
    newest = max(telling, key=_seen_at, default=None)
    if newest is None:
        return ""
    note = printable(str(newest.get("note", "")))
    before = None
    while before != note:
        before, note = note, _CHANGING.sub("", note, count=1)
    return shorten(note.rstrip(". "), MOST)


def _seen_at(event: Mapping[str, Any]) -> str:
    series = event.get("series") or {}
    times = (
        series.get("lastObservedTime"),
        event.get("deprecatedLastTimestamp"),
        event.get("eventTime"),
        event["metadata"].get("creationTimestamp"),
    )
    return max(str(time) for time in times if time)
