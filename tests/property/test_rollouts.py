"""From any state the plan converges, and on the way there nothing is ever lost.

Hypothesis plays user, cluster and misfortune; decide(), build and status are the real ones.
HEADGATE_PROPERTY_EXAMPLES=2000 looks harder.
"""

import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from headgate.model.decide import Plan, decide
from headgate.model.decide.scale import is_routed_on_purpose, replicas_wanted, versions_in_the_way
from headgate.model.observed import Observed
from headgate.model.status_types import Phase, RolloutKind
from headgate.model.types import ModelSpec
from tests.builders.cluster_model import Behaviour, ClusterModel
from tests.builders.observed import a_spec, steps

pytestmark = pytest.mark.timeout(900)  # a dozen seconds of work, on a machine with other work
EXAMPLES = int(os.environ.get("HEADGATE_PROPERTY_EXAMPLES", "60"))
SECONDS = "2s"
STRATEGIES: tuple[dict[str, Any], ...] = (
    steps({"setWeight": 10}, {"pause": {"duration": SECONDS}}, {"setWeight": 50}, {"pause": {}}),
    steps({"setWeight": 30}, {"analysis": {"minRequests": 40}}, {"setWeight": 100}, {"pause": {}}),
    steps(
        {"setCanaryScale": {"replicas": 2}},
        {"setWeight": 20},
        {"setCanaryScale": {"matchTrafficWeight": True}},
        {"pause": {"duration": SECONDS}},
    ),
    steps({"setWeight": 0}, {"setCanaryScale": {"replicas": 0}}, {"setWeight": 25}),
    {"recreate": {}},
)
ROLLBACKS: tuple[dict[str, Any], ...] = ({}, {"window": "0s"}, {"keepWarm": 0}, {"keepWarm": 5})
VERSIONS = ("v1", "v2", "v3")

versions = st.sampled_from(VERSIONS)
specs = st.builds(
    lambda version, replicas, strategy, rollback, paused: a_spec(
        version,
        replicas=replicas,
        strategy=strategy,
        rollback=rollback,
        paused=paused,
        progressDeadlineSeconds=10,
    ),
    versions,
    st.sampled_from((0, 1, 2, 3, 5)),
    st.sampled_from(STRATEGIES),
    st.sampled_from(ROLLBACKS),
    st.sampled_from((False, False, False, True)),
)
verbs = st.sampled_from(("promote", "promote-full", "abort", "retry", "nonsense"))


def check_plan(seen: Observed, plan: Plan) -> None:
    """Assert what holds of every plan, whatever was seen."""
    assert sum(weight for _, weight in plan.weights) in ((100,) if plan.weights else (0,))
    if plan.change is not None:
        check_change(seen, plan)
        return
    memory, rejected = seen.memory, {entry.name for entry in seen.memory.rejected}
    on_trial = memory.rollout.version if memory.rollout is not None else None
    assert on_trial not in rejected
    for version, weight in plan.weights:
        assert not weight or version in {memory.stable, on_trial}
    check_replicas(seen, plan)
    check_route(seen, plan)


def check_change(seen: Observed, plan: Plan) -> None:
    """Assert that a decision leads from the memory there was to one that makes sense."""
    assert plan.change is not None
    before, after = seen.memory, plan.change.memory
    assert after != before
    heirs = {before.stable}
    if before.rollout is not None:
        heirs.add(before.rollout.version)
    if before.previous is not None:
        heirs.add(before.previous.version)
    assert after.stable in heirs
    assert before.stable is None or after.stable is not None
    if after.rollout is not None:
        assert after.rollout.version != after.stable
        assert after.rollout.version not in {entry.name for entry in after.rejected}
    if after.previous is not None:
        assert after.previous.version != after.stable


def check_replicas(seen: Observed, plan: Plan) -> None:
    """Assert that what serves keeps its pods, and that none go while they may be reached."""
    memory = seen.memory
    planned = dict(plan.replicas)
    recreated = memory.rollout is not None and memory.rollout.kind is RolloutKind.RECREATE
    in_the_way = versions_in_the_way(seen)
    if memory.stable is not None and not recreated and not in_the_way:
        assert planned[memory.stable] >= seen.spec.replicas
    for version, deployment in seen.deployments.items():
        goes = version in plan.deletes or planned.get(version, 0) < deployment.replicas
        kept = not is_routed_on_purpose(seen, version) and version not in in_the_way
        if goes and kept and seen.service is not None:
            assert not seen.endpoints.get(version)
            assert seen.service.pinned not in (None, version)


