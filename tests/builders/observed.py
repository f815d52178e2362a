"""What one pass over a Model sees, with plain defaults: a test states only what matters to it.

Versions are called v1, v2, v3 of the Model `churn`; v1 serves with two pods and all is in effect.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.core.resource import Problem
from headgate.model.decide.steps import spec_digest
from headgate.model.gates import alone
from headgate.model.observed import (
    ContainerSeen,
    DependencySeen,
    DeploymentSeen,
    Memory,
    Observed,
    PodSeen,
    ServiceSeen,
    TrackableSeen,
    ValidationSeen,
    VersionSeen,
)
from headgate.model.status_types import (
    Arm,
    Evidence,
    Leaving,
    Previous,
    Rejection,
    Rollout,
    RolloutKind,
    Tracked,
)
from headgate.model.types import ModelSpec
from tests.builders.resources import a_model_spec, a_version_spec

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=7)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def a_spec(version: str | None = "v1", **fields: Any) -> ModelSpec:
    """Return a Model's spec: two replicas, and whatever is given in YAML's words."""
    return a_model_spec(**{"version": version, "replicas": 2, **fields})


def steps(*entries: dict[str, Any]) -> dict[str, Any]:
    """Return a strategy of these canary steps, in YAML's words."""
    return {"canary": {"steps": list(entries)}}


def a_version(
    name: str,
    *,
    model: str = "churn",
    dependencies: tuple[DependencySeen, ...] = (),
    problems: tuple[Problem, ...] = (),
    validation: ValidationSeen | None = None,
) -> VersionSeen:
    """Return a ModelVersion that can be used."""
    spec = a_version_spec(model=model, dependsOn=[{"name": each.name} for each in dependencies])
    return VersionSeen(
        name=name,
        uid=f"uid-{name}",
        spec=spec,
        problems=problems,
        dependencies=dependencies,
        validation=validation,
    )


def a_trackable(name: str, **changes: Any) -> TrackableSeen:
    """Return a validated version, the higher its number the later created."""
    age = timedelta(days=100 - int(name.removeprefix("v")))
    return replace(TrackableSeen(name=name, created_at=NOW - age), **changes)


def a_tracked(name: str) -> Tracked:
    """Return the memory that a version was followed last."""
    return Tracked(version=name, created_at=a_trackable(name).created_at)


def no_version(name: str) -> VersionSeen:
    """Return a ModelVersion that does not exist (any more)."""
    return VersionSeen(name=name, uid="", spec=None)


def a_dependency(name: str = "features-v1", **changes: Any) -> DependencySeen:
    """Return a dependency that serves."""
    return replace(DependencySeen(name=name, serving=True), **changes)


def a_missing_dependency(name: str = "features-v1", **changes: Any) -> DependencySeen:
    """Return a dependency that does not serve."""
    detail = "Model features gives it no traffic"
    return a_dependency(name, serving=False, detail=detail, **changes)


def a_pod(version: str = "v2", number: int = 1, **changes: Any) -> PodSeen:
    """Return a pod that is ready."""
    ready = PodSeen(
        name=f"{version}-{number}",
        ip=f"10.1.{version.removeprefix('v') or 0}.{number}",
        ready=True,
        created_at=LONG_AGO,
    )
    return replace(ready, **changes)


def an_unready_pod(version: str = "v2", number: int = 1, **changes: Any) -> PodSeen:
    """Return a pod that is not ready, for no reason given."""
    return a_pod(version, number, **{"ready": False, **changes})


def a_failing_pod(version: str = "v2", number: int = 1, **container: Any) -> PodSeen:
    """Return a pod whose server is said to fail: by default in a crash loop."""
    looping: dict[str, Any] = {"restarts": 2, "waiting": "CrashLoopBackOff", "exit_code": 1}
    return an_unready_pod(version, number, containers=(a_container(**(looping | container)),))


def pods(version: str, count: int) -> tuple[PodSeen, ...]:
    """Return that many ready pods."""
    return tuple(a_pod(version, number) for number in range(1, count + 1))


def a_container(name: str = "server", **changes: Any) -> ContainerSeen:
    """Return a container that runs."""
    return replace(ContainerSeen(name=name), **changes)


