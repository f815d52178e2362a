"""Policies that cannot be used, and versions that a policy does not fit."""

import pytest

from headgate.core.resource import Problem
from headgate.validation.accept import policy_problems, version_problems
from headgate.validation.policy_types import ValidationPolicySpec
from tests.builders.bad_policies import BY_SCHEMA, BY_THE_OPERATOR
from tests.builders.bad_specs import Bad
from tests.builders.resources import a_version_spec
from tests.builders.validation import DATA, VALIDATION, a_policy_spec


def problems_of(bad: Bad) -> tuple[Problem, ...]:
    parsed = ValidationPolicySpec.parse(bad.manifest["spec"])
    return policy_problems(parsed) if isinstance(parsed, ValidationPolicySpec) else parsed


@pytest.mark.parametrize("bad", [*BY_SCHEMA, *BY_THE_OPERATOR], ids=str)
def test_a_bad_policy_is_refused_with_its_path(bad: Bad) -> None:
    paths = [problem.path for problem in problems_of(bad)]
    assert any(path.startswith(bad.path.removesuffix(".minEffect")) for path in paths), paths


@pytest.mark.parametrize("missing", ["reference", "candidate"])
def test_an_input_that_the_version_does_not_name_is_asked_for(missing: str) -> None:
    data = {name: ref for name, ref in DATA.items() if name != missing}
    version = a_version_spec(validation=VALIDATION | {"data": data})
    paths = [problem.path for problem in version_problems(a_policy_spec(), version)]
    assert paths == [f"spec.validation.data.{missing}"]


def test_an_input_nobody_reads_is_told() -> None:
    data = DATA | {"refrence": DATA["reference"]}
    version = a_version_spec(validation=VALIDATION | {"data": data})
    paths = [problem.path for problem in version_problems(a_policy_spec(), version)]
    assert paths == ["spec.validation.data.refrence"]


def test_a_server_of_ones_own_cannot_be_run_in_the_job() -> None:
    version = a_version_spec(
        runtime={"container": {"image": "example.com/own:1"}}, artifact=None, validation=VALIDATION
    )
    policy = a_policy_spec(predictions={"from": "Model"})
    paths = [problem.path for problem in version_problems(policy, version)]
    assert paths == ["spec.runtime"]


def test_a_version_without_explanations_is_refused_by_a_policy_that_asks_for_them() -> None:
    version = a_version_spec(validation=VALIDATION, explainability={"method": "None"})
    policy = a_policy_spec(
        predictions={"from": "Model"}, checks=[{"quality": {}}, {"explanations": {}}]
    )
    (problem,) = version_problems(policy, version)
    assert problem.path == "spec.explainability.method"
    assert "the policy's spec.checks[1].explanations" in problem.message


@pytest.mark.parametrize("method", ["Auto", "Tree", "Linear", "Permutation"])
def test_a_version_that_says_how_it_is_explained_is_fine(method: str) -> None:
    version = a_version_spec(validation=VALIDATION, explainability={"method": method})
    policy = a_policy_spec(predictions={"from": "Model"}, checks=[{"explanations": {}}])
    assert version_problems(policy, version) == ()


def test_a_version_without_explanations_is_fine_for_other_policies() -> None:
    version = a_version_spec(validation=VALIDATION, explainability={"method": "None"})
    assert version_problems(a_policy_spec(), version) == ()


@pytest.mark.parametrize("value", [True, "0.05"])
def test_a_truth_or_a_text_is_no_number(value: object) -> None:
    checks = [{"drift": {"minEffect": value}}]
    problems = ValidationPolicySpec.parse({"alpha": value, "checks": checks})
    assert isinstance(problems, tuple)
    assert {problem.path for problem in problems} == {
        "spec.alpha",
        "spec.checks[0].drift.minEffect",
    }
