"""The builtin server: fetches the artifact, checks it, serves it by the Open Inference Protocol."""

from typing import Any

from headgate.core.pods import container_security, env_list, pod_security
from headgate.model.runtimes.publishing import Publishing
from headgate.model.runtimes.settings import (
    DRAIN_SECONDS,
    GRACE_SECONDS,
    MODEL_DIR,
    PORT,
    ServingImages,
    fetch_container,
    resources_of,
    stop_gently,
    volumes_of,
)
from headgate.modelversion.types import ModelVersionSpec


def build_pod(
    model: str,
    version: str,
    spec: ModelVersionSpec,
    images: ServingImages,
    publishing: Publishing | None,
) -> dict[str, Any]:
    """Return the pod spec of a version served by the builtin server."""
    fetch = fetch_container(spec, images)
    server = _server(model, version, spec, images)
    volumes = volumes_of(spec)
    if publishing is not None:
        server["env"] += env_list(publishing.env())
        server["volumeMounts"] += publishing.mounts()
        volumes += publishing.volumes()
    return {
        "initContainers": [fetch] if fetch is not None else [],
        "containers": [server],
        "volumes": volumes,
        "securityContext": pod_security(),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
    }


def _server(
    model: str, version: str, spec: ModelVersionSpec, images: ServingImages
) -> dict[str, Any]:
    builtin = spec.runtime.builtin
    env = {
        "HEADGATE_MODEL_DIR": MODEL_DIR,
        "HEADGATE_MODEL_NAME": model,
        "HEADGATE_MODEL_VERSION": version,
        "HEADGATE_FORMAT": str(builtin.format) if builtin is not None else "",
        "HEADGATE_ALLOW_PICKLE": str(builtin is not None and builtin.allow_pickle).lower(),
        "HEADGATE_PORT": str(PORT),
        "HEADGATE_DRAIN_SECONDS": str(DRAIN_SECONDS),
    }
    return {
        "name": "server",
        "image": images.server,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "headgate.server"],
        "env": env_list(env),
        "ports": [{"name": "http", "containerPort": PORT}],
        "volumeMounts": [
            {"name": "model", "mountPath": MODEL_DIR, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of the pod
        ],
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "lifecycle": stop_gently(),
        "startupProbe": _probe("/v2/health/live", period=1, failures=300),
        "readinessProbe": _probe("/v2/health/ready", period=1, failures=2),
        "livenessProbe": _probe("/v2/health/live", period=10, failures=3),
        "resources": resources_of(spec),
    }


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "failureThreshold": failures,
        "timeoutSeconds": 3,
    }
