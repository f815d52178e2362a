"""What it takes to be let in by a gateway, read from mounted files each time it is needed.

The kubelet writes changed Secrets into running pods, so a new password needs no new pod.
"""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from headgate.server.publishing.settings import PublishingSettings

_BCRYPT: Final = re.compile(r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$")


class CredentialsMissingError(Exception):
    """A file is not there or cannot be used; it may come."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A user's name and password, and whom to trust."""

    user: str | None
    password: str | None = field(repr=False)
    tls: ssl.SSLContext | None = field(repr=False)


def read_credentials(settings: PublishingSettings) -> Credentials:
    """Read the files that the settings name; CredentialsMissingError says what is missing."""
    return Credentials(
        user=settings.user or None,
        password=_password(settings.user, settings.password_file),
        tls=_trust(settings),
    )


def _password(user: str, path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        password = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsMissingError(
            f"no password of {user} in {path} ({_why(error)}): the Secret that "
            f"spec.predictions.user.secretRef names is not there, or has no key {user}"
        ) from error
    if _BCRYPT.match(password):
        raise CredentialsMissingError(
            f"{path} holds a bcrypt hash: whoever connects needs the password itself. Name a "
            "Secret that has it in spec.predictions.user.secretRef"
        )
    return password


def _trust(settings: PublishingSettings) -> ssl.SSLContext | None:
    if not settings.is_encrypted:
        return None
    path = settings.ca_file
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise CredentialsMissingError(
            f"no certificate authority in {path} ({_why(error)}): the Secret that "
            "spec.predictions.tls.caSecretRef names is not there, or its key ca.crt has none"
        ) from error


def _why(error: Exception) -> str:
    # not the text of a decoding error: it shows what it could not decode
    return (error.strerror or "unreadable") if isinstance(error, OSError) else "unreadable"
