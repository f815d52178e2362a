"""What is kept of a gateway's pod: whether it has been ready is read from two moments."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headgate.streamgateway.records import project_gateway_pod

TAKEN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_pod(ready: str | None, since: timedelta, *, taken: bool = True) -> dict[str, Any]:
    """Return a pod of whose readiness this was said so long after the kubelet had it."""
    condition = {"type": "Ready", "status": ready, "lastTransitionTime": told(TAKEN + since)}
    return {
        "metadata": {
            "name": "feed-edge-0",
            "namespace": "team-a",
            "uid": "u",
            "resourceVersion": "1",
            "creationTimestamp": told(TAKEN - timedelta(minutes=9)),
        },
        "status": {
            "conditions": [condition] if ready is not None else [],
            **({"startTime": told(TAKEN)} if taken else {}),
        },
    }


def told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("pod", "was_ready"),
    [
        (a_pod("True", timedelta(seconds=9)), True),
        (a_pod("False", timedelta(seconds=1)), False),
        (a_pod("False", timedelta(seconds=90)), True),
        (a_pod(None, timedelta(0)), False),
        (a_pod("False", timedelta(seconds=90), taken=False), False),
    ],
    ids=["is", "starts", "is no more", "waits for a node", "nothing known"],
)
def test_whether_a_pod_has_been_ready(pod: dict[str, Any], was_ready: bool) -> None:
    assert project_gateway_pod(pod).edge.was_ready is was_ready
