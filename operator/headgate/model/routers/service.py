"""The Service router: shares by replica counts, and a selector that one write can turn.

A selector without a version reaches every ready pod of the Model; one with a version reaches that
version's alone. So going back is a single write, and goes on working while the operator is down.
"""

from typing import Any

from headgate.core import labels
from headgate.core.names import label_value, service_name
from headgate.model.decide.plan import Route

PORT = 80


def build_service(namespace: str, model: str, route: Route) -> dict[str, Any]:
    """Return the Service of a Model, without its owner."""
    selector = {labels.MODEL: label_value(model)}
    if route.pinned is not None:
        selector[labels.VERSION] = label_value(route.pinned)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": service_name(model), "namespace": namespace},
        "spec": {
            "type": "ClusterIP",
            "selector": selector,
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def url_of(namespace: str, model: str) -> str:
    """Return where a Model serves inside the cluster."""
    return f"http://{service_name(model)}.{namespace}.svc"
