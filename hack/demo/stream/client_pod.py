"""A script in a pod: it comes by a ConfigMap, Python and the client from the operator's image."""

from collections.abc import Sequence
from pathlib import Path

from hack.demo.installation import image_of
from hack.demo.kubectl import ROOT, Raw

SCRIPT = ROOT / "tests" / "load" / "stream" / "in_pod.py"
"""Subscribers, or a publisher, with a ledger."""
SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def script_manifests(
    name: str, script: Path, arguments: Sequence[str], user: str, password: str
) -> list[Raw]:
    """Return a pod that runs a script as a user of a gateway, and the script's ConfigMap."""
    login = {"GATEWAY_USER": user, "GATEWAY_PASSWORD": password}
    container = {
        "name": name,
        "image": image_of("operator"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", f"/load/{script.name}", *arguments],
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
    data = {script.name: script.read_text()}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec},
    ]
