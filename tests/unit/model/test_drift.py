"""Whether a child is as it was applied, also when somebody edited it in the very same second."""

from typing import Any

from headgate.core import labels
from headgate.model.decide.plan import Route
from headgate.model.projections import project_service
from headgate.model.reconcile import is_current
from headgate.model.routers.service import build_service

APPLIED = {labels.APPLIED: "digest"}


def a_service(pinned: str | None) -> dict[str, Any]:
    """Return the Service as it was applied and came back."""
    built = build_service("team-a", "churn", Route(pinned=pinned))
    at = {"time": "2026-11-23T12:00:00Z", "fieldsV1": {"f:spec": {}}}
    both = [{"manager": labels.FIELD_MANAGER, **at}, {"manager": "kubectl-edit", **at}]
    meta = {**built["metadata"], "uid": "uid-service", "annotations": APPLIED}
    return {**built, "metadata": {**meta, "managedFields": both}}


def test_a_service_as_applied_is_left_alone() -> None:
    assert is_current(project_service(a_service("v1")), a_service("v1"))


def test_a_selector_that_somebody_turned_in_the_same_second_is_turned_back() -> None:
    for there, wanted in (("v2", "v1"), (None, "v1"), ("v1", None)):
        assert not is_current(project_service(a_service(there)), a_service(wanted))
