"""A run's plan, from the recorded one to its Job, and from its report to a ConfigMap. Pure."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from headgate.core import labels
from headgate.core.names import child_name, label_value
from headgate.core.pods import Fetch, container_security, env_list, fetch_all, pod_security
from headgate.modelversion.types import Artifact, DataRef, ExplainMethod, ModelVersionSpec
from headgate.validation.accept import CANDIDATE, REFERENCE
from headgate.validation.failures import CONTAINER
from headgate.validation.observed import RunObserved
from headgate.validation.plan import plan_of
from headgate.validation.policy_types import ValidationPolicySpec

type Manifest = dict[str, Any]

TIMEOUT = timedelta(minutes=30)
KEPT_SECONDS = 86_400
GRACE_SECONDS = 5
NODE_PATIENCE_SECONDS = 30
"""Beyond the control plane's own 40 or 50: another node begins again sooner than it comes back."""
PLAN_ANNOTATION = "headgate.dev/plan"
PLAN_DIR = "/plan"
FOLDERS = {
    "model": "/model",
    "stable": "/stable",
    REFERENCE: "/data/reference",
    CANDIDATE: "/data/candidate",
}
DEFAULT_RESOURCES = {
    "requests": {"cpu": "250m", "memory": "512Mi"},
    "limits": {"memory": "2Gi"},
}
MOST_DATA_BYTES = 64 * 1024**3
"""Of a file of rows, or of what an archive of them unpacks to: not all of it is in memory."""
MAX_CONFIG_MAP = 1_000_000
"""Bytes; the API server takes 1 MiB, names and base64's padding included."""


def job_name(run: str, attempt: int) -> str:
    """Return the name of an attempt's Job: any pass computes it again."""
    return child_name(run, str(attempt))


def inputs_of(seen: RunObserved) -> dict[str, str]:
    """Return the digests of everything that a run reads, by name."""
    return {name: f"sha256:{fetch.sha256}" for name, fetch in _fetches(seen).items()}


def timeout_of(seen: RunObserved, policy: ValidationPolicySpec) -> timedelta:
    """Return the longest time of one attempt: the run's own, or the recorded policy's."""
    return (seen.spec.timeout if seen.spec is not None else None) or policy.timeout or TIMEOUT


def build_plan(seen: RunObserved, policy: ValidationPolicySpec) -> dict[str, Any]:
    """Return the plan that is recorded before anything is read."""
    explain = seen.version.explain_method if seen.version is not None else ExplainMethod.AUTO
    return plan_of(policy, inputs_of(seen), seen.image, seen.versions, explain)


def build_job(seen: RunObserved, policy: ValidationPolicySpec) -> Manifest:
    """Return the Job of the attempt under way. `policy` is the recorded plan's."""
    attempt = seen.status.attempt
    marks = {labels.RUN: label_value(seen.name), labels.ATTEMPT: str(attempt)}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "namespace": seen.namespace,
            "name": job_name(seen.name, attempt),
            "labels": {**marks, labels.MANAGED_BY: labels.MANAGER},
            "ownerReferences": [_owner(seen)],
        },
        "spec": {
            "backoffLimit": 0,  # attempts are counted in status, so every retry leaves a record
            "activeDeadlineSeconds": max(1, int(timeout_of(seen, policy).total_seconds())),
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {
                "metadata": {
                    "labels": marks,
                    "annotations": {PLAN_ANNOTATION: seen.status.plan or ""},
                },
                "spec": _pod(seen, policy),
            },
        },
    }


def build_report(seen: RunObserved, reports: Mapping[str, bytes]) -> Manifest:
    """Return the ConfigMap that keeps a run's reports, compressed; its name holds their digest."""
    kept = {f"report.{kind}.gz": content for kind, content in sorted(reports.items())}
    digest = hashlib.sha256(b"".join(kept.values())).hexdigest()
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "namespace": seen.namespace,
            "name": child_name(seen.name, "report", digest[:10]),
            "labels": {labels.RUN: label_value(seen.name), labels.MANAGED_BY: labels.MANAGER},
            "ownerReferences": [_owner(seen)],
        },
        "immutable": True,
        "binaryData": {name: base64.b64encode(data).decode() for name, data in kept.items()},
    }


