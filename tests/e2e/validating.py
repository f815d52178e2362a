"""What the tests of validation have in common: rows, versions that ask for it, and their runs."""

import csv
import hashlib
import io
import random
from collections.abc import Mapping
from typing import Any

from tests.builders.resources import Manifest
from tests.builders.validation import a_policy
from tests.e2e.space import Space

POLICY = "small"
RESOURCES = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}}
ROWS = 400
NAMES_IT: Mapping[str, Any] = {}


def rows(seed: int, *, shift: float = 0.0, count: int = ROWS) -> str:
    """Return a CSV of one column of normal numbers."""
    draws = random.Random(seed)  # noqa: S311
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["age", "region"])
    for _ in range(count):
        writer.writerow([f"{draws.gauss(40 + shift, 10):.6f}", draws.choice(["north", "south"])])
    return text.getvalue()


def a_data(space: Space, name: str, text: str, *, sha256: str = "") -> Manifest:
    """Create a ConfigMap with a file of rows; return how a version refers to it."""
    space.kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": space.name},
            "data": {"rows.csv": text},
        }
    )
    return {"uri": f"configmap://{name}/rows.csv", "sha256": sha256 or sha256_of(text)}


def sha256_of(text: str) -> str:
    """Return a digest as a version names it."""
    return hashlib.sha256(text.encode()).hexdigest()


def a_validated_version(
    space: Space,
    name: str = "v1",
    *,
    candidate: str = rows(2),
    reference: Manifest | None = None,
    reference_sha256: str = "",
    policy: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = NAMES_IT,
) -> None:
    """Create a policy, data, a version that asks for validation, and a Model (None: there is one).

    The Model names the version, unless `model` says otherwise. `reference` names a file elsewhere.
    """
    spec = {"checks": [{"drift": {"minEffect": 0.25}}], "resources": RESOURCES}
    space.kubectl.apply(a_policy(POLICY, space.name, **(spec | dict(policy or {}))))
    data = {
        "reference": reference
        or a_data(space, f"{name}-reference", rows(1), sha256=reference_sha256),
        "candidate": a_data(space, f"{name}-candidate", candidate),
    }
    validation = {"policyRef": {"name": POLICY}, "data": data}
    space.create_version(name, validation=validation)
    if model is not None:
        space.create_model(**({"version": name} | dict(model)))


def the_run(space: Space, version: str = "v1") -> Manifest:
    """Return the version's run, or nothing."""
    runs = space.all("ValidationRun", {"headgate.dev/version": version})
    return runs[0] if runs else {}


def ended(space: Space, version: str = "v1", seconds: float = 120) -> Manifest:
    """Wait until the version's run has ended; return its status."""

    def look() -> Manifest | None:
        status: Manifest = the_run(space, version).get("status") or {}
        return status if status.get("phase") in {"Succeeded", "Failed"} else None

    return space.wait(f"the run of {version} ends", look, seconds)


def told(space: Space, reason: str, version: str = "v1", seconds: float = 60) -> str:
    """Wait until the run says what it waits for, by its reason; return the message."""

    def look() -> str | None:
        conditions = (the_run(space, version).get("status") or {}).get("conditions") or []
        complete: Manifest = next((c for c in conditions if c["type"] == "Complete"), {})
        return complete.get("message") if complete.get("reason") == reason else None

    return space.wait(f"the run of {version} says {reason}", look, seconds)


def the_pod(space: Space, version: str = "v1", attempt: int = 1) -> Manifest:
    """Wait for the pod of an attempt of the version's run; return it."""

    def look() -> list[Manifest]:
        run = the_run(space, version).get("metadata", {}).get("name", "")
        labels = {"headgate.dev/validation-run": run, "headgate.dev/attempt": str(attempt)}
        return space.all("Pod", labels)

    return space.wait(f"the pod of attempt {attempt}", look)[0]
