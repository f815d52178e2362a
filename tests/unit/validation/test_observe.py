"""What a run is seen to compare with: the stable version of its Model, as its plan has it."""

from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.model.caches import empty_caches
from headgate.validation.caches import empty_validation_caches
from headgate.validation.observe import observe
from headgate.validation.observed import RunObserved
from headgate.validation.plan import canonical, plan_digest, plan_of
from tests.builders.resources import a_model, a_model_version
from tests.builders.validation import IMAGE, RUN, VALIDATION, a_policy, a_policy_spec, a_run

NOT_WORSE: dict[str, Any] = {
    "target": "churned",
    "predictions": {"from": "Model"},
    "checks": [{"performance": {"metric": "accuracy", "nonInferiorTo": "stable"}}],
}
A_SERVER_OF_ONES_OWN: dict[str, Any] = {
    "runtime": {"container": {"image": "example.com/own:1"}},
    "artifact": None,
}


def seen_beside(stable: dict[str, Any] | None, status: dict[str, Any] | None = None) -> RunObserved:
    """Return the run of churn-v3 while churn-v1, of such a spec, is stable; None: nothing is."""
    caches, validation = empty_caches(), empty_validation_caches()
    model = a_model(version="churn-v3")
    if stable is not None:
        caches.versions.take(_stored(a_model_version("churn-v1", **stable)))
        model["status"] = {"stableVersion": "churn-v1"}
    caches.models.take(_stored(model))
    caches.versions.take(
        _stored(a_model_version("churn-v3", version="3.0.0", validation=VALIDATION))
    )
    validation.policies.take(_stored(a_policy(**NOT_WORSE)))
    validation.runs.take(_stored(a_run() | {"status": status or {}}))
    record = validation.runs.get("default", RUN)
    assert record is not None
    return observe(record, caches, validation, image=IMAGE, versions={})


def _stored(manifest: dict[str, Any]) -> dict[str, Any]:
    spec = {name: value for name, value in manifest["spec"].items() if value is not None}
    meta = {"uid": f"uid-{manifest['metadata']['name']}", "resourceVersion": "1", "generation": 1}
    return manifest | {"spec": spec, "metadata": manifest["metadata"] | meta}


def test_the_version_that_serves_is_compared_with() -> None:
    seen = seen_beside({})
    assert (seen.stable, seen.problems) == ("churn-v1", ())


def test_where_none_serves_there_is_nothing_to_compare_with() -> None:
    seen = seen_beside(None)
    assert (seen.stable, seen.problems) == (None, ())


def test_a_stable_version_that_no_run_can_ask_is_told_and_not_passed_over() -> None:
    seen = seen_beside(A_SERVER_OF_ONES_OWN)
    (problem,) = seen.problems
    assert seen.problem_reason is Reason.VERSION_UNFIT
    assert "churn-v1" in problem.message
    assert "spec.checks[0].performance" in problem.message


@pytest.mark.parametrize("serves", [{}, A_SERVER_OF_ONES_OWN], ids=["a model", "a server"])
def test_a_version_that_becomes_stable_after_the_plan_takes_no_part(serves: dict[str, Any]) -> None:
    # given: a plan of a time at which nothing served
    plan = plan_of(a_policy_spec(**NOT_WORSE), {}, IMAGE, {})
    status = {"phase": "Running", "plan": canonical(plan), "planDigest": plan_digest(plan)}
    # when
    seen = seen_beside(serves, status)
    # then
    assert (seen.stable, seen.stable_spec) == (None, None)
