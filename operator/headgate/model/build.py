"""From a plan to the children that carry it out. Pure: equal input gives equal manifests."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from headgate.core import labels
from headgate.core.names import child_name, label_value
from headgate.model.decide.plan import Plan
from headgate.model.observed import Observed
from headgate.model.routers.service import build_service
from headgate.model.runtimes import build_pod
from headgate.model.runtimes.publishing import Publishing
from headgate.model.runtimes.settings import ServingImages
from headgate.modelversion.types import ModelVersionSpec

type Manifest = dict[str, Any]


def deployment_name(model: str, version: str) -> str:
    """Return the name of a version's Deployment; most versions' names begin with their Model's."""
    return child_name(version) if version.startswith(model) else child_name(model, version)


def pod_digest(spec: ModelVersionSpec) -> str:
    """Return a digest of the parts of a version that its pods are made of.

    Defaults are left out: a release with new fields changes the digest of no version.
    """
    parts = {"artifact", "runtime", "resources"}
    text = json.dumps(
        spec.model_dump(mode="json", include=parts, exclude_defaults=True), sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def build_children(seen: Observed, plan: Plan, images: ServingImages) -> tuple[Manifest, ...]:
    """Return the children in the order in which they are applied: pods that come, then the route.

    Pods that go come last: the plan holds them back until the route has left them anyway.
    """
    deployments = dict(plan.replicas)
    coming = {v: n for v, n in deployments.items() if n >= _current(seen, v)}
    going = {v: n for v, n in deployments.items() if v not in coming}
    route = () if plan.route is None else (_owned(seen, build_service(*_key(seen), plan.route)),)
    return (
        *_deployments(seen, coming, images),
        *route,
        *_deployments(seen, going, images),
    )


def _key(seen: Observed) -> tuple[str, str]:
    return seen.namespace, seen.name


def _current(seen: Observed, version: str) -> int:
    deployment = seen.deployments.get(version)
    return deployment.replicas if deployment is not None else 0


def _deployments(
    seen: Observed, replicas: Mapping[str, int], images: ServingImages
) -> tuple[Manifest, ...]:
    built = []
    for version, count in replicas.items():
        known = seen.versions.get(version)
        if known is None or known.spec is None:
            continue  # its ModelVersion is gone: what runs is left as it is
        if version not in seen.deployments and count == 0:
            continue
        built.append(
            build_deployment(seen, version, known.spec, count, _images(seen, version, images))
        )
    return tuple(built)


def _images(seen: Observed, version: str, images: ServingImages) -> ServingImages:
    """Return the images a version runs on: an upgrade of the operator restarts nothing."""
    running = seen.deployments.get(version)
    if running is None or not running.replicas or not running.image:
        return images
    return ServingImages(server=running.image)


def build_deployment(
    seen: Observed, version: str, spec: ModelVersionSpec, replicas: int, images: ServingImages
) -> Manifest:
    """Return the Deployment of one version."""
    pods = {labels.MODEL: label_value(seen.name), labels.VERSION: label_value(version)}
    manifest: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": deployment_name(seen.name, version),
            "namespace": seen.namespace,
            "labels": {labels.VERSION: label_value(version)},
            "annotations": {
                labels.VERSION_NAME: version,
                labels.SERVER_IMAGE: images.server,
                labels.POD_DIGEST: pod_digest(spec),
            },
        },
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 1,
            "selector": {"matchLabels": pods},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": {
                "metadata": {"labels": {labels.MANAGED_BY: labels.MANAGER, **pods}},
                "spec": build_pod(seen.name, version, spec, images, _publishing(seen)),
            },
        },
    }
    return _owned(seen, manifest)


def _publishing(seen: Observed) -> Publishing | None:
    predictions = seen.spec.predictions
    if predictions is None:
        return None
    return Publishing(namespace=seen.namespace, predictions=predictions)


def _owned(seen: Observed, manifest: Manifest) -> Manifest:
    """Return a child with its owner, its labels, and a digest of what is wanted of it."""
    digest = hashlib.sha256(to_json(manifest)).hexdigest()[:16]
    meta = manifest["metadata"]
    owner = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Model",
        "name": seen.name,
        "uid": seen.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
    own_labels = {labels.MANAGED_BY: labels.MANAGER, labels.MODEL: label_value(seen.name)}
    return {
        **manifest,
        "metadata": {
            **meta,
            "labels": {**own_labels, **meta.get("labels", {})},
            "annotations": {**meta.get("annotations", {}), labels.APPLIED: digest},
            "ownerReferences": [owner],
        },
    }
