"""Artifacts from pvc:// and configmap://, which the pod has mounted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from headgate.server.fetch.incoming import Incoming
from headgate.server.fetch.settings import FetchSettings
from headgate.server.termination import ExitReason, GivingUpError

_CHUNK_BYTES: Final = 1024 * 1024


def mounted_file(settings: FetchSettings) -> Path:
    """Return the file that the URI names below the mount.

    pvc://CLAIM/PATH is the file PATH on the claim. configmap://NAME/KEY is that key's value, and
    configmap://NAME the value of the only key.
    """
    root = settings.source_dir.resolve()
    inner = unquote(settings.uri.path.strip("/"))
    if settings.uri.scheme == "configmap" and not inner:
        inner = _only_key(settings, root)
    if not inner:
        raise _unavailable(settings, "names a claim but no file on it")
    path = root / inner
    try:
        resolved = path.resolve()  # a ConfigMap's keys are links to where Kubernetes keeps them
        if not resolved.is_relative_to(root):
            raise _unavailable(settings, "leads out of its volume")
        if not resolved.is_file():
            kind = (
                "is a folder; expected an archive or a model file"
                if path.is_dir()
                else "isn't there"
            )
            raise _unavailable(settings, f"{kind}{_neighbours(root, settings)}")
    except OSError as error:
        raise _unavailable(settings, f"can't be read: {error}") from error
    return path


def fetch_mounted(settings: FetchSettings, incoming: Incoming) -> str:
    """Copy the file and return its sha256; raises GivingUpError."""
    path = mounted_file(settings)
    try:
        incoming.expect(path.stat().st_size)
        digest, _ = incoming.receive(_chunks(path))
    except OSError as error:
        raise _unavailable(settings, f"can't be read: {error}") from error
    return digest


def _only_key(settings: FetchSettings, root: Path) -> str:
    keys = _keys(root)
    if len(keys) != 1:
        listed = ", ".join(keys) or "none"
        raise _unavailable(
            settings, f"has {len(keys)} keys ({listed}): name one as configmap://NAME/KEY"
        )
    return keys[0]


def _keys(root: Path) -> list[str]:
    try:
        return sorted(path.name for path in root.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _neighbours(root: Path, settings: FetchSettings) -> str:
    keys = _keys(root) if settings.uri.scheme == "configmap" else []
    return f"; the ConfigMap has {', '.join(keys[:20])}" if keys else ""


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _unavailable(settings: FetchSettings, what: str) -> GivingUpError:
    return GivingUpError(ExitReason.ARTIFACT_UNAVAILABLE, f"{settings.shown_uri} {what}")
