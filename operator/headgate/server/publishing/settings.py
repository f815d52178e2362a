"""Where predictions go, from the environment that the operator gives its pods."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from headgate.server.termination import ExitReason, GivingUpError

_SCHEMES: Final = ("nats", "tls", "ws", "wss")
_SERVER: Final = "HEADGATE_PREDICTIONS_SERVER"
_SUBJECT: Final = "HEADGATE_PREDICTIONS_SUBJECT"
_USER: Final = "HEADGATE_PREDICTIONS_USER"
_PASSWORD_FILE: Final = "HEADGATE_PREDICTIONS_PASSWORD_FILE"  # noqa: S105 - a variable's name
_CA_FILE: Final = "HEADGATE_PREDICTIONS_CA_FILE"


@dataclass(frozen=True, kw_only=True)
class PublishingSettings:
    """A gateway, a subject, and the files with what it takes to be let in."""

    server: str
    subject: str
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    """Who must have signed the gateway's certificate; None: an authority of the system."""

    @property
    def is_encrypted(self) -> bool:
        """Return whether a gateway without TLS is refused."""
        return urlsplit(self.server).scheme in {"tls", "wss"}


def publishing_settings_from(environment: Mapping[str, str]) -> PublishingSettings | None:
    """Read the settings, None where there is no server; GivingUpError names the variable."""
    server = environment.get(_SERVER, "")
    if not server:
        return None
    address = urlsplit(server)
    if address.scheme not in _SCHEMES or not address.hostname or "@" in address.netloc:
        raise _invalid(_SERVER, "expected an address such as nats://predictions.team-a.svc:4222")
    subject = environment.get(_SUBJECT, "")
    if not subject or any(mark in subject for mark in "*> \t\r\n"):
        raise _invalid(_SUBJECT, "expected a subject without * and >, such as predictions.churn")
    user = environment.get(_USER, "")
    if bool(user) != bool(environment.get(_PASSWORD_FILE)):
        raise _invalid(_USER, f"belongs with {_PASSWORD_FILE}: set both, or none")
    return PublishingSettings(
        server=server,
        subject=subject,
        user=user,
        password_file=_path(environment, _PASSWORD_FILE),
        ca_file=_path(environment, _CA_FILE),
    )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name, "")
    return Path(text) if text else None


def _invalid(name: str, message: str) -> GivingUpError:
    return GivingUpError(ExitReason.SETTINGS_INVALID, f"{name}: {message}")
