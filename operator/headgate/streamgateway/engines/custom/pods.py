"""The pods of a server of one's own, and the configuration that they make. Pure."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from headgate.core.pods import container_security, env_list
from headgate.streamgateway.build.children import (
    edge_budget,
    for_operator,
    network_policy,
    tcp,
)
from headgate.streamgateway.build.owned import EDGE, Gateway, Manifest
from headgate.streamgateway.build.pods import pod_frame
from headgate.streamgateway.build.revision import Revision, named_by_digest
from headgate.streamgateway.engines.custom import contract
from headgate.streamgateway.types import CustomEngine, StreamGatewaySpec

TOKEN = "control"  # noqa: S105 - the key of a Secret
TOKEN_DIGEST = f"{TOKEN}.sha256"
TOKEN_DIR = "/etc/headgate/control"  # noqa: S105 - a mount point
TLS_DIR = "/etc/headgate/tls"
STARTS_WITHIN = 600
"""Seconds until a server that does not come up is started anew."""
PROPAGATION = 3
"""Seconds until no proxy sends clients to a pod that is deleted; only then is it told to end."""
END = 20
"""Seconds from the end of the window to the kill."""


@dataclass(frozen=True)
class _Volume:
    """A volume, and where the server finds it."""

    name: str
    of: dict[str, Any]
    path: str
    read_only: bool = False

    @property
    def source(self) -> dict[str, Any]:
        return {"name": self.name, **self.of}

    @property
    def mount(self) -> dict[str, Any]:
        mount: dict[str, Any] = {"name": self.name, "mountPath": self.path}
        return mount | ({"readOnly": True} if self.read_only else {})


def build_revision(
    gateway: Gateway, spec: StreamGatewaySpec, custom: CustomEngine, token: str
) -> Revision:
    """Return the configuration that a spec and the token make, and nothing secret.

    Servers read the token at their start: with another one, all pods have to be others.
    """
    pod_spec = edge_pod_spec(gateway, spec, custom)
    files = {
        f"{EDGE}.json": json.dumps(pod_spec, sort_keys=True),
        TOKEN_DIGEST: hashlib.sha256(token.encode()).hexdigest(),
    }
    return named_by_digest(files)


def edge_pod_spec(
    gateway: Gateway, spec: StreamGatewaySpec, custom: CustomEngine
) -> dict[str, Any]:
    """Return the pod spec of a server."""
    volumes = _volumes(gateway, spec)
    return {
        "containers": [
            {
                **_server(custom),
                "env": [*_own_env(spec, custom), *(each.dump() for each in custom.env)],
                "resources": spec.resources.dump() if spec.resources is not None else {},
                "volumeMounts": [each.mount for each in volumes],
            }
        ],
        "volumes": [each.source for each in volumes],
        **pod_frame(gateway, EDGE, PROPAGATION + window_seconds(spec) + END),
    }


def protection(gateway: Gateway, edges: int) -> tuple[Manifest, ...]:
    """Return what lets node drains take one pod at a time, and who may reach which port."""
    # By name: pods of the configuration before may have other ports.
    ways_in = [for_operator("control"), {"ports": tcp("websocket")}]
    return (edge_budget(gateway, edges), network_policy(gateway, EDGE, ways_in))


def window_seconds(spec: StreamGatewaySpec) -> int:
    """Return the window in whole seconds, as servers are told it."""
    return max(1, round(spec.drain.window.total_seconds()))


def _server(custom: CustomEngine) -> dict[str, Any]:
    command = {"command": list(custom.command)} if custom.command else {}
    arguments = {"args": list(custom.args)} if custom.args else {}
    return {
        "name": "server",
        "image": custom.image,
        "imagePullPolicy": "IfNotPresent",
        **command,
        **arguments,
        "ports": [
            {"name": "websocket", "containerPort": custom.port},
            {"name": "control", "containerPort": custom.control_port},
        ],
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        # SIGTERM is what drains a server, so that no image needs a program for it, and no pod's
        # spec the token. It comes when proxies know that the pod leaves, as in any drain.
        "lifecycle": {"preStop": {"sleep": {"seconds": PROPAGATION}}},
        "startupProbe": _probe(contract.ALIVE, period=1, failures=STARTS_WITHIN),
        "readinessProbe": _probe(contract.READY, period=2, failures=2),
        "livenessProbe": _probe(contract.ALIVE, period=10, failures=3),
    }


def _own_env(spec: StreamGatewaySpec, custom: CustomEngine) -> list[dict[str, Any]]:
    own = {
        contract.PORT: str(custom.port),
        contract.CONTROL_PORT: str(custom.control_port),
        contract.TOKEN_FILE: f"{TOKEN_DIR}/token",
        contract.WINDOW: str(window_seconds(spec)),
    }
    if _certificate(spec) is not None:
        own[contract.TLS_DIR] = TLS_DIR
    name = {"name": contract.NAME, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    return [name, *env_list(own)]


def _volumes(gateway: Gateway, spec: StreamGatewaySpec) -> list[_Volume]:
    token = {"secretName": gateway.system_name, "items": [{"key": TOKEN, "path": "token"}]}
    volumes = [_Volume("tmp", {"emptyDir": {}}, "/tmp")]  # noqa: S108 - of the pod
    volumes.append(_Volume("control", {"secret": token}, TOKEN_DIR, read_only=True))
    certificate = _certificate(spec)
    if certificate is not None:
        source = {"secret": {"secretName": certificate}}
        volumes.append(_Volume("tls", source, TLS_DIR, read_only=True))
    return volumes


def _certificate(spec: StreamGatewaySpec) -> str | None:
    listener = spec.listeners.websocket
    return None if listener is None or listener.tls is None else listener.tls.secret_name


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "control"},
        "periodSeconds": period,
        "failureThreshold": failures,
        "timeoutSeconds": 3,
    }
