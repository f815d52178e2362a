"""What one pass over a StreamGateway sees, with plain defaults: a test states only what matters.

The gateway `feed` has two pods wanted, of the configuration r1, which is stable; its core has it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.streamgateway.observed import CoreServers, EdgePod, Observed, Trouble
from headgate.streamgateway.status_types import (
    Candidate,
    DrainStatus,
    StreamGatewayStatus,
    WhyDrained,
)
from headgate.streamgateway.types import StreamGatewaySpec

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
SECOND = timedelta(seconds=1)
CRASHED = Trouble(reason="CrashLoopBackOff", message="exited with code 1", final=True)
WAITING = Trouble(reason="Unschedulable", message="no node has room")


def a_gateway_spec(**fields: Any) -> StreamGatewaySpec:
    """Return a spec, with whatever is given in YAML's words."""
    given = {"auth": {"allowAnonymous": True}, "replicas": 2, **fields}
    return StreamGatewaySpec.model_validate(given)


def an_edge(number: int, **changes: Any) -> EdgePod:
    """Return the pod of that number: ready since long ago, with 100 clients."""
    pod = EdgePod(
        name=f"feed-edge-{number}",
        uid=f"uid-{number}",
        revision="r1",
        created_at=LONG_AGO + number * SECOND,
        ip=f"10.0.0.{number}",
        ready_since=LONG_AGO + number * SECOND,
        connections=100,
        arrived=1000,
        slow_consumers=0,
    )
    return replace(pod, **changes)


def a_starting_edge(number: int, **changes: Any) -> EdgePod:
    """Return a pod that was made a moment ago."""
    fresh = {"created_at": NOW - SECOND, "ready_since": None, "connections": None, "arrived": None}
    return an_edge(number, **{**fresh, "slow_consumers": None, **changes})


def a_broken_edge(number: int, **changes: Any) -> EdgePod:
    """Return a pod whose container has crashed, and will again."""
    broken = {"ready_since": None, "connections": None, "trouble": CRASHED}
    return an_edge(number, **{**broken, **changes})


def a_candidate(revision: str = "r2", **changes: Any) -> Candidate:
    """Return a configuration that was first wanted a minute ago."""
    given = {"revision": revision, "started_at": NOW - timedelta(minutes=1), **changes}
    return Candidate.model_validate(given)


def a_drain(number: int, **changes: Any) -> DrainStatus:
    """Return the drain of a pod that was taken out of the Service 5 s ago."""
    given = {
        "pod": f"feed-edge-{number}",
        "uid": f"uid-{number}",
        "why": WhyDrained.SCALE_DOWN,
        "cordoned_at": NOW - timedelta(seconds=5),
        **changes,
    }
    return DrainStatus.model_validate(given)


def a_gateway(
    *edges: EdgePod,
    wanted: str | None = "r1",
    spec: Mapping[str, Any] | None = None,
    core: str | None = "r1",
    remembered: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Observed:
    """Return a gateway with these pods; `remembered` are fields of its status."""
    seen = Observed(
        namespace="team-a",
        name="feed",
        uid="uid-feed",
        generation=1,
        spec=a_gateway_spec(**(spec or {})),
        status=StreamGatewayStatus.model_validate({"stable_revision": "r1", **(remembered or {})}),
        wanted=wanted,
        edges=edges,
        core=CoreServers(wanted=3, ready=3, revision=core, updated=3),
    )
    return replace(seen, **changes)