def fitting(reports: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the reports that one ConfigMap can hold: the JSON first, the HTML if it fits."""
    size = {kind: 4 * ((len(data) + 2) // 3) for kind, data in reports.items()}
    if sum(size.values()) <= MAX_CONFIG_MAP:
        return dict(reports)
    return {kind: data for kind, data in reports.items() if kind == "json"}


def _pod(seen: RunObserved, policy: ValidationPolicySpec) -> dict[str, Any]:
    fetches = _fetches(seen)
    volumes: list[dict[str, Any]] = [{"name": "tmp", "emptyDir": {}}, _plan_volume()]
    for fetch in fetches.values():
        volumes += fetch.volumes()
    return {
        "restartPolicy": "Never",
        "initContainers": [fetch_all(fetches.values(), seen.image)],
        "containers": [_container(seen, policy, fetches)],
        "volumes": volumes,
        "securityContext": pod_security(),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "tolerations": [_toleration("not-ready"), _toleration("unreachable")],
    }


def _toleration(trouble: str) -> dict[str, Any]:
    """Return for how long the pod stays on a node in trouble: the default is five minutes."""
    return {
        "key": f"node.kubernetes.io/{trouble}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": NODE_PATIENCE_SECONDS,
    }


def _container(
    seen: RunObserved, policy: ValidationPolicySpec, fetches: Mapping[str, Fetch]
) -> dict[str, Any]:
    env = {
        "HEADGATE_PLAN_FILE": f"{PLAN_DIR}/plan.json",
        "HEADGATE_PLAN_DIGEST": seen.status.plan_digest or "",
        "HEADGATE_REFERENCE_DIR": FOLDERS[REFERENCE],
        "HEADGATE_CANDIDATE_DIR": FOLDERS[CANDIDATE],
        "HOME": "/tmp",  # noqa: S108 - an emptyDir of the pod
        "MPLCONFIGDIR": "/tmp",  # noqa: S108
        "NUMBA_CACHE_DIR": "/tmp",  # noqa: S108
    }
    for name, prefix, spec in (
        ("model", "HEADGATE", seen.version),
        ("stable", "HEADGATE_STABLE", seen.stable_spec),
    ):
        if name in fetches and spec is not None and spec.runtime.builtin is not None:
            env[f"HEADGATE_{name.upper()}_DIR"] = FOLDERS[name]
            env[f"{prefix}_FORMAT"] = str(spec.runtime.builtin.format)
            env[f"{prefix}_ALLOW_PICKLE"] = str(spec.runtime.builtin.allow_pickle).lower()
    mounts: list[dict[str, Any]] = [
        {"name": fetch.volume, "mountPath": fetch.folder, "readOnly": True}
        for fetch in fetches.values()
    ]
    mounts += [
        {"name": "plan", "mountPath": PLAN_DIR, "readOnly": True},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
    ]
    return {
        "name": CONTAINER,
        "image": seen.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "headgate.jobs.validation"],
        "env": env_list(env),
        "volumeMounts": mounts,
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": policy.resources.dump() or DEFAULT_RESOURCES,
    }


def _fetches(seen: RunObserved) -> dict[str, Fetch]:
    """Return what a run fetches, by input, in the order in which it is fetched."""
    found: dict[str, Fetch] = {}
    if seen.version is None:
        return found
    if seen.version.runtime.builtin is not None and seen.version.artifact is not None:
        found["model"] = _artifact("model", seen.version)
    if seen.stable_spec is not None and seen.stable_spec.artifact is not None:
        found["stable"] = _artifact("stable", seen.stable_spec)
    data = seen.version.validation.data if seen.version.validation is not None else {}
    for name in (REFERENCE, CANDIDATE):
        ref = data.get(name)
        if ref is not None:
            fetch = _fetch(name, ref, f"spec.validation.data.{name}.secretRef")
            found[name] = replace(fetch, most_bytes=MOST_DATA_BYTES)
    return found


def _artifact(name: str, spec: ModelVersionSpec) -> Fetch:
    artifact = spec.artifact
    assert artifact is not None  # noqa: S101 - asked by the caller
    return _fetch(name, artifact, "spec.artifact.secretRef")


def _fetch(name: str, ref: Artifact | DataRef, secret_field: str) -> Fetch:
    return Fetch(
        uri=ref.uri,
        sha256=ref.sha256,
        secret=ref.secret_ref.name if ref.secret_ref is not None else None,
        secret_field=secret_field,
        name=name,
        folder=FOLDERS[name],
    )


def _plan_volume() -> dict[str, Any]:
    path = {"fieldPath": f"metadata.annotations['{PLAN_ANNOTATION}']"}
    return {
        "name": "plan",
        "downwardAPI": {"items": [{"path": "plan.json", "fieldRef": path}]},
    }


def _owner(seen: RunObserved) -> dict[str, Any]:
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ValidationRun",
        "name": seen.name,
        "uid": seen.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
