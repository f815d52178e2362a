"""What to fetch, from the environment that the operator gives the init container."""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from headgate.server.termination import ExitReason, GivingUpError

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SCHEMES: Final = ("http", "https", "s3", "pvc", "configmap")
_KEYS: Final = {
    "HEADGATE_ARTIFACT_URI": "uri",
    "HEADGATE_ARTIFACT_SHA256": "sha256",
    "HEADGATE_MODEL_DIR": "folder",
    "HEADGATE_SOURCE_DIR": "source",
    "HEADGATE_SECRET_DIR": "secret",
    "HEADGATE_MAX_ARTIFACT_BYTES": "mostBytes",
    "HEADGATE_MAX_UNPACKED_BYTES": "mostBytes",
}
_GIBIBYTE: Final = 1024**3
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an artifact may take, so that a wrong or hostile one fills neither disk nor memory."""

    artifact_bytes: int = 2 * _GIBIBYTE
    unpacked_bytes: int = 4 * _GIBIBYTE
    members: int = 10_000


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """One fetch; docs/reference/model-server.md describes each setting."""

    uri: SplitResult
    sha256: str
    model_dir: Path
    secret_dir: Path
    source_dir: Path
    limits: Limits
    allowed_networks: tuple[Network, ...] = ()
    name: str = ""
    """Which of several it is, for messages."""
    secret_field: str = "artifact.secretRef"  # noqa: S105  (a field's name)
    """Where the spec names the Secret, for messages."""

    @property
    def shown_uri(self) -> str:
        """The URI for messages: a query may hold a signature."""
        return self.uri._replace(query="", fragment="").geturl()


def all_fetches_from(environment: Mapping[str, str]) -> tuple[FetchSettings, ...]:
    """Read the settings of every fetch of a pod; raises GivingUpError that names the variable.

    HEADGATE_FETCHES lists several as JSON objects; without it there is one.
    """
    text = environment.get("HEADGATE_FETCHES", "")
    if not text:
        return (fetch_settings_from(environment),)
    try:
        entries = [dict(entry) for entry in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise _invalid(f"HEADGATE_FETCHES: expected a list of JSON objects: {error}") from None
    return tuple(_of_several(environment, entry) for entry in entries)


def _of_several(environment: Mapping[str, str], entry: Mapping[str, str]) -> FetchSettings:
    own = {variable: entry[key] for variable, key in _KEYS.items() if key in entry}
    settings = fetch_settings_from({**environment, **own})
    field = entry.get("secretField", settings.secret_field)
    return replace(settings, name=entry.get("name", ""), secret_field=field)


def fetch_settings_from(environment: Mapping[str, str]) -> FetchSettings:
    """Read the settings; raises GivingUpError that names the variable."""
    sha256 = environment.get("HEADGATE_ARTIFACT_SHA256", "").removeprefix("sha256:")
    if not _SHA256.fullmatch(sha256):
        raise _invalid("HEADGATE_ARTIFACT_SHA256: expected 64 hexadecimal digits")
    defaults = Limits()
    return FetchSettings(
        uri=_uri(environment.get("HEADGATE_ARTIFACT_URI", "")),
        sha256=sha256,
        model_dir=Path(environment.get("HEADGATE_MODEL_DIR", "/model")),
        secret_dir=Path(environment.get("HEADGATE_SECRET_DIR", "/secret")),
        source_dir=Path(environment.get("HEADGATE_SOURCE_DIR", "/source")),
        limits=Limits(
            artifact_bytes=_bytes(
                environment, "HEADGATE_MAX_ARTIFACT_BYTES", defaults.artifact_bytes
            ),
            unpacked_bytes=_bytes(
                environment, "HEADGATE_MAX_UNPACKED_BYTES", defaults.unpacked_bytes
            ),
            members=_bytes(environment, "HEADGATE_MAX_MEMBERS", defaults.members),
        ),
        allowed_networks=_networks(environment.get("HEADGATE_ALLOWED_NETWORKS", "")),
    )


def _uri(text: str) -> SplitResult:
    try:
        uri = urlsplit(text)
        _ = uri.port  # parsed when asked for
    except ValueError as error:
        raise _invalid(f"HEADGATE_ARTIFACT_URI: {error}") from None
    if uri.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise _invalid(f"HEADGATE_ARTIFACT_URI: expected one of {known}, got {uri.scheme!r}")
    if not uri.hostname:
        raise _invalid("HEADGATE_ARTIFACT_URI: has no host, bucket, claim or ConfigMap name")
    if uri.username is not None or uri.password is not None:
        raise _invalid("HEADGATE_ARTIFACT_URI: credentials belong in the Secret of secretRef")
    if any(part == ".." for part in uri.path.split("/")):
        raise _invalid("HEADGATE_ARTIFACT_URI: `..` has no place in a path")
    return uri


def _bytes(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise _invalid(f"{name}: expected a positive number, got {text!r}")
    return int(text)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in text.split(",") if part)
    except ValueError as error:
        raise _invalid(f"HEADGATE_ALLOWED_NETWORKS: {error}") from None


def _invalid(message: str) -> GivingUpError:
    return GivingUpError(ExitReason.SETTINGS_INVALID, message)
