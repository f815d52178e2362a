"""What all our pods have in common: security, environment, and how files are fetched. Pure."""

import json
from collections.abc import Collection
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
    secret_field: str = "artifact.secretRef"  # noqa: S105 - a field's name
    """The field that names the Secret, for messages."""
    name: str = ""
    """Which of several it is; empty where a pod has one."""
    folder: str = "/model"
    most_bytes: int | None = None
    """Of the file, and of what it unpacks to; None: the fetcher's own limits, which fit models."""

    @property
    def volume(self) -> str:
        """The volume that it is fetched into."""
        return self.name or "model"

    def init_container(self, image: str) -> dict[str, Any]:
        """Return the init container that fetches this one file and checks its digest."""
        env = {
            "HEADGATE_ARTIFACT_URI": self.uri,
            "HEADGATE_ARTIFACT_SHA256": self.sha256,
            "HEADGATE_MODEL_DIR": self.folder,
        }
        if self._source() is not None:
            env["HEADGATE_SOURCE_DIR"] = self._source_dir
        if self.secret is not None:
            env["HEADGATE_SECRET_DIR"] = self._secret_dir
        return _init_container(image, env, self.mounts())

    def entry(self) -> dict[str, str]:
        """Return what the init container of several is told of this one."""
        told = {
            "name": self.name,
            "uri": self.uri,
            "sha256": self.sha256,
            "folder": self.folder,
            "secretField": self.secret_field,
        }
        if self._source() is not None:
            told["source"] = self._source_dir
        if self.secret is not None:
            told["secret"] = self._secret_dir
        if self.most_bytes is not None:
            told["mostBytes"] = str(self.most_bytes)
        return told

    def mounts(self) -> list[dict[str, Any]]:
        """Return what the init container mounts: where to, and where from."""
        mounts: list[dict[str, Any]] = [{"name": self.volume, "mountPath": self.folder}]
        if self._source() is not None:
            mounts.append(_read_only(self._named("source"), self._source_dir))
        if self.secret is not None:
            mounts.append(_read_only(self._named("secret"), self._secret_dir))
        return mounts

    def volumes(self) -> list[dict[str, Any]]:
        """Return the volumes that fetching needs, the one that it fills first."""
        volumes: list[dict[str, Any]] = [{"name": self.volume, "emptyDir": {}}]
        source = self._source()
        if source is not None:
            volumes.append({"name": self._named("source"), **source})
        if self.secret is not None:
            secret = {"secretName": self.secret}
            volumes.append({"name": self._named("secret"), "secret": secret})
        return volumes

    @property
    def _source_dir(self) -> str:
        return f"{SOURCE_DIR}/{self.name}".rstrip("/")

    @property
    def _secret_dir(self) -> str:
        return f"{SECRET_DIR}/{self.name}".rstrip("/")

    def _named(self, kind: str) -> str:
        return f"{self.name}-{kind}" if self.name else kind

    def _source(self) -> dict[str, Any] | None:
        """Return the volume that a pvc:// or configmap:// file is read from."""
        uri = urlsplit(self.uri)
        if uri.scheme == "pvc":
            return {"persistentVolumeClaim": {"claimName": uri.netloc, "readOnly": True}}
        if uri.scheme == "configmap":
            return {"configMap": {"name": uri.netloc}}
        return None


def fetch_all(fetches: Collection[Fetch], image: str) -> dict[str, Any]:
    """Return the one init container that fetches several files, one after the other.

    One, because each costs the start of a container and of Python. Credentials end with it: what
    is fetched may hold code that the pod's other container runs.
    """
    told = json.dumps([fetch.entry() for fetch in fetches], sort_keys=True, separators=(",", ":"))
    mounts = [mount for fetch in fetches for mount in fetch.mounts()]
    return _init_container(image, {"HEADGATE_FETCHES": told}, mounts)


def _init_container(
    image: str, env: dict[str, str], mounts: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "name": "fetch",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "headgate.server.fetch"],
        "env": env_list(env),
        "volumeMounts": [*mounts, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - of the pod
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"memory": "512Mi"},
        },
    }


def _read_only(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "mountPath": path, "readOnly": True}
