"""A pod full of clients: the script comes by a ConfigMap, Python from the operator's image."""

from collections.abc import Sequence

from hack.demo.installation import image_of
from hack.demo.kubectl import ROOT, Raw

SCRIPT = ROOT / "tests" / "load" / "stream" / "in_pod.py"
SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def client_manifests(name: str, arguments: Sequence[str], user: str, password: str) -> list[Raw]:
    """Return the ConfigMap and the Pod, both of that name."""
    login = {"GATEWAY_USER": user, "GATEWAY_PASSWORD": password}
    container = {
        "name": "clients",
        "image": image_of("operator"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "/load/in_pod.py", *arguments],
        "env": [{"name": key, "value": value} for key, value in login.items()],
        "securityContext": SECURITY,
        "volumeMounts": [{"name": "load", "mountPath": "/load"}],
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "load", "configMap": {"name": name}}],
    }
    script = {"in_pod.py": SCRIPT.read_text()}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": script},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec},
    ]
