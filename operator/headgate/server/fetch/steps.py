"""Bring, check, unpack, and only then show the artifact to the server."""

import shutil
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from headgate.server.fetch.http_source import fetch_http
from headgate.server.fetch.incoming import Incoming
from headgate.server.fetch.mounted_source import fetch_mounted, mounted_file
from headgate.server.fetch.settings import FetchSettings
from headgate.server.fetch.unpack import unpack
from headgate.server.layout import FETCHED_FOLDER, FETCHED_MARKER
from headgate.server.logs import log
from headgate.server.termination import ExitReason, GivingUpError

_WORK_FOLDER: Final = ".incoming"


def fetch(settings: FetchSettings) -> None:
    """Leave the artifact in `model_dir`/current; raises GivingUpError, which names it.

    It can be cut at any point and run again: the folder appears by one rename, with its digest
    in it, and what an earlier run left is thrown away.
    """
    try:
        _fetch(settings)
    except GivingUpError as error:
        if not settings.name:
            raise
        raise GivingUpError(error.reason, f"{settings.name}: {error.message}") from error


def _fetch(settings: FetchSettings) -> None:
    current = settings.model_dir / FETCHED_FOLDER
    marker = current / FETCHED_MARKER
    if marker.is_file() and marker.read_text() == settings.sha256:
        log("artifact is here already", sha256=settings.sha256)
        return
    work = settings.model_dir / _WORK_FOLDER
    try:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(current, ignore_errors=True)
        unpacked = work / "unpacked"
        unpacked.mkdir(parents=True)
        incoming = Incoming(work / "artifact", settings.limits.artifact_bytes)
        _require_digest(settings, _brought(settings, incoming))
        unpack(incoming.path, _name(settings), unpacked, settings.limits)
        (unpacked / FETCHED_MARKER).write_text(settings.sha256)
        unpacked.rename(current)
    except OSError as error:  # a full or read-only volume
        raise GivingUpError(ExitReason.ARTIFACT_UNAVAILABLE, f"can't be stored: {error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    log("artifact fetched", uri=settings.shown_uri, sha256=settings.sha256)


def _brought(settings: FetchSettings, incoming: Incoming) -> str:
    match settings.uri.scheme:
        case "http" | "https":
            return fetch_http(settings, incoming)
        case "s3":
            from headgate.server.fetch.s3_source import fetch_s3

            return fetch_s3(settings, incoming)
        case _:
            return fetch_mounted(settings, incoming)


def _require_digest(settings: FetchSettings, digest: str) -> None:
    if digest != settings.sha256:
        raise GivingUpError(
            ExitReason.DIGEST_MISMATCH,
            f"{settings.shown_uri} has sha256 {digest}, expected {settings.sha256}",
        )


def _name(settings: FetchSettings) -> str:
    """Return the file name that tells how to unpack it."""
    if settings.uri.scheme in {"pvc", "configmap"}:
        return mounted_file(settings).name
    return Path(unquote(settings.uri.path)).name
