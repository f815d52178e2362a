"""A configuration as one immutable Secret: what the servers read, and what pods are made of.

Pods of an earlier configuration are made from its Secret, so that going back needs no memory of
the spec of that time.
"""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from headgate.core import labels
from headgate.core.quantities import parse_quantity
from headgate.streamgateway.build.owned import CORE, EDGE, Gateway, Manifest, owned
from headgate.streamgateway.build.pods import (
    TLS_DIRS,
    WEBSOCKET_PORT,
    core_pod_spec,
    edge_pod_spec,
    lame_duck,
)
from headgate.streamgateway.engines.nats.config import core_config, edge_config
from headgate.streamgateway.engines.nats.settings import (
    CLIENT_PORT,
    ROUTES_PORT,
    ClusterSettings,
    CoreSettings,
    EdgeSettings,
    InternalSecrets,
    Ports,
    Tls,
)
from headgate.streamgateway.engines.nats.users import User
from headgate.streamgateway.types import Listener, StreamGatewaySpec

OWN = "own.json"
"""The key of a configuration's Secret with the passwords that servers know each other by."""
DIGITS = 10
LEAST = 3
FOR_STREAMS = 0.9
"""Of a disk: the rest is for the servers' own records."""
WITHOUT_DISK = 1024**3


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A configuration and its name."""

    name: str
    files: dict[str, str]
    """By key of the Secret."""

    def pod_spec(self, role: str) -> dict[str, Any]:
        """Return what pods of a role are made of."""
        return read_pod_spec(self.files, role)


def read_pod_spec(files: dict[str, str], role: str) -> dict[str, Any]:
    """Return what pods of a role are made of, from the content of a configuration's Secret."""
    spec: dict[str, Any] = json.loads(files[f"{role}.json"])
    return spec


def core_size(spec: StreamGatewaySpec) -> int:
    """Return how many servers the core has: three, or five where a stream has five copies.

    None where a server of one's own holds the clients: what it keeps is its own matter.
    Also without a stream, or with one copy of each: a lone server among edges elects no leader, and
    streams may come later.
    """
    if spec.engine.custom is not None:
        return 0
    return max((LEAST, *(stream.replicas for stream in spec.streams)))


def build_revision(
    gateway: Gateway,
    spec: StreamGatewaySpec,
    *,
    image: str,
    users: tuple[User, ...],
    secrets: InternalSecrets,
) -> Revision:
    """Return the configuration that a spec, its users and our own passwords make."""
    cluster = ClusterSettings(
        name=gateway.name,
        routes=tuple(
            f"{gateway.core_name}-{ordinal}.{gateway.core_name}:{ROUTES_PORT}"
            for ordinal in range(core_size(spec))
        ),
        secrets=secrets,
        users=users,
        allow_anonymous=spec.auth is not None and spec.auth.allow_anonymous,
        drain=lame_duck(spec),
    )
    listeners = spec.listeners
    edge = EdgeSettings(
        cluster=cluster,
        ports=Ports(
            client=CLIENT_PORT if listeners.nats is not None else None,
            websocket=WEBSOCKET_PORT if listeners.websocket is not None else None,
        ),
        client_tls=_tls("nats", listeners.nats),
        websocket_tls=_tls("websocket", listeners.websocket),
    )
    files = {
        "core.conf": core_config(CoreSettings(cluster=cluster, store_bytes=store_bytes(spec))),
        "edge.conf": edge_config(edge),
        "core.json": json.dumps(core_pod_spec(gateway, spec, image), sort_keys=True),
        "edge.json": json.dumps(edge_pod_spec(gateway, spec, image), sort_keys=True),
        OWN: json.dumps(asdict(secrets), sort_keys=True),
    }
    return named_by_digest(files)


def named_by_digest(files: dict[str, str]) -> Revision:
    """Return a configuration by the name that its content gives it."""
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    return Revision(name=digest[:DIGITS], files=files)


def config_secret(gateway: Gateway, revision: Revision) -> Manifest:
    """Return the Secret of a configuration."""
    return owned(
        gateway,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "immutable": True,
            "metadata": {
                "name": gateway.config_name(revision.name),
                "labels": {labels.REVISION: revision.name},
            },
            "data": {
                key: base64.b64encode(text.encode()).decode()
                for key, text in sorted(revision.files.items())
            },
        },
    )


def files_of(secret: Manifest) -> dict[str, str]:
    """Return the files of a configuration's Secret."""
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def store_bytes(spec: StreamGatewaySpec) -> int:
    """Return what streams may fill on each server of the core."""
    if spec.storage is None:
        return WITHOUT_DISK
    return int(float(parse_quantity(spec.storage.size)) * FOR_STREAMS)


def _tls(name: str, listener: Listener | None) -> Tls | None:
    if listener is None or listener.tls is None:
        return None
    folder = TLS_DIRS[name]
    return Tls(certificate=f"{folder}/tls.crt", key=f"{folder}/tls.key")


__all__ = ["CORE", "EDGE", "Revision", "build_revision", "config_secret", "files_of"]
