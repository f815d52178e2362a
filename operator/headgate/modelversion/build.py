"""From a ModelVersion to a ValidationRun that its policy asks for. Pure."""

from typing import Any

from headgate.core import labels
from headgate.core.names import label_value
from headgate.modelversion.records import VersionRecord
from headgate.modelversion.types import ModelVersionSpec
from headgate.validation.run_types import Trigger


def build_run(
    record: VersionRecord,
    name: str,
    spec: ModelVersionSpec | None,
    trigger: Trigger = Trigger.NEW_VERSION,
) -> dict[str, Any]:
    """Return a run of a version; ValueError where the version asks for none."""
    if spec is None or spec.validation is None:
        raise ValueError(f"ModelVersion {record.name}: spec.validation is absent")
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ValidationRun",
        "metadata": {
            "namespace": record.namespace,
            "name": name,
            "labels": {
                labels.MANAGED_BY: labels.MANAGER,
                labels.MODEL: label_value(record.model),
                labels.VERSION: label_value(record.name),
            },
            "ownerReferences": [
                {
                    "apiVersion": "headgate.dev/v1alpha1",
                    "kind": "ModelVersion",
                    "name": record.name,
                    "uid": record.uid,
                    "controller": True,
                    "blockOwnerDeletion": False,
                }
            ],
        },
        "spec": {
            "versionRef": {"name": record.name},
            "policyRef": {"name": spec.validation.policy_ref.name},
            "trigger": trigger.value,
        },
    }
