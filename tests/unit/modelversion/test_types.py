"""A ModelVersion's spec and status: defaults, and that what is written is read back."""

import pytest

from headgate.modelversion.status_types import ModelVersionStatus
from headgate.modelversion.types import ModelVersionSpec, Resources
from tests.builders.resources import a_version_spec


def test_a_version_needs_a_model_a_version_an_artifact_and_a_runtime() -> None:
    spec = a_version_spec()
    assert spec.resources == Resources()
    assert spec.depends_on == ()
    assert spec.runtime.builtin is not None
    assert not spec.runtime.builtin.allow_pickle


def test_what_is_written_is_read_back() -> None:
    spec = a_version_spec(
        resources={"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"gpu": 1}},
        dependsOn=[{"name": "features-v2"}],
        lineage={"gitCommit": "4f2c1d9", "trainedBy": "train-sa"},
    )
    assert ModelVersionSpec.parse(spec.dump()) == spec


@pytest.mark.parametrize("amount", [1, "1"])
def test_a_quantity_may_be_written_without_quotes(amount: object) -> None:
    spec = a_version_spec(resources={"limits": {"nvidia.com/gpu": amount}})
    assert spec.resources.dump() == {"limits": {"nvidia.com/gpu": "1"}}


def test_variables_are_written_as_a_pod_takes_them() -> None:
    env = [
        {"name": "A", "value": ""},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]
    spec = a_version_spec(artifact=None, runtime={"container": {"image": "churn:1", "env": env}})
    assert spec.runtime.container is not None
    assert [variable.dump() for variable in spec.runtime.container.env] == env


def test_a_status_is_read_back() -> None:
    status = ModelVersionStatus(observed_generation=1, message="waits", artifact_digest=None)
    assert ModelVersionStatus.parse_status(status.dump()) == status
