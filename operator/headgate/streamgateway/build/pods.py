"""The pods of edge and core: nats-server, with nothing but its own program in the image."""

from collections.abc import Mapping
from typing import Any

from headgate.core import labels
from headgate.core.pods import container_security, pod_security
from headgate.streamgateway.build.owned import CORE, EDGE, Gateway, Manifest, owner_of
from headgate.streamgateway.engines.nats import settings
from headgate.streamgateway.types import StreamGatewaySpec

WEBSOCKET_PORT = 8080
CONFIG = "config"
"""The volume with what servers read, in a pod spec and its containers."""
CONFIG_DIR = "/etc/nats"
TLS_DIRS = {"websocket": "/etc/nats-tls/websocket", "nats": "/etc/nats-tls/nats"}
STARTS_WITHIN = 600
"""Seconds until a server that does not come up is started anew: catching up takes long."""
JETSTREAM_ALONE = "/healthz?js-server-only=true"
END = 20
"""Seconds from the end of the lame duck to the kill."""


def edge_pod_spec(gateway: Gateway, spec: StreamGatewaySpec, image: str) -> dict[str, Any]:
    """Return the pod spec of an edge, but for the volume with its configuration."""
    listeners = spec.listeners
    ports = [("monitoring", settings.MONITORING_PORT), ("routes", settings.ROUTES_PORT)]
    if listeners.websocket is not None:
        ports.append(("websocket", WEBSOCKET_PORT))
    if listeners.nats is not None:
        ports.append(("nats", settings.CLIENT_PORT))
    resources = spec.resources.dump() if spec.resources is not None else {}
    return {
        "containers": [
            {
                **_server(image, ports, started="/healthz", ready="/healthz"),
                "resources": resources,
                "volumeMounts": [*_mounts(), *_tls_mounts(spec)],
            }
        ],
        "volumes": [*_volumes(), *_tls_volumes(spec)],
        **pod_frame(gateway, EDGE, _grace(spec)),
    }


def core_pod_spec(gateway: Gateway, spec: StreamGatewaySpec, image: str) -> dict[str, Any]:
    """Return the pod spec of a server of the core, but for the volume with its configuration."""
    ports = [
        ("monitoring", settings.MONITORING_PORT),
        ("routes", settings.ROUTES_PORT),
        ("nats", settings.CLIENT_PORT),
    ]
    data = {"name": "data", "mountPath": settings.STORE_DIR}
    volumes = _volumes()
    if spec.storage is None:
        volumes.append({"name": "data", "emptyDir": {}})
    return {
        "containers": [
            {
                # The next server is not restarted before this one has caught up with every stream.
                **_server(image, ports, started="/healthz", ready=JETSTREAM_ALONE),
                "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
                "volumeMounts": [*_mounts(), data],
            }
        ],
        "volumes": volumes,
        **pod_frame(gateway, CORE, _grace(spec)),
    }


def with_config(pod_spec: Mapping[str, Any], secret: str, role: str) -> dict[str, Any]:
    """Return a pod spec with the Secret that its servers read; as it is where none reads one."""
    mounts = (mount for each in pod_spec["containers"] for mount in each["volumeMounts"])
    if not any(mount["name"] == CONFIG for mount in mounts):
        return dict(pod_spec)
    volume = {
        "name": CONFIG,
        "secret": {"secretName": secret, "items": [{"key": f"{role}.conf", "path": "nats.conf"}]},
    }
    return {**pod_spec, "volumes": [volume, *pod_spec["volumes"]]}


def edge_pod(
    gateway: Gateway, name: str, revision: str, pod_spec: Mapping[str, Any]
) -> Manifest:
    """Return an edge pod. It is created, never applied: whoever cordons it writes its label."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": gateway.namespace,
            "labels": {
                labels.MANAGED_BY: labels.MANAGER,
                **gateway.selector(EDGE),
                labels.REVISION: revision,
                labels.SERVING: labels.SERVING_OPEN,
            },
            "ownerReferences": [owner_of(gateway)],
        },
        "spec": with_config(pod_spec, gateway.config_name(revision), EDGE),
    }


def _server(
    image: str, ports: list[tuple[str, int]], *, started: str, ready: str
) -> dict[str, Any]:
    return {
        "name": "nats",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["nats-server"],
        "args": ["--config", f"{CONFIG_DIR}/nats.conf"],
        "env": [
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": settings.SERVER_NAME_VARIABLE, "value": settings.SERVER_NAME_VALUE},
        ],
        "ports": [{"name": name, "containerPort": port} for name, port in ports],
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "lifecycle": {
            "preStop": {
                "exec": {"command": ["nats-server", "--signal", f"ldm={settings.PID_FILE}"]}
            }
        },
        "startupProbe": _probe(started, period=1, failures=STARTS_WITHIN),
        "readinessProbe": _probe(ready, period=2, failures=2),
        "livenessProbe": _probe("/", period=10, failures=3),
    }


def pod_frame(gateway: Gateway, role: str, grace: int) -> dict[str, Any]:
    """Return what all pods of a role have around their container; `grace` is in seconds."""
    return {
        "securityContext": pod_security(),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": grace,
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "podAffinityTerm": {
                            "topologyKey": "kubernetes.io/hostname",
                            "labelSelector": {"matchLabels": gateway.selector(role)},
                        },
                    }
                ]
            }
        },
    }


def lame_duck(spec: StreamGatewaySpec) -> settings.Drain:
    """Return how a server that is deleted lets its clients go."""
    return settings.Drain(window=spec.drain.window)


def _grace(spec: StreamGatewaySpec) -> int:
    return int(lame_duck(spec).duration.total_seconds()) + END


def _mounts() -> list[dict[str, Any]]:
    return [
        {"name": CONFIG, "mountPath": CONFIG_DIR, "readOnly": True},
        {"name": "run", "mountPath": settings.PID_FILE.rpartition("/")[0]},
    ]


def _volumes() -> list[dict[str, Any]]:
    return [{"name": "run", "emptyDir": {"sizeLimit": "1Mi"}}]


def _tls_secrets(spec: StreamGatewaySpec) -> dict[str, str]:
    found = {"websocket": spec.listeners.websocket, "nats": spec.listeners.nats}
    return {
        name: listener.tls.secret_name
        for name, listener in found.items()
        if listener is not None and listener.tls is not None
    }


def _tls_mounts(spec: StreamGatewaySpec) -> list[dict[str, Any]]:
    return [
        {"name": f"tls-{name}", "mountPath": TLS_DIRS[name], "readOnly": True}
        for name in _tls_secrets(spec)
    ]


def _tls_volumes(spec: StreamGatewaySpec) -> list[dict[str, Any]]:
    return [
        {"name": f"tls-{name}", "secret": {"secretName": secret}}
        for name, secret in _tls_secrets(spec).items()
    ]


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "monitoring"},
        "periodSeconds": period,
        "failureThreshold": failures,
        "timeoutSeconds": 3,
    }
