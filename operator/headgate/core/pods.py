"""What all our pods have in common: security, environment, and how files are fetched. Pure."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

USER = 65532
SOURCE_DIR = "/source"
SECRET_DIR = "/secret"  # noqa: S105 - a mount point


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


def env_list(env: dict[str, str]) -> list[dict[str, str]]:
    """Return environment variables as a manifest lists them."""
    return [{"name": name, "value": value} for name, value in env.items()]


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """One file that an init container brings and checks before anything opens it."""

    uri: str
    sha256: str
    secret: str | None = None
    """Name of the Secret with its credentials."""
    container: str = "fetch"
    volume: str = "model"
    folder: str = "/model"
    source_volume: str = "source"
    secret_volume: str = "secret"  # noqa: S105 - a volume's name

    def init_container(self, image: str) -> dict[str, Any]:
        """Return the init container that fetches the file and checks its digest."""
        env = {
            "HEADGATE_ARTIFACT_URI": self.uri,
            "HEADGATE_ARTIFACT_SHA256": self.sha256,
            "HEADGATE_MODEL_DIR": self.folder,
        }
        mounts: list[dict[str, Any]] = [
            {"name": self.volume, "mountPath": self.folder},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of the pod
        ]
        if self._source() is not None:
            env["HEADGATE_SOURCE_DIR"] = SOURCE_DIR
            mounts.append({"name": self.source_volume, "mountPath": SOURCE_DIR, "readOnly": True})
        if self.secret is not None:
            env["HEADGATE_SECRET_DIR"] = SECRET_DIR
            mounts.append({"name": self.secret_volume, "mountPath": SECRET_DIR, "readOnly": True})
        return {
            "name": self.container,
            "image": image,
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

    def volumes(self) -> list[dict[str, Any]]:
        """Return the volumes that fetching needs, the one that it fills first."""
        volumes: list[dict[str, Any]] = [{"name": self.volume, "emptyDir": {}}]
        source = self._source()
        if source is not None:
            volumes.append({"name": self.source_volume, **source})
        if self.secret is not None:
            volumes.append({"name": self.secret_volume, "secret": {"secretName": self.secret}})
        return volumes

    def _source(self) -> dict[str, Any] | None:
        """Return the volume that a pvc:// or configmap:// file is read from."""
        uri = urlsplit(self.uri)
        if uri.scheme == "pvc":
            return {"persistentVolumeClaim": {"claimName": uri.netloc, "readOnly": True}}
        if uri.scheme == "configmap":
            return {"configMap": {"name": uri.netloc}}
        return None
