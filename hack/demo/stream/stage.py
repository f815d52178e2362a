"""A namespace with a gateway in it, healthy, and nobody connected yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hack.demo.installation import install
from hack.demo.kubectl import Kubectl, Raw
from hack.demo.stream.acts import Theatre, is_at_rest
from hack.demo.stream.crowd import Crowd
from hack.demo.stream.gateway import Gateway
from headgate.streamgateway.status_types import StreamGatewayStatus

USER, PASSWORD = "subscriber", "example-password"
HEALTHY_SECONDS = 240.0
FEW, MANY = 6, 8
"""Edge pods for 10,500 clients: so few are on each that two processors connect them again in some
seconds, when it crashes."""
RATE = 0.4
"""Messages a second, each to all clients."""
SPEC: Raw = {
    "replicas": FEW,
    "streams": [
        {
            "name": "predictions",
            "subjects": ["predictions.>"],
            "replicas": 3,
            "maxAge": "1h",
            "maxBytes": "256Mi",
        }
    ],
    "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1536Mi"}},
    "drain": {"window": "30s", "deadline": "180s"},
}


@contextmanager
def a_theatre(
    kubectl: Kubectl, namespace: str, on_status: Callable[[StreamGatewayStatus], None]
) -> Iterator[Theatre]:
    """Install the operator, make the namespace anew with a healthy gateway; stop following last."""
    install(kubectl)
    kubectl.run("delete", "namespace", namespace, "--ignore-not-found", "--wait=true")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": namespace, "labels": labels}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    gateway = Gateway(kubectl, namespace, on_status=on_status)
    crowd = Crowd(kubectl, namespace, gateway.url, USER, PASSWORD)
    try:
        gateway.create(SPEC, {USER: PASSWORD})
        gateway.wait("a healthy gateway", HEALTHY_SECONDS, is_at_rest)
        yield Theatre(gateway, crowd)
    finally:
        crowd.close()
        gateway.close()
