"""What is kept of children on arrival."""

from datetime import UTC, datetime
from typing import Any

from headgate.model.projections import project_deployment, project_pod


def a_pod_of(*conditions: dict[str, Any]) -> dict[str, Any]:
    meta = {"name": "churn-v2-a", "namespace": "team-a", "uid": "uid-pod"}
    return {"metadata": meta, "spec": {}, "status": {"conditions": list(conditions)}}


def test_since_when_a_pod_is_not_ready() -> None:
    at = {"lastTransitionTime": "2026-11-23T12:00:00Z"}
    unready = project_pod(a_pod_of({"type": "Ready", "status": "False", **at})).seen
    ready = project_pod(a_pod_of({"type": "Ready", "status": "True", **at})).seen
    unscheduled = project_pod(a_pod_of({"type": "PodScheduled", "status": "False", **at})).seen
    assert unready.unready_since == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert ready.unready_since is None
    assert unscheduled.unready_since is None


def test_since_when_a_deployment_cannot_make_pods() -> None:
    failing = {
        "type": "ReplicaFailure",
        "status": "True",
        "message": "exceeded quota",
        "lastTransitionTime": "2026-11-23T12:00:00Z",
    }
    meta = {"name": "churn-v2", "namespace": "team-a", "uid": "uid-deployment"}
    raw = {"metadata": meta, "spec": {}, "status": {"conditions": [failing]}}
    seen = project_deployment(raw).seen
    assert seen.failure == "exceeded quota"
    assert seen.failing_since == datetime(2026, 11, 23, 12, tzinfo=UTC)
