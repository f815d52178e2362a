"""A small cluster in memory that follows plans: Deployments, pods, a Service and its endpoints.

Nothing in it stands for our own code: decide() and status_of() are the real ones, and what they
decide is remembered only through the status, as in a cluster. It is slow or quick as it is told,
pods crash, the operator dies between two writes and forgets what it had in mind.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from headgate.model.decide import Plan, decide
from headgate.model.gates.error_ratio import add_errors
from headgate.model.observed import (
    DeploymentSeen,
    Memory,
    Observed,
    PodSeen,
    ServiceSeen,
    VersionSeen,
)
from headgate.model.records import memory_of
from headgate.model.status import status_of
from headgate.model.status_types import Arm, Evidence, ModelStatus
from headgate.model.types import ModelSpec
from tests.builders.observed import NOW, a_container, a_dependency, a_version, no_version

FEATURES = a_dependency("features-v1")
NO_FEATURES = replace(FEATURES, serving=False, detail="Model features gives it no traffic")
REQUESTS_PER_SECOND = 40
VERSIONS = ("v1", "v2", "v3")
NO_VERSIONS = {name: no_version(name) for name in VERSIONS}
PLAIN_VERSIONS = {name: a_version(name) for name in VERSIONS}
DEPENDENT_VERSIONS = {
    (name, serving): a_version(name, dependencies=(FEATURES if serving else NO_FEATURES,))
    for name in VERSIONS
    for serving in (True, False)
}


class Behaviour(StrEnum):
    """How the pods of a version turn out."""

    HEALTHY = "healthy"
    CRASHES = "crashes"
    NEVER_READY = "never ready"
    ERRORS = "answers every fifth request with an error"


class Stage(StrEnum):
    """How far a pod is."""

    STARTING = "starting"
    READY = "ready"
    FAILING = "failing"
    LEAVING = "leaving"


@dataclass
class Pod:
    """One pod."""

    name: str
    created_at: datetime
    stage: Stage = Stage.STARTING


@dataclass
class Deployment:
    """One version's Deployment and its pods."""

    replicas: int
    created_at: datetime
    pods: list[Pod] = field(default_factory=list)

    def count(self, *stages: Stage) -> int:
        return sum(pod.stage in stages for pod in self.pods)


