"""The cluster's DNS as the API server knows it: CoreDNS itself runs on the node, not in a pod."""

from __future__ import annotations

import json
from typing import Any

from hack.cluster.slots import Slot

NAME = "kube-dns"
NAMESPACE = "kube-system"
USER = "system:coredns"


def dns_objects(slot: Slot) -> str:
    """Return the Service that pods ask, where it leads, and what CoreDNS may read."""
    rbac = "rbac.authorization.k8s.io"
    readable = [
        {"apiGroups": [""], "resources": ["services", "pods", "namespaces"],
         "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"],
         "verbs": ["list", "watch"]},
    ]  # fmt: skip
    items: list[dict[str, Any]] = [
        _service(slot),
        _endpoints(slot),
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": USER},
            "rules": readable,
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": USER},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": USER},
            "subjects": [{"apiGroup": rbac, "kind": "User", "name": USER}],
        },
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def _ports() -> list[dict[str, Any]]:
    return [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]


def _service(slot: Slot) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"k8s-app": NAME}},
        "spec": {"clusterIP": str(slot.dns_address), "ports": _ports()},
    }


def _endpoints(slot: Slot) -> dict[str, Any]:
    labels = {
        "kubernetes.io/service-name": NAME,
        "endpointslice.kubernetes.io/managed-by": "headgate-cluster",
    }
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [str(slot.node_address)], "conditions": {"ready": True}}],
        "ports": _ports(),
    }
