"""Artifacts from s3://BUCKET/KEY, on AWS or anything that speaks S3."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from headgate.server.fetch.addresses import checked_addresses
from headgate.server.fetch.incoming import Incoming
from headgate.server.fetch.settings import FetchSettings
from headgate.server.termination import ExitReason, GivingUpError

if TYPE_CHECKING:
    from obstore.store import S3Store

_CHUNK_BYTES: Final = 4 * 1024 * 1024
_WHOLE_SECONDS: Final = 3600
_KEY_ID: Final = "AWS_ACCESS_KEY_ID"
_KEY: Final = "AWS_SECRET_ACCESS_KEY"
_TOKEN: Final = "AWS_SESSION_TOKEN"  # noqa: S105  (the name of a key in a Secret)


def fetch_s3(settings: FetchSettings, incoming: Incoming) -> str:
    """Bring the object and return its sha256; raises GivingUpError."""
    from obstore.exceptions import BaseError

    key = unquote(settings.uri.path.lstrip("/"))
    if not key:
        raise _unavailable(settings, "names a bucket but no key")
    try:
        store = _store(settings)
        result = store.get(key)
        incoming.expect(result.meta["size"])
        digest, size = incoming.receive(_chunks(result))
    except (BaseError, OSError, ValueError) as error:
        raise _unavailable(settings, f"can't be read: {_first_line(error)}") from error
    if size != result.meta["size"]:
        raise _unavailable(settings, f"ended after {size} of {result.meta['size']} bytes")
    return digest


def _store(settings: FetchSettings) -> "S3Store":
    from obstore.store import S3Store

    secret = _secret(settings.secret_dir)
    endpoint = secret.get("AWS_ENDPOINT_URL")
    if endpoint:
        _check_endpoint(endpoint, settings)
    options: dict[str, Any] = {"region": secret.get("AWS_REGION", "us-east-1")}
    if endpoint:
        options["endpoint"] = endpoint
    if _KEY_ID in secret:
        options["access_key_id"] = secret[_KEY_ID]
        options["secret_access_key"] = secret.get(_KEY, "")
        if _TOKEN in secret:
            options["session_token"] = secret[_TOKEN]
    else:
        # or it would ask the cloud's metadata service for the node's own identity
        options["skip_signature"] = True
    return S3Store(
        settings.uri.netloc,
        **options,
        client_options={
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "connect_timeout": timedelta(seconds=10),
            "timeout": timedelta(seconds=_WHOLE_SECONDS),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=60)},
    )


def _check_endpoint(endpoint: str, settings: FetchSettings) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise GivingUpError(
            ExitReason.SETTINGS_INVALID,
            "AWS_ENDPOINT_URL in the Secret: expected http:// or https:// and a host",
        )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    checked_addresses(parts.hostname, port, settings.allowed_networks)


def _secret(folder: Path) -> dict[str, str]:
    names = (_KEY_ID, _KEY, _TOKEN, "AWS_REGION", "AWS_ENDPOINT_URL")
    for name in names:
        os.environ.pop(name, None)  # obstore would read it; only the version's own Secret counts
    files = ((name, folder / name) for name in names)
    return {name: path.read_text().strip() for name, path in files if path.is_file()}


def _chunks(result: Any) -> Iterator[bytes]:
    for chunk in result.stream(min_chunk_size=_CHUNK_BYTES):
        yield bytes(chunk)


def _unavailable(settings: FetchSettings, what: str) -> GivingUpError:
    return GivingUpError(ExitReason.ARTIFACT_UNAVAILABLE, f"{settings.shown_uri} {what}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:400]
