"""What a plan fixes before any data is read."""

import pytest

from headgate.modelversion.types import ExplainMethod
from headgate.validation.build import build_plan
from headgate.validation.plan import explain_in, plan_digest, seed_of
from tests.builders.resources import a_version_spec
from tests.builders.validation import VALIDATION, a_policy_spec, a_run_seen


def a_plan(method: str | None) -> dict[str, object]:
    explainability = {} if method is None else {"explainability": {"method": method}}
    version = a_version_spec(validation=VALIDATION, **explainability)
    return build_plan(a_run_seen(version=version), a_policy_spec())


@pytest.mark.parametrize("method", ["Auto", "Tree", "Linear", "Permutation", "None"])
def test_how_the_version_is_explained_is_in_the_plan(method: str) -> None:
    assert explain_in(a_plan(method)) is ExplainMethod(method)


def test_a_version_that_does_not_say_is_explained_by_what_fits() -> None:
    assert a_plan(None) == a_plan("Auto")


def test_another_method_is_another_plan_of_the_same_draws() -> None:
    tree, asked = a_plan("Tree"), a_plan("Permutation")
    assert plan_digest(tree) != plan_digest(asked)
    assert seed_of(tree) == seed_of(asked)


def test_a_plan_of_a_release_that_knew_no_method_is_read_as_auto() -> None:
    plan = {name: value for name, value in a_plan("Tree").items() if name != "explain"}
    assert explain_in(plan) is ExplainMethod.AUTO
