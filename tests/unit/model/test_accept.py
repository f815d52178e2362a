"""The operator refuses what the API server refuses, for Models that got in all the same."""

import pytest

from headgate.core.resource import Problem
from headgate.model.accept import problems_of
from headgate.model.types import ModelSpec
from tests.builders.bad_specs import BAD_MODELS, NOT_BUILT, Bad
from tests.builders.good_specs import GOOD_SPECS
from tests.builders.resources import Manifest, a_canary_of, a_model_spec

GOOD = {name: manifest for name, manifest in GOOD_SPECS.items() if manifest["kind"] == "Model"}


def _judge(manifest: Manifest) -> tuple[Problem, ...]:
    parsed = ModelSpec.parse(manifest["spec"])
    return parsed if isinstance(parsed, tuple) else problems_of(parsed)


@pytest.mark.parametrize("bad", BAD_MODELS, ids=str)
def test_a_bad_spec_is_refused_with_its_path_and_reason(bad: Bad) -> None:
    problems = _judge(bad.manifest)
    assert [p for p in problems if p.path.startswith(bad.path) and bad.says in p.message], problems


@pytest.mark.parametrize("manifest", GOOD.values(), ids=GOOD.keys())
def test_an_unusual_but_good_spec_is_accepted(manifest: Manifest) -> None:
    assert _judge(manifest) == ()


def test_what_is_not_built_says_what_to_use_instead() -> None:
    assert problems_of(a_model_spec(strategy={"blueGreen": {}})) == (
        Problem("spec.strategy.blueGreen", f"is {NOT_BUILT}; use canary or recreate"),
    )


def test_the_step_that_falls_is_named_with_both_weights() -> None:
    spec = a_model_spec(strategy=a_canary_of({"setWeight": 50}, {"pause": {}}, {"setWeight": 10}))
    (problem,) = problems_of(spec)
    assert problem.path == "spec.strategy.canary.steps[2].setWeight"
    assert problem.message.endswith("(10 after 50)")


def test_all_problems_are_said_at_once() -> None:
    spec = a_model_spec(
        version=None,
        strategy={"shadow": {}},
        autoscaling={"maxReplicas": 3, "metrics": [{"name": "cpuUtilization", "target": 70}]},
    )
    assert [problem.path for problem in problems_of(spec)] == [
        "spec.autoscaling",
        "spec.strategy.shadow",
        "spec",
    ]
