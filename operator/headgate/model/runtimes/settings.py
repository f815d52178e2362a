"""What every runtime's pods have in common: images, security, grace, volumes for the artifact."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from headgate.modelversion.types import ModelVersionSpec

USER = 65532
PORT = 8080
PRE_STOP_SECONDS = 5
DRAIN_SECONDS = 30
# preStop + the server's drain + a margin: a pod is never killed while it still answers.
GRACE_SECONDS = PRE_STOP_SECONDS + DRAIN_SECONDS + 10
MODEL_DIR = "/model"
SOURCE_DIR = "/source"
SECRET_DIR = "/secret"  # noqa: S105 - a mount point


@dataclass(frozen=True, kw_only=True)
class ServingImages:
    """The images of this release that serving pods are built from."""

    server: str


def container_security() -> dict[str, Any]:
    """Return a container's part of the `restricted` Pod Security level, and a read-only root."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def pod_security(*, user: int | None = USER) -> dict[str, Any]:
    """Return a pod's part of the `restricted` Pod Security level."""
    security: dict[str, Any] = {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if user is not None:
        security |= {"runAsUser": user, "runAsGroup": user, "fsGroup": user}
    return security


def stop_gently() -> dict[str, Any]:
    """Return the lifecycle that keeps a pod serving until proxies know that it leaves."""
    return {"preStop": {"sleep": {"seconds": PRE_STOP_SECONDS}}}


def resources_of(spec: ModelVersionSpec) -> dict[str, Any]:
    """Return the container resources that a version asks for."""
    return spec.resources.dump()


def fetch_container(spec: ModelVersionSpec, images: ServingImages) -> dict[str, Any] | None:
    """Return the init container that fetches the artifact and checks its digest."""
    artifact = spec.artifact
    if artifact is None:
        return None
    env = {
        "HEADGATE_ARTIFACT_URI": artifact.uri,
        "HEADGATE_ARTIFACT_SHA256": artifact.sha256,
        "HEADGATE_MODEL_DIR": MODEL_DIR,
    }
    mounts = [{"name": "model", "mountPath": MODEL_DIR}, {"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108
    if _source_volume(spec) is not None:
        env["HEADGATE_SOURCE_DIR"] = SOURCE_DIR
        mounts.append({"name": "source", "mountPath": SOURCE_DIR, "readOnly": True})  # type: ignore[dict-item]
    if artifact.secret_ref is not None:
        env["HEADGATE_SECRET_DIR"] = SECRET_DIR
        mounts.append({"name": "secret", "mountPath": SECRET_DIR, "readOnly": True})  # type: ignore[dict-item]
    return {
        "name": "fetch",
        "image": images.server,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "headgate.server.fetch"],
        "env": env_list(env),
        "volumeMounts": mounts,
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"memory": "512Mi"},
        },
    }


def volumes_of(spec: ModelVersionSpec) -> list[dict[str, Any]]:
    """Return the volumes that fetching and serving need."""
    volumes: list[dict[str, Any]] = [{"name": "tmp", "emptyDir": {}}]
    artifact = spec.artifact
    if artifact is None:
        return volumes
    volumes.append({"name": "model", "emptyDir": {}})
    source = _source_volume(spec)
    if source is not None:
        volumes.append({"name": "source", **source})
    if artifact.secret_ref is not None:
        volumes.append({"name": "secret", "secret": {"secretName": artifact.secret_ref.name}})
    return volumes


def env_list(env: dict[str, str]) -> list[dict[str, str]]:
    """Return environment variables as a manifest lists them."""
    return [{"name": name, "value": value} for name, value in env.items()]


def _source_volume(spec: ModelVersionSpec) -> dict[str, Any] | None:
    """Return the volume that a pvc:// or configmap:// artifact is read from."""
    if spec.artifact is None:
        return None
    uri = urlsplit(spec.artifact.uri)
    if uri.scheme == "pvc":
        return {"persistentVolumeClaim": {"claimName": uri.netloc, "readOnly": True}}
    if uri.scheme == "configmap":
        return {"configMap": {"name": uri.netloc}}
    return None