@dataclass
class ClusterModel:
    """One Model and its children; `spec` and `request` are the user's to change."""

    spec: ModelSpec
    now: datetime = NOW
    request: str = ""
    status: ModelStatus = field(default_factory=ModelStatus)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    deleted_versions: set[str] = field(default_factory=set)
    needs_features: set[str] = field(default_factory=set)
    features_serve: bool = True
    dependents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    service_exists: bool = False
    pinned: str | None = None
    endpoints: dict[str, int] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    pods_made: int = 0
    _evidence_for: tuple[object, ...] = ()
    _reached: tuple[object, ...] = ()
    _reached_since: datetime = NOW

    # What the operator sees and does

    @property
    def memory(self) -> Memory:
        """What the operator remembers: only what the status holds."""
        return memory_of(self.status)

    def observe(self) -> Observed:
        """Return what a pass sees now."""
        self._note_what_is_reached()
        return Observed(
            namespace="team-a",
            name="churn",
            uid="uid-churn",
            generation=1,
            spec=self.spec,
            memory=self.memory,
            request=self.request,
            versions={name: self._version_seen(name) for name in VERSIONS},
            deployments={v: self._deployment_seen(v) for v in sorted(self.deployments)},
            service=ServiceSeen(pinned=self.pinned) if self.service_exists else None,
            endpoints=dict(self.endpoints),
            endpoints_since=self._reached_since,
            pods={v: self._pods_seen(v) for v in self.deployments if self.deployments[v].pods},
            dependents=self.dependents,
            evidence=self._current_evidence(),
        )

    def operator_pass(self, writes: int | None = None) -> Plan:
        """Look, decide, carry out; given a number, the operator dies after so many writes."""
        seen = self.observe()
        plan = decide(seen, self.now)
        for done, (verb, what, count) in enumerate(effects_of(seen, plan)):
            if writes is not None and done >= writes:
                self.operator_restarts()
                return plan
            self._apply(verb, what, count)
        if plan.change is not None:
            self.write_status(seen, plan)
        return plan

    def write_status(self, seen: Observed, plan: Plan) -> None:
        """Remember what the status can hold, by way of the API server's JSON."""
        status = status_of(seen, plan, self.status.conditions, self.now)
        self.status = ModelStatus.model_validate(status.dump(), by_alias=True, by_name=False)

    def operator_restarts(self) -> None:
        """Forget what only the process knew: since when endpoints last, and what gates saw."""
        self._reached = ()
        self._evidence_for = ()

    # What the cluster does

    def advance(self, seconds: float) -> None:
        """Let time pass; whoever is ready and routed answers requests."""
        self.now += timedelta(seconds=seconds)
        self._answer_requests(seconds)

    def run_controllers(self) -> bool:
        """Let the Deployments make and remove pods; return whether anything changed."""
        changed = False
        for version, deployment in self.deployments.items():
            alive = [pod for pod in deployment.pods if pod.stage is not Stage.LEAVING]
            for _ in range(deployment.replicas - len(alive)):
                self.pods_made += 1
                deployment.pods.append(Pod(f"{version}-{self.pods_made}", self.now))
                changed = True
            alive.sort(key=lambda pod: pod.stage is Stage.READY)
            for pod in alive[: max(0, len(alive) - deployment.replicas)]:
                pod.stage = Stage.LEAVING
                changed = True
        return changed

    def run_kubelet(self, version: str | None = None) -> bool:
        """Let pods start, fail, recover and end; return whether anything changed."""
        changed = False
        for name, deployment in self.deployments.items():
            if version is not None and name != version:
                continue
            for pod in list(deployment.pods):
                stage = self._next_stage(self.behaviours.get(name, Behaviour.HEALTHY), pod.stage)
                if stage is None:
                    deployment.pods.remove(pod)
                changed |= stage is not pod.stage
                pod.stage = stage or pod.stage
        return changed

    def publish_endpoints(self) -> bool:
        """Bring the Service's endpoints up to date; return whether anything changed."""
        found = {
            version: deployment.count(Stage.READY)
            for version, deployment in sorted(self.deployments.items())
            if self.service_exists
            and self.pinned in (None, version)
            and deployment.count(Stage.READY)
        }
        changed = found != self.endpoints
        self.endpoints = found
        return changed

    def settle(self, patience: int = 600) -> Plan:
        """Let everything run until nothing is left to do; return the last plan.

        The operator looks only when something happened or when it said that it would.
        """
        quiet = 0
        for _ in range(patience):
            before = self._picture()
            moved = [self.run_controllers(), self.run_kubelet(), self.publish_endpoints()]
            plan = self.operator_pass()
            if any(moved) or self._picture() != before:
                quiet = 0
                continue
            if self._waits_for_promotion(plan):
                self.request = f"promote/{self.spec.version}/{self.now.isoformat()}"
                continue
            self.write_status(self.observe(), plan)
            quiet += 1
            if plan.wake_at is None or quiet > QUIET_LOOKS:
                return plan
            self.advance(max(0.01, (plan.wake_at - self.now).total_seconds()))
        raise AssertionError(f"not at rest after {patience} looks: {plan.state}")

    def ready(self, version: str | None) -> int:
        deployment = self.deployments.get(version or "")
        return deployment.count(Stage.READY) if deployment is not None else 0

    def _picture(self) -> tuple[object, ...]:
        pods = {v: Counter(pod.stage for pod in d.pods) for v, d in self.deployments.items()}
        replicas = {v: d.replicas for v, d in self.deployments.items()}
        return (self.memory, replicas, pods, self.pinned, self.service_exists, dict(self.endpoints))

    @staticmethod
    def _waits_for_promotion(plan: Plan) -> bool:
        return plan.state.reason == "WaitingForPromotion"

    @staticmethod
    def _next_stage(behaviour: Behaviour, stage: Stage) -> Stage | None:
        if stage is Stage.LEAVING:
            return None
        if behaviour is Behaviour.CRASHES:
            return Stage.FAILING
        if stage is Stage.STARTING and behaviour is Behaviour.NEVER_READY:
            return Stage.STARTING
        return Stage.READY

    def _apply(self, verb: str, what: str | None, count: int) -> None:
        if verb == "delete":
            del self.deployments[what or ""]
        elif verb == "select":
            self.service_exists, self.pinned = True, what
        else:
            found = self.deployments.setdefault(what or "", Deployment(0, self.now))
            found.replicas = count

    def _version_seen(self, name: str) -> VersionSeen:
        if name in self.deleted_versions:
            return NO_VERSIONS[name]
        if name not in self.needs_features:
            return PLAIN_VERSIONS[name]
        return DEPENDENT_VERSIONS[name, self.features_serve]

    def _deployment_seen(self, version: str) -> DeploymentSeen:
        found = self.deployments[version]
        return DeploymentSeen(
            name=f"churn-{version}",
            uid=f"uid-{version}-{found.created_at.timestamp()}",
            replicas=found.replicas,
            ready=found.count(Stage.READY),
            created_at=found.created_at,
        )

    def _pods_seen(self, version: str) -> tuple[PodSeen, ...]:
        looping = a_container(restarts=3, waiting="CrashLoopBackOff", exit_code=1)
        return tuple(
            PodSeen(
                name=pod.name,
                ip="10.0.0.1",
                ready=pod.stage is Stage.READY,
                leaving=pod.stage is Stage.LEAVING,
                created_at=pod.created_at,
                containers=(looping,) if pod.stage is Stage.FAILING else (),
            )
            for pod in self.deployments[version].pods
        )

    def _note_what_is_reached(self) -> None:
        reached = (self.pinned, frozenset(v for v, count in self.endpoints.items() if count))
        if reached != self._reached:
            self._reached, self._reached_since = reached, self.now

    def _current_evidence(self) -> Evidence:
        """Return what the gates know, begun anew with each comparison, as the ledger does it."""
        rollout, previous = self.memory.rollout, self.memory.previous
        compared: tuple[object, ...] = (
            (rollout.version, self.memory.stable, rollout.started_at)
            if rollout is not None
            else (self.memory.stable, previous.since if previous is not None else None)
        )
        if compared != self._evidence_for:
            self._evidence_for = compared
            self.evidence = rollout.evidence if rollout is not None else Evidence()
        return self.evidence

    def _answer_requests(self, seconds: float) -> None:
        evidence, memory = self._current_evidence(), self.memory
        tried = memory.rollout.version if memory.rollout is not None else memory.stable
        total = sum(self.endpoints.values())
        if tried is None or not total:
            return
        asked = min(int(REQUESTS_PER_SECOND * seconds), 2_000)
        canary = self._answered(tried, asked * self.endpoints.get(tried, 0) // total)
        beside = memory.stable if memory.rollout is not None else None
        stable = self._answered(beside, asked * self.endpoints.get(beside or "", 0) // total)
        self.evidence = evidence.model_copy(
            update={
                "canary": _sum(evidence.canary, canary),
                "stable": _sum(evidence.stable, stable),
                "error_log_likelihoods": add_errors(
                    evidence.error_log_likelihoods,
                    canary=canary,
                    stable=stable,
                    max_ratio=self.spec.analysis.error_ratio.max,
                ),
            }
        )

    def _answered(self, version: str | None, requests: int) -> Arm:
        bad = self.behaviours.get(version or "") is Behaviour.ERRORS
        return Arm(requests=requests, errors=requests // 5 if bad else 0)


QUIET_LOOKS = 35

type Effect = tuple[str, str | None, int]


def effects_of(seen: Observed, plan: Plan) -> tuple[Effect, ...]:
    """Return the writes of a plan in the order of build_children: pods that come, route, others."""
    if plan.change is not None:
        return ()
    now = {version: deployment.replicas for version, deployment in seen.deployments.items()}
    scaled = [
        (version, count)
        for version, count in plan.replicas
        if seen.versions[version].spec is not None and (version in now or count)
    ]
    return (
        *(("scale", v, n) for v, n in scaled if n >= now.get(v, 0)),
        *(() if plan.route is None else (("select", plan.route.pinned, 0),)),
        *(("scale", v, n) for v, n in scaled if n < now.get(v, 0)),
        *(("delete", v, 0) for v in plan.deletes),
    )


def _sum(left: Arm, right: Arm) -> Arm:
    return Arm(requests=left.requests + right.requests, errors=left.errors + right.errors)
