"""Requests by hand: write the annotation, wait until status says what came of it."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from headgate.core.reasons import Reason
from headgate.model.status_types import LastRequest, ModelStatus

POLL_SECONDS = 0.3


class RequestError(Exception):
    """The request was refused, or nobody answered it: the text says why and what to do."""


class Models(Protocol):
    """Where Models are."""

    def get(self, name: str) -> dict[str, Any]:
        """Return a Model as it is now."""

    def request(self, name: str, value: str) -> None:
        """Write the annotation."""


def version_meant(verb: str, model: dict[str, Any], named: str | None) -> str:
    """Return the version that a verb is about: the one named, or the only sensible one."""
    if named is not None:
        return named
    status = ModelStatus.parse_status(model.get("status"))
    if verb != "retry":
        if status.canary_version is None:
            raise RequestError(f"cannot {verb}: no rollout is under way (phase {status.phase})")
        return status.canary_version
    if not status.rejected:
        raise RequestError("cannot retry: no version is rejected")
    wanted = model["spec"].get("version")
    names = [entry.name for entry in status.rejected]
    return str(wanted) if wanted in names else names[0]


def ask(
    models: Models,
    name: str,
    request: str,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Make a request and return what was done; RequestError when it was refused or not heard."""
    models.request(name, request)
    until = clock() + seconds
    while clock() < until:
        answer = _answer(models.get(name), request)
        if answer is not None:
            if answer.outcome == Reason.REQUEST_HANDLED:
                return answer.message
            raise RequestError(answer.message)
        sleep(POLL_SECONDS)
    raise RequestError(
        f"nobody answered within {seconds:g} s: is the operator running? "
        "(kubectl -n headgate-system get pods). The request stays and is handled when it is back"
    )


def unique_value(verb: str, version: str, nanoseconds: int) -> str:
    """Return the annotation's value: each is handled once, so each has to differ."""
    return f"{verb}/{version}/{nanoseconds}"


def _answer(model: dict[str, Any], request: str) -> LastRequest | None:
    last = ModelStatus.parse_status(model.get("status")).last_request
    return last if last is not None and last.value == request else None