def a_deployment(version: str, replicas: int, **changes: Any) -> DeploymentSeen:
    """Return a version's Deployment."""
    made = DeploymentSeen(
        name=f"churn-{version}",
        uid=f"uid-deployment-{version}",
        replicas=replicas,
        ready=replicas,
        image="docker.io/headgate/server:dev",
        created_at=LONG_AGO,
    )
    return replace(made, **changes)


def a_rollout(version: str = "v2", **fields: Any) -> Rollout:
    """Return a canary that began a minute ago and is at its first step."""
    began: dict[str, Any] = {
        "version": version,
        "kind": RolloutKind.CANARY,
        "started_at": NOW - MINUTE,
        "waiting_since": NOW - MINUTE,
        "weight": 10,
    }
    return Rollout(**(began | fields))


def at_pause(version: str = "v2", **fields: Any) -> Rollout:
    """Return a canary in its second step, which began a second ago."""
    paused: dict[str, Any] = {"step": 1, "step_started_at": NOW - SECOND}
    return a_rollout(version, **(paused | {"waiting_since": NOW - SECOND} | fields))


def a_previous(version: str = "v1", **fields: Any) -> Previous:
    """Return the version before, given up a minute ago after a good life."""
    good = {"since": NOW - MINUTE, "baseline": Arm(requests=10_000, errors=50)}
    return Previous(version=version, **(good | fields))


def a_rejection(version: str, spec: ModelSpec, **fields: Any) -> Rejection:
    """Return the rejection of a version under this spec, a minute ago."""
    made = {
        "reason": "CrashLooping",
        "message": "it ended",
        "at": NOW - MINUTE,
        "spec_digest": spec_digest(spec),
    }
    return Rejection(name=version, **(made | fields))


def a_leaving(version: str, **fields: Any) -> Leaving:
    """Return the note that a version leaves once its dependents have."""
    return Leaving(version=version, **({"since": NOW - SECOND} | fields))


def a_memory(stable: str | None = "v1", **parts: Any) -> Memory:
    """Return what is remembered: v1 is stable, nothing is under way."""
    return Memory(stable=stable, **parts)


def errors_of(requests: int, errors: int = 0) -> Arm:
    """Return a count of answers."""
    return Arm(requests=requests, errors=errors)


def evidence_against(canary: Arm, stable: Arm, *, loglikelihood: float = 10.0) -> Evidence:
    """Return evidence that the gate finds strong (e^10 to 1 by default)."""
    return Evidence(canary=canary, stable=stable, error_log_likelihoods=(loglikelihood,) * 24)


def evidence_alone(answered: Arm, before: Arm) -> Evidence:
    """Return the evidence on a version that answered this with all the traffic."""
    found = alone.add_alone((), answered, before=before, max_ratio=2.0)
    return Evidence(canary=answered, before=before, alone_log_likelihoods=found)


def a_model_seen(
    running: Mapping[str, int] | None = None, *, pinned: str | None = "v1", **changes: Any
) -> Observed:
    """Return a Model whose versions run with so many ready pods each, all that is routed routed.

    `pinned` is the version that the Service selects, None for all. What follows from these
    (deployments, pods, endpoints) can be replaced one by one.
    """
    running = {"v1": 2} if running is None else running
    routed = {v: n for v, n in running.items() if n and pinned in (None, v)}
    seen = Observed(
        namespace="team-a",
        name="churn",
        uid="uid-churn",
        generation=1,
        spec=a_spec(),
        memory=a_memory(),
        versions={name: a_version(name) for name in ("v1", "v2", "v3")},
        deployments={v: a_deployment(v, n) for v, n in running.items()},
        service=ServiceSeen(pinned=pinned),
        endpoints=routed,
        endpoints_since=NOW - MINUTE,
        pods={v: pods(v, n) for v, n in running.items() if n},
    )
    return replace(seen, **changes)


def a_canary_seen(
    running: Mapping[str, int] | None = None, *, pinned: str | None = None, **changes: Any
) -> Observed:
    """Return a Model in mid-rollout: v2 at 10%, in effect, at the pause of the second step."""
    under_way: dict[str, Any] = {
        "spec": a_spec("v2"),
        "memory": a_memory(rollout=at_pause()),
    }
    return a_model_seen(
        {"v1": 2, "v2": 1} if running is None else running,
        pinned=pinned,
        **(under_way | changes),
    )
