"""What every runtime's pods have in common: images, grace, the artifact."""

from dataclasses import dataclass
from typing import Any

from headgate.core.pods import Fetch
from headgate.modelversion.types import ModelVersionSpec

PORT = 8080
PRE_STOP_SECONDS = 5
DRAIN_SECONDS = 30
# preStop + the server's drain + a margin: a pod is never killed while it still answers.
GRACE_SECONDS = PRE_STOP_SECONDS + DRAIN_SECONDS + 10
MODEL_DIR = "/model"


@dataclass(frozen=True, kw_only=True)
class ServingImages:
    """The images of this release that serving pods are built from."""

    server: str


def stop_gently() -> dict[str, Any]:
    """Return the lifecycle that keeps a pod serving until proxies know that it leaves."""
    return {"preStop": {"sleep": {"seconds": PRE_STOP_SECONDS}}}


def resources_of(spec: ModelVersionSpec) -> dict[str, Any]:
    """Return the container resources that a version asks for."""
    return spec.resources.dump()


def fetch_container(spec: ModelVersionSpec, images: ServingImages) -> dict[str, Any] | None:
    """Return the init container that fetches the artifact and checks its digest."""
    fetch = _fetch(spec)
    return fetch.init_container(images.server) if fetch is not None else None


def volumes_of(spec: ModelVersionSpec) -> list[dict[str, Any]]:
    """Return the volumes that fetching and serving need."""
    fetch = _fetch(spec)
    return [{"name": "tmp", "emptyDir": {}}, *(fetch.volumes() if fetch is not None else ())]


def _fetch(spec: ModelVersionSpec) -> Fetch | None:
    artifact = spec.artifact
    if artifact is None:
        return None
    secret = artifact.secret_ref.name if artifact.secret_ref is not None else None
    return Fetch(uri=artifact.uri, sha256=artifact.sha256, secret=secret, folder=MODEL_DIR)
