"""Installs the operator from manifests/, with the images that were built last."""

import json
import os
from pathlib import Path

import yaml

from hack.demo.kubectl import ROOT, Kubectl, Raw

NAMESPACE = "headgate-system"
DEPLOYMENT = "headgate-operator"
REGISTRY = "docker.io/headgate"
ROLLOUT_SECONDS = 120


def image_of(target: str) -> str:
    """Return the image's name: under PUSH where it was pushed for somebody's own cluster."""
    prefix = os.environ.get("PUSH", "").rstrip("/") or REGISTRY
    return f"{prefix}/{target}:dev"


def install(kubectl: Kubectl, folder: Path = ROOT / "build" / "install") -> None:
    """Apply the default overlay and wait until both replicas are ready.

    Images keep their tag when they are built anew: the digest in the pod template makes the
    Deployment roll then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = os.path.relpath(ROOT / "manifests" / "overlays" / "default", folder)
    overlay: Raw = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": NAMESPACE,
        "resources": [base],
        "configMapGenerator": [
            {
                "name": "headgate-settings",
                "behavior": "merge",
                "literals": [
                    f"HEADGATE_SERVER_IMAGE={image_of('server')}",
                    f"HEADGATE_JOBS_IMAGE={image_of('jobs')}",
                ],
            }
        ],
        "images": [_renamed("operator")],
        "patches": [{"patch": json.dumps(_built_from(_digest("operator")))}],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    kubectl.run("apply", "--server-side", "--force-conflicts", "-k", str(folder))
    wait_until_rolled_out(kubectl)


def wait_until_rolled_out(kubectl: Kubectl) -> None:
    """Wait until the operator runs in both replicas."""
    kubectl.run(
        "rollout",
        "status",
        f"deployment/{DEPLOYMENT}",
        "-n",
        NAMESPACE,
        f"--timeout={ROLLOUT_SECONDS}s",
        seconds=ROLLOUT_SECONDS + 10,
    )
    kubectl.run("wait", "--for=condition=Established", "crd/models.headgate.dev",
                "crd/modelversions.headgate.dev", "--timeout=30s")  # fmt: skip


def _renamed(target: str) -> Raw:
    name, _, tag = image_of(target).rpartition(":")
    return {"name": f"{REGISTRY}/{target}", "newName": name, "newTag": tag}


def _built_from(digest: str) -> Raw:
    annotations = {"headgate.dev/image": digest}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": DEPLOYMENT, "namespace": NAMESPACE},
        "spec": {"template": {"metadata": {"annotations": annotations}}},
    }


def _digest(target: str) -> str:
    record = ROOT / ".cluster" / "images" / f"{target}.json"
    try:
        return str(json.loads(record.read_text())["built"])
    except (OSError, ValueError, KeyError):
        return "unknown"
