"""What a server needs in its pod to publish predictions: variables, and the files they name.

All of it comes from the Model's own spec, so that nothing that happens to a gateway changes a pod.
"""

from dataclasses import dataclass
from typing import Any

from headgate.model.predictions_types import Predictions

VOLUME = "predictions"
FOLDER = "/predictions"
PASSWORD = "password"  # noqa: S105 - a file's name
AUTHORITY = "ca.crt"


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """Predictions of a Model in a namespace."""

    namespace: str
    predictions: Predictions

    def env(self) -> dict[str, str]:
        """Return the server's variables."""
        gateway, user = self.predictions.stream_gateway, self.predictions.user
        scheme = "nats" if self.predictions.tls is None else "tls"
        env = {
            "HEADGATE_PREDICTIONS_SERVER": (
                f"{scheme}://{gateway.name}.{self.namespace}.svc:{gateway.port}"
            ),
            "HEADGATE_PREDICTIONS_SUBJECT": self.predictions.subject,
        }
        if user is not None:
            env["HEADGATE_PREDICTIONS_USER"] = user.name
            env["HEADGATE_PREDICTIONS_PASSWORD_FILE"] = f"{FOLDER}/{PASSWORD}"
        if self._authority() is not None:
            env["HEADGATE_PREDICTIONS_CA_FILE"] = f"{FOLDER}/{AUTHORITY}"
        return env

    def mounts(self) -> list[dict[str, Any]]:
        """Return what the server's container mounts."""
        if not self._sources():
            return []
        return [{"name": VOLUME, "mountPath": FOLDER, "readOnly": True}]

    def volumes(self) -> list[dict[str, Any]]:
        """Return the volume with the files."""
        sources = self._sources()
        return [{"name": VOLUME, "projected": {"sources": sources}}] if sources else []

    def _sources(self) -> list[dict[str, Any]]:
        user, authority = self.predictions.user, self._authority()
        sources = []
        if user is not None:
            sources.append(_one_key(user.secret_ref.name, user.name, PASSWORD))
        if authority is not None:
            sources.append(_one_key(authority, AUTHORITY, AUTHORITY))
        return sources

    def _authority(self) -> str | None:
        tls = self.predictions.tls
        return tls.ca_secret_ref.name if tls is not None and tls.ca_secret_ref is not None else None


def _one_key(secret: str, key: str, path: str) -> dict[str, Any]:
    """Return one key of a Secret as a file; a pod starts and serves without it as well."""
    return {"secret": {"name": secret, "optional": True, "items": [{"key": key, "path": path}]}}
