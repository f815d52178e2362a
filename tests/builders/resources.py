"""Models and ModelVersions with valid defaults: a test states only what matters to it."""

from typing import Any

from headgate.model.types import ModelSpec
from headgate.modelversion.types import ModelVersionSpec

type Manifest = dict[str, Any]

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
API_VERSION = "headgate.dev/v1alpha1"


def a_model(name: str = "churn", namespace: str = "default", **spec: Any) -> Manifest:
    """Return a Model as a user writes it. Fields of spec in YAML's words; None leaves one out."""
    return _an_object("Model", name, namespace, {"version": "churn-v1"} | spec)


def a_model_version(name: str = "churn-v1", namespace: str = "default", **spec: Any) -> Manifest:
    """Return a ModelVersion as a user writes it. None leaves a field out."""
    valid = {
        "model": "churn",
        "version": "1.0.0",
        "artifact": an_artifact(),
        "runtime": {"builtin": {"format": "sklearn"}},
    }
    return _an_object("ModelVersion", name, namespace, valid | spec)


def an_artifact(uri: str = "https://models.example.com/churn.skops", **fields: Any) -> Manifest:
    """Return an artifact."""
    return {"uri": uri, "sha256": SHA256} | fields


def a_canary_of(*steps: Manifest) -> Manifest:
    """Return a strategy of these steps."""
    return {"canary": {"steps": list(steps)}}


def a_model_spec(**spec: Any) -> ModelSpec:
    """Return a Model's spec, typed."""
    parsed = ModelSpec.parse(a_model(**spec)["spec"])
    assert isinstance(parsed, ModelSpec), parsed
    return parsed


def a_version_spec(**spec: Any) -> ModelVersionSpec:
    """Return a ModelVersion's spec, typed."""
    parsed = ModelVersionSpec.parse(a_model_version(**spec)["spec"])
    assert isinstance(parsed, ModelVersionSpec), parsed
    return parsed


def _an_object(kind: str, name: str, namespace: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {field: value for field, value in spec.items() if value is not None},
    }
