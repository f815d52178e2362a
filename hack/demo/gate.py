"""The demo's second story: five versions that have to prove themselves before they serve."""

import time
from collections.abc import Callable
from typing import Any

from hack.demo.kubectl import ROOT, Kubectl
from hack.demo.screen import Screen

NAMESPACE = "headgate-demo-gate"
EXAMPLE = ROOT / "examples" / "02-validation"
MODEL = "digits"
SECONDS = 240
POLL_SECONDS = 0.5
WHAT = {
    "digits-v1": "the first version",
    "digits-v2": "better than v1",
    "digits-v3": "worse than v1",
    "digits-v4": "meets other data than it was made for",
    "digits-v5": "has 40 rows to prove itself",
}


class GateError(Exception):
    """A verdict that was waited for did not come."""


def show_gate(kubectl: Kubectl, screen: Screen) -> dict[str, str]:
    """Play the story; return the verdict on each version."""
    kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
    manifests = kubectl.run("kustomize", str(EXAMPLE))
    here = manifests.replace("namespace: validation", f"namespace: {NAMESPACE}")
    kubectl.apply(here.replace("name: validation\n", f"name: {NAMESPACE}\n"))
    verdicts = {"digits-v1": _verdict(kubectl, screen, "digits-v1")}
    _until_healthy(kubectl, "digits-v1")
    kubectl.run("apply", "-n", NAMESPACE, "-f", str(EXAMPLE / "next.yaml"))
    for version in list(WHAT)[1:]:
        verdicts[version] = _verdict(kubectl, screen, version)
    kubectl.merge("model", NAMESPACE, MODEL, {"spec": {"version": "digits-v3"}})
    _until(
        "the Model refuses digits-v3",
        lambda: _status(kubectl, "model", MODEL).get("phase") == "Degraded" or None,
    )
    return verdicts


def versions_with_pods(kubectl: Kubectl) -> set[str]:
    """Return the versions that have, or had, a Deployment."""
    found = kubectl.json("get", "deployments", "-n", NAMESPACE)
    return {item["metadata"]["labels"]["headgate.dev/version"] for item in found["items"]}


def _verdict(kubectl: Kubectl, screen: Screen, version: str) -> str:
    def look() -> str | None:
        chosen = ("-n", NAMESPACE, "-l", f"headgate.dev/version={version}")
        for run in kubectl.json("get", "validationruns", *chosen)["items"]:
            status = run.get("status") or {}
            if status.get("phase") == "Failed":
                return f"Failed: {status.get('message', '')}"
            if status.get("verdict"):
                screen.tell(
                    f"{version} ({WHAT[version]}): {status['verdict']}: {status['message']}"
                )
                return str(status["verdict"])
        return None

    return _until(f"a verdict on {version}", look)


def _until_healthy(kubectl: Kubectl, version: str) -> None:
    def look() -> bool | None:
        status = _status(kubectl, "model", MODEL)
        serves = status.get("phase") == "Healthy" and status.get("stableVersion") == version
        return serves or None

    _until(f"{version} serves", look)


def _status(kubectl: Kubectl, kind: str, name: str) -> dict[str, Any]:
    status: dict[str, Any] = kubectl.json("get", kind, name, "-n", NAMESPACE).get("status") or {}
    return status


def _until[Found](what: str, look: Callable[[], Found | None]) -> Found:
    until = time.monotonic() + SECONDS
    while not (found := look()):
        if time.monotonic() > until:
            raise GateError(f"{what}: not within {SECONDS} s")
        time.sleep(POLL_SECONDS)
    return found
