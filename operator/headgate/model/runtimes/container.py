"""A server that users bring: their image, with our grace, our security and an artifact if named."""

from typing import Any

from headgate.core.pods import container_security, env_list, pod_security
from headgate.model.runtimes.publishing import Publishing
from headgate.model.runtimes.settings import (
    GRACE_SECONDS,
    MODEL_DIR,
    ServingImages,
    fetch_container,
    resources_of,
    stop_gently,
    volumes_of,
)
from headgate.modelversion.types import ContainerRuntime, ModelVersionSpec


def build_pod(
    model: str,
    version: str,
    spec: ModelVersionSpec,
    images: ServingImages,
    _publishing: Publishing | None,
) -> dict[str, Any]:
    """Return the pod spec of a version served by its own image.

    The image must run as a numeric non-root user: restricted pods accept no other. Whether its
    server publishes predictions, and how, is its own business.
    """
    runtime = spec.runtime.container
    if runtime is None:
        raise ValueError(f"ModelVersion {version}: spec.runtime.container is absent")
    fetch = fetch_container(spec, images)
    return {
        "initContainers": [fetch] if fetch is not None else [],
        "containers": [_server(model, version, spec, runtime)],
        "volumes": volumes_of(spec),
        "securityContext": pod_security(user=None if fetch is None else 65532),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
    }


def _server(
    model: str, version: str, spec: ModelVersionSpec, runtime: ContainerRuntime
) -> dict[str, Any]:
    env = {"HEADGATE_MODEL_NAME": model, "HEADGATE_MODEL_VERSION": version}
    mounts: list[dict[str, Any]] = [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108
    if spec.artifact is not None:
        env["HEADGATE_MODEL_DIR"] = MODEL_DIR
        mounts.append({"name": "model", "mountPath": MODEL_DIR, "readOnly": True})
    own = [variable.dump() for variable in runtime.env]
    server: dict[str, Any] = {
        "name": "server",
        "image": runtime.image,
        "env": [*env_list(env), *own],
        "ports": [{"name": "http", "containerPort": runtime.port}],
        "volumeMounts": mounts,
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "lifecycle": stop_gently(),
        "readinessProbe": _ready_probe(),
        "resources": resources_of(spec),
    }
    for field in ("command", "args"):
        words = getattr(runtime, field)
        if words:
            server[field] = list(words)
    return server


def _ready_probe() -> dict[str, Any]:
    return {
        "httpGet": {"path": "/v2/health/ready", "port": "http"},
        "periodSeconds": 1,
        "failureThreshold": 2,
        "timeoutSeconds": 3,
    }
