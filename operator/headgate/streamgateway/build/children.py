"""Services, the core's StatefulSet, and what protects the pods."""

from collections.abc import Mapping
from typing import Any

from headgate.core import labels
from headgate.streamgateway.build.owned import CORE, EDGE, Gateway, Manifest, owned
from headgate.streamgateway.build.pods import WEBSOCKET_PORT, with_config
from headgate.streamgateway.engines.nats.settings import CLIENT_PORT, MONITORING_PORT, ROUTES_PORT
from headgate.streamgateway.types import StreamGatewaySpec

OPERATOR = {"app.kubernetes.io/name": "headgate-operator"}


def client_service(gateway: Gateway, spec: StreamGatewaySpec) -> Manifest:
    """Return the Service that clients connect to: edge pods that are not leaving."""
    listeners = {"websocket": spec.listeners.websocket, "nats": spec.listeners.nats}
    return _service(
        gateway,
        gateway.name,
        {
            "type": spec.listeners.service_type.value,
            "selector": {**gateway.selector(EDGE), labels.SERVING: labels.SERVING_OPEN},
            "ports": [
                {"name": name, "port": listener.port, "targetPort": name, "protocol": "TCP"}
                for name, listener in listeners.items()
                if listener is not None
            ],
        },
    )


def core_service(gateway: Gateway) -> Manifest:
    """Return the headless Service by which servers find the core, before it is ready too."""
    ports = {"nats": CLIENT_PORT, "routes": ROUTES_PORT}
    return _service(
        gateway,
        gateway.core_name,
        {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": gateway.selector(CORE),
            "ports": [
                {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
                for name, port in ports.items()
            ],
        },
    )


def core_set(
    gateway: Gateway,
    spec: StreamGatewaySpec,
    *,
    size: int,
    revision: str,
    pod_spec: Mapping[str, Any],
) -> Manifest:
    """Return the StatefulSet of the core."""
    pod_labels = {labels.MANAGED_BY: labels.MANAGER, **gateway.selector(CORE)}
    claims = [] if spec.storage is None else [_claim(spec.storage.size, spec.storage.class_name)]
    return owned(
        gateway,
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": gateway.core_name, "labels": {labels.REVISION: revision}},
            "spec": {
                "replicas": size,
                "serviceName": gateway.core_name,
                "podManagementPolicy": "Parallel",
                "selector": {"matchLabels": gateway.selector(CORE)},
                "template": {
                    "metadata": {"labels": {**pod_labels, labels.REVISION: revision}},
                    "spec": with_config(pod_spec, gateway.config_name(revision), CORE),
                },
                **({"volumeClaimTemplates": claims} if claims else {}),
            },
        },
    )


def protection(gateway: Gateway, edges: int) -> tuple[Manifest, ...]:
    """Return what lets node drains take one pod at a time, and who may reach which port."""
    return (
        edge_budget(gateway, edges),
        _budget(gateway, CORE, maxUnavailable=1),
        network_policy(gateway, EDGE, _ways_in(gateway, [WEBSOCKET_PORT, CLIENT_PORT])),
        network_policy(gateway, CORE, _ways_in(gateway, [])),
    )


def _service(gateway: Gateway, name: str, spec: dict[str, Any]) -> Manifest:
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
    return owned(gateway, manifest)


def _claim(size: str, class_name: str | None) -> dict[str, Any]:
    chosen = {"storageClassName": class_name} if class_name is not None else {}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
            **chosen,
        },
    }


def edge_budget(gateway: Gateway, edges: int) -> Manifest:
    """Return what lets node drains take a pod where the others are those that are wanted, but one.

    Not maxUnavailable: Kubernetes would count against spec.replicas, by which load does not go.
    """
    return _budget(gateway, EDGE, minAvailable=max(0, edges - 1))


def _budget(gateway: Gateway, role: str, **limit: int) -> Manifest:
    return owned(
        gateway,
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": f"{gateway.name}-{role}"},
            "spec": {**limit, "selector": {"matchLabels": gateway.selector(role)}},
        },
    )


def network_policy(gateway: Gateway, role: str, ways_in: list[dict[str, Any]]) -> Manifest:
    """Return who may reach the pods of a role, and nobody else may."""
    return owned(
        gateway,
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"{gateway.name}-{role}"},
            "spec": {
                "podSelector": {"matchLabels": gateway.selector(role)},
                "policyTypes": ["Ingress"],
                "ingress": ways_in,
            },
        },
    )


def for_operator(*ports: int | str) -> dict[str, Any]:
    """Return the way in for the operator alone, wherever it runs."""
    operator = {"namespaceSelector": {}, "podSelector": {"matchLabels": OPERATOR}}
    return {"from": [operator], "ports": tcp(*ports)}


def tcp(*ports: int | str) -> list[dict[str, Any]]:
    """Return ports as a NetworkPolicy lists them, by number or by the name that a pod gives."""
    return [{"protocol": "TCP", "port": port} for port in ports]


def _ways_in(gateway: Gateway, open_ports: list[int]) -> list[dict[str, Any]]:
    """Clients reach the open ports; the gateway's own pods the routes; the operator the rest."""
    own = {"podSelector": {"matchLabels": {labels.GATEWAY: gateway.name}}}
    ways: list[dict[str, Any]] = [
        {"from": [own], "ports": tcp(ROUTES_PORT)},
        for_operator(MONITORING_PORT, CLIENT_PORT),
    ]
    if open_ports:
        ways.append({"ports": tcp(*open_ports)})
    return ways