def check_route(seen: Observed, plan: Plan) -> None:
    """Assert that the Service never turns to what cannot take the traffic."""
    memory, route = seen.memory, plan.route
    if route is None or seen.service is None or route.pinned == seen.service.pinned:
        return
    weighed = {version for version, weight in plan.weights if weight}
    if route.pinned is None:
        reached = {v for v, found in seen.pods.items() if any(not p.leaving for p in found)}
        assert reached == weighed
        assert all(seen.ready(version) for version in weighed)
        return
    assert route.pinned in {memory.stable, *weighed}
    serving = seen.pods if seen.service.pinned is None else (seen.service.pinned,)
    others = [v for v in serving if v != route.pinned and seen.ready(v)]
    # Under recreate what serves is about to stop: whatever there is of the new one is more.
    recreated = memory.rollout is not None and memory.rollout.kind is RolloutKind.RECREATE
    if route.pinned != memory.stable and others and not recreated:
        assert seen.ready(route.pinned) >= seen.spec.replicas
    if others and seen.spec.replicas:
        assert seen.ready(route.pinned) > 0


class Rollouts(RuleBasedStateMachine):
    """One Model, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.cluster = ClusterModel(a_spec())
        self.requests = 0

    @initialize(spec=specs, served=st.booleans())
    def begin(self, spec: ModelSpec, served: bool) -> None:
        """Begin with nothing, or with v1 at rest."""
        if served:
            self.cluster = ClusterModel(a_spec("v1", progressDeadlineSeconds=10))
            self.cluster.settle()
        self.cluster.spec = spec

    @rule(spec=specs)
    def user_edits_the_spec(self, spec: ModelSpec) -> None:
        self.cluster.spec = spec

    @rule(version=versions)
    def user_names_another_version(self, version: str) -> None:
        self.cluster.spec = self.cluster.spec.model_copy(update={"version": version})

    @rule(replicas=st.integers(0, 4))
    def user_scales(self, replicas: int) -> None:
        self.cluster.spec = self.cluster.spec.model_copy(update={"replicas": replicas})

    @rule(verb=verbs, version=versions)
    def user_asks(self, verb: str, version: str) -> None:
        self.requests += 1
        self.cluster.request = f"{verb}/{version}/{self.requests}"

    @rule(version=versions, behaviour=st.sampled_from(Behaviour))
    def pods_begin_to_behave(self, version: str, behaviour: Behaviour) -> None:
        self.cluster.behaviours[version] = behaviour

    @rule(part=st.sampled_from(("controllers", "kubelet", "endpoints")), version=versions)
    def a_part_of_the_cluster_runs(self, part: str, version: str) -> None:
        if part == "controllers":
            self.cluster.run_controllers()
        elif part == "kubelet":
            self.cluster.run_kubelet(version)
        else:
            self.cluster.publish_endpoints()

    @rule(seconds=st.sampled_from((0.1, 1.0, 2.0, 5.0, 30.0, 100_000.0)))
    def time_passes(self, seconds: float) -> None:
        self.cluster.advance(seconds)

    @rule(writes=st.sampled_from((None, None, 0, 1, 2, 3)))
    def operator_looks(self, writes: int | None) -> None:
        self.checked_pass(writes)

    @rule(looks=st.integers(1, 10))
    def everything_runs_for_a_while(self, looks: int) -> None:
        self.runs(looks)

    @rule(looks=st.integers(5, 30))
    def everything_runs_for_longer(self, looks: int) -> None:
        self.runs(looks)

    def runs(self, looks: int) -> None:
        for _ in range(looks):
            self.cluster.run_controllers()
            self.cluster.run_kubelet()
            self.cluster.publish_endpoints()
            plan = self.checked_pass(None)
            wait = (plan.wake_at - self.cluster.now).total_seconds() if plan.wake_at else 1.0
            self.cluster.advance(min(max(wait, 0.0), 5.0))

    @rule(
        what=st.sampled_from(
            (
                "the operator restarts",
                "scales a Deployment",
                "deletes the Service",
                "deletes a Deployment",
                "deletes a version",
                "creates a version",
                "a dependency comes",
                "a dependency goes",
                "dependents come",
                "dependents go",
            )
        ),
        version=versions,
    )
    def somebody_meddles(self, what: str, version: str) -> None:
        cluster = self.cluster
        match what:
            case "the operator restarts":
                cluster.operator_restarts()
            case "scales a Deployment" if version in cluster.deployments:
                cluster.deployments[version].replicas = 1
            case "deletes the Service":
                cluster.service_exists = False
            case "deletes a Deployment":
                cluster.deployments.pop(version, None)
            case "deletes a version":
                cluster.deleted_versions.add(version)
            case "creates a version":
                cluster.deleted_versions.discard(version)
            case "a dependency comes" | "a dependency goes":
                cluster.needs_features.add(version)
                cluster.features_serve = what.endswith("comes")
            case "dependents come" | "dependents go":
                found = ("ranking-v1",) if what.endswith("come") else ()
                cluster.dependents[version] = found

    @rule()
    @precondition(lambda self: self.cluster.spec.replicas > 0)
    def all_goes_well_from_here(self) -> None:
        self.comes_to_rest()

    @invariant()
    def the_status_can_be_told(self) -> None:
        status = self.cluster.status
        total = sum(entry.weight for entry in status.versions)
        assert total in {0, 100}

    def teardown(self) -> None:
        self.comes_to_rest()
        self.ends_where_a_fresh_one_would()

    def checked_pass(self, writes: int | None) -> Plan:
        seen = self.cluster.observe()
        plan = decide(seen, self.cluster.now)
        assert plan.wake_at is None or plan.wake_at >= self.cluster.now
        check_plan(seen, plan)
        return self.cluster.operator_pass(writes)

    def misfortune_ends(self) -> None:
        """From here on nothing new happens, and only the version that is tried may fail."""
        cluster, target = self.cluster, self.cluster.spec.version or ""
        cluster.spec = cluster.spec.model_copy(update={"paused": False})
        cluster.deleted_versions.clear()
        cluster.dependents.clear()
        cluster.features_serve = True
        memory = cluster.memory
        # Going back is to a version that has served: where that one fails too, nothing is left.
        relied_on = {memory.stable, memory.previous.version if memory.previous else None}
        for version in VERSIONS:
            if version != target or version in relied_on:
                cluster.behaviours[version] = Behaviour.HEALTHY

    def comes_to_rest(self) -> None:
        """Assert that it ends well: the named version serves, or it was rejected and one did."""
        self.misfortune_ends()
        cluster = self.cluster
        plan = cluster.settle()
        memory, spec = cluster.memory, cluster.spec
        if spec.replicas == 0:
            assert all(deployment.replicas == 0 for deployment in cluster.deployments.values())
        elif memory.stable is None:
            assert memory.rollout is not None
            assert memory.rollout.version == spec.version
            assert plan.state.phase is Phase.DEGRADED
        else:
            self.serves_well(plan)
        self.stays_at_rest()

    def serves_well(self, plan: Plan) -> None:
        cluster = self.cluster
        memory, spec = cluster.memory, cluster.spec
        rejected = {entry.name for entry in memory.rejected}
        assert memory.rollout is None
        assert memory.leaving is None
        assert memory.stable == spec.version or spec.version in rejected
        wanted = Phase.HEALTHY if memory.stable == spec.version else Phase.DEGRADED
        assert plan.state.phase is wanted, plan.state
        assert cluster.pinned == memory.stable
        assert cluster.endpoints == {memory.stable: spec.replicas}
        running = {v: d.replicas for v, d in cluster.deployments.items() if d.replicas}
        assert running == {v: n for v, n in replicas_wanted(cluster.observe()) if n}
        warm = memory.previous.version if memory.previous is not None else None
        assert set(running) <= {memory.stable, warm}

    def stays_at_rest(self) -> None:
        """Assert that further looks change nothing."""
        before = replace(self.cluster.observe(), endpoints_since=None, evidence=None)  # type: ignore[arg-type]
        told = self.cluster.status
        for _ in range(3):
            self.cluster.advance(1.0)
            self.cluster.run_controllers()
            self.cluster.run_kubelet()
            self.cluster.publish_endpoints()
            self.cluster.operator_pass()
        after = replace(self.cluster.observe(), endpoints_since=None, evidence=None)  # type: ignore[arg-type]
        assert after == before
        assert self.cluster.status == told

    def ends_where_a_fresh_one_would(self) -> None:
        """Assert path independence: a spec that succeeds ends alike, whatever came before it."""
        spec = self.cluster.spec.model_copy(
            update={
                "replicas": max(1, self.cluster.spec.replicas),
                "progress_deadline_seconds": 11,  # a change that no rejection survives
            }
        )
        self.cluster.spec = spec
        self.cluster.behaviours.clear()
        plan = self.cluster.settle()
        fresh = ClusterModel(spec)
        fresh.settle()
        found = self.cluster
        assert (found.pinned, found.endpoints) == (fresh.pinned, fresh.endpoints), plan.state
        assert found.memory.stable == fresh.memory.stable == spec.version
        assert (found.memory.rollout, found.memory.leaving, found.memory.rejected) == (
            None,
            None,
            (),
        )
        told, wanted = found.status, fresh.status
        assert (told.phase, told.message, told.url, told.selector) == (
            wanted.phase,
            wanted.message,
            wanted.url,
            wanted.selector,
        )


Rollouts.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    derandomize="HEADGATE_PROPERTY_EXAMPLES" not in os.environ,
)
TestRollouts = Rollouts.TestCase
