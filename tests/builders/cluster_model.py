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
from headgate.model.gates.evidence import Arms, Sample, Tally, add_samples
from headgate.model.observe import arms_of
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
from headgate.model.status_types import Evidence, ModelStatus
from headgate.model.types import ModelSpec
from tests.builders.observed import NOW, a_container, a_dependency, a_version, no_version

FEATURES = a_dependency("features-v1")
NO_FEATURES = replace(FEATURES, serving=False, detail="Model features gives it no traffic")
REQUESTS_PER_SECOND = 40
MOST_REQUESTS = 2_000
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
    started_at: datetime = NOW
    requests: int = 0
    errors: int = 0

    def start(self, now: datetime) -> None:
        """Begin a life with counters at zero."""
        self.started_at, self.requests, self.errors = now, 0, 0

    def answer(self, requests: int, *, badly: bool) -> None:
        self.requests += requests
        self.errors += requests // 5 if badly else 0


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
    pods_made: int = 0
    asked: int = 0
    _arms: Arms | None = None
    _tally: Tally = field(default_factory=Tally)
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
            evidence=self._evidence(),
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
        self._arms = None

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
                if stage is Stage.READY and pod.stage is not Stage.READY:
                    pod.start(self.now)
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
            if self._waits_for_promotion(plan) and self.spec.replicas:
                self.asked += 1
                self.request = f"promote/{self.spec.version}/asked-{self.asked}"
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

    def _evidence(self) -> Evidence:
        """Return what the gates know, begun anew with each comparison, as the ledger does it."""
        memory = self.memory
        arms = arms_of(memory)
        if arms is None:
            return Evidence()
        if arms != self._arms:
            begun = memory.rollout.evidence if memory.rollout is not None else Evidence()
            self._arms, self._tally = arms, Tally(evidence=begun)
        samples = [
            Sample(
                pod=pod.name,
                version=version,
                started=pod.started_at.timestamp(),
                requests=pod.requests,
                errors=pod.errors,
            )
            for version in (arms.canary, arms.stable)
            if version in self.deployments
            for pod in self.deployments[version].pods
            if pod.stage is not Stage.LEAVING
        ]
        alive = frozenset(sample.pod for sample in samples)
        self._tally = add_samples(self._tally, samples, arms, self.spec.analysis, alive)
        return self._tally.evidence

    def _answer_requests(self, seconds: float) -> None:
        """Share the requests of so many seconds among the pods behind the Service."""
        routed = [
            (version, pod)
            for version in self.endpoints
            if version in self.deployments
            for pod in self.deployments[version].pods
            if pod.stage is Stage.READY
        ]
        asked = min(int(REQUESTS_PER_SECOND * seconds), MOST_REQUESTS)
        for version, pod in routed:
            badly = self.behaviours.get(version) is Behaviour.ERRORS
            pod.answer(asked // len(routed), badly=badly)


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
