"""The operator refuses what the API server refuses, for ModelVersions that got in all the same."""

import pytest

from headgate.core.resource import Problem
from headgate.modelversion.accept import problems_of
from headgate.modelversion.types import ModelVersionSpec
from tests.builders.bad_specs import BAD_VERSIONS, Bad
from tests.builders.good_specs import GOOD_SPECS
from tests.builders.resources import Manifest, a_version_spec, an_artifact

GOOD = {name: manifest for name, manifest in GOOD_SPECS.items() if manifest["kind"] != "Model"}


def _judge(manifest: Manifest) -> tuple[Problem, ...]:
    parsed = ModelVersionSpec.parse(manifest["spec"])
    return parsed if isinstance(parsed, tuple) else problems_of(parsed)


@pytest.mark.parametrize("bad", BAD_VERSIONS, ids=str)
def test_a_bad_spec_is_refused_with_its_path_and_reason(bad: Bad) -> None:
    problems = _judge(bad.manifest)
    assert [p for p in problems if p.path.startswith(bad.path) and bad.says in p.message], problems


@pytest.mark.parametrize("manifest", GOOD.values(), ids=GOOD.keys())
def test_an_unusual_but_good_spec_is_accepted(manifest: Manifest) -> None:
    assert _judge(manifest) == ()


def test_a_request_above_its_limit_is_named_with_both_amounts() -> None:
    spec = a_version_spec(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}})
    assert problems_of(spec) == (
        Problem("spec.resources.requests.cpu", "a request must not be above its limit (2 > 1500m)"),
    )


def test_a_host_that_rules_cannot_judge_is_refused_all_the_same() -> None:
    spec = a_version_spec(artifact=an_artifact("http://[2002:a9fe:a9fe::1]/m"))
    (problem,) = problems_of(spec)
    assert problem.path == "spec.artifact.uri"
    assert "metadata host" in problem.message
