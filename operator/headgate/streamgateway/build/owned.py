"""What all children of a gateway have: names, labels, an owner, and a digest of what is wanted."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from headgate.core import labels

type Manifest = dict[str, Any]

EDGE = "edge"
CORE = "core"


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Which gateway children belong to."""

    namespace: str
    name: str
    uid: str

    @property
    def core_name(self) -> str:
        """Name of the core's StatefulSet and of its headless Service."""
        return f"{self.name}-core"

    def config_name(self, revision: str) -> str:
        """Return the name of the Secret that holds a configuration."""
        return f"{self.name}-config-{revision}"

    @property
    def system_name(self) -> str:
        """Name of the Secret that holds the passwords between operator and servers."""
        return f"{self.name}-system"

    def selector(self, role: str) -> dict[str, str]:
        """Return the labels by which pods of a role are found."""
        return {labels.GATEWAY: self.name, labels.ROLE: role}


def owned(gateway: Gateway, manifest: Manifest) -> Manifest:
    """Return a child with its owner, its labels, and a digest of what is wanted of it."""
    digest = hashlib.sha256(to_json(manifest)).hexdigest()[:16]
    meta = manifest["metadata"]
    own_labels = {labels.MANAGED_BY: labels.MANAGER, labels.GATEWAY: gateway.name}
    return {
        **manifest,
        "metadata": {
            **meta,
            "namespace": gateway.namespace,
            "labels": {**own_labels, **meta.get("labels", {})},
            "annotations": {**meta.get("annotations", {}), labels.APPLIED: digest},
            "ownerReferences": [owner_of(gateway)],
        },
    }


def owner_of(gateway: Gateway) -> Mapping[str, Any]:
    """Return the reference by which children are deleted with their gateway."""
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "StreamGateway",
        "name": gateway.name,
        "uid": gateway.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
