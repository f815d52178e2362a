"""Rules that hold of any state there may be, also of those that no history leads to."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.streamgateway.decide import decide, memory_of
from headgate.streamgateway.observed import CoreServers, EdgePod, Observed
from headgate.streamgateway.status_types import Candidate, DrainStatus, RebalanceStatus, WhyDrained
from tests.builders.gateway_world import status_after
from tests.builders.gateways import CRASHED, NOW, WAITING, a_gateway, an_edge

EXAMPLES = int(os.environ.get("HEADGATE_PROPERTY_EXAMPLES", "40")) * 4
revisions = st.sampled_from(("r1", "r2", "r3"))
times = st.sampled_from([NOW - timedelta(seconds=s) for s in (0, 2, 4, 16, 40, 100, 700, 9000)])
maybe_times = st.none() | times
counts = st.none() | st.sampled_from((0, 1, 9, 100, 3000))

pods: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    revision=revisions,
    created_at=times,
    ready_since=maybe_times,
    unready_since=maybe_times,
    serving=st.sampled_from((True, True, True, False)),
    full=st.booleans(),
    leaving=st.sampled_from((False, False, False, True)),
    over=st.sampled_from((False, False, False, True)),
    trouble=st.sampled_from((None, None, CRASHED, WAITING)),
    connections=counts,
    arrived=counts,
    slow_consumers=st.none() | st.integers(0, 3),
    movable=st.sampled_from((True, True, False)),
    complaint=st.sampled_from(("", "", "it does not keep the contract")),
    ip=st.sampled_from(("", "10.0.0.1")),
)
drains = st.builds(
    dict,
    pod=st.integers(0, 5).map("feed-edge-{}".format),
    uid=st.integers(0, 5).map("uid-{}".format),
    why=st.sampled_from(WhyDrained),
    cordoned_at=times,
    connections=st.integers(0, 200),
    asking_since=maybe_times,
    done_at=maybe_times,
).map(DrainStatus.model_validate)
candidates = st.builds(
    dict,
    revision=revisions,
    started_at=times,
    healthy_since=maybe_times,
    proven=st.booleans(),
    core_since=maybe_times,
).map(Candidate.model_validate)
rebalances = st.builds(
    dict, since=times, connections=st.integers(1, 500), given_up_at=maybe_times
).map(RebalanceStatus.model_validate)


@st.composite
def gateways(draw: st.DrawFn) -> Observed:
    """Return whatever an operator may find."""
    edges = [an_edge(number, **fields) for number, fields in enumerate(draw(st.lists(pods)))]
    remembered: dict[str, Any] = {
        "stable_revision": draw(st.none() | revisions),
        "candidate": draw(st.none() | candidates),
        "drain": draw(st.none() | drains),
        "rebalance": draw(st.none() | rebalances),
    }
    return a_gateway(
        *edges,
        wanted=draw(st.none() | revisions),
        spec={
            "replicas": draw(st.integers(1, 5)),
            "rollback": {"onFailedHealthChecks": draw(st.booleans())},
        },
        remembered=remembered,
        core=None,
    )


def settled(seen: Observed) -> Observed:
    """Write what is to be remembered, until nothing is; as the reconciler does, at once."""
    for _ in range(8):
        plan = decide(seen, NOW)
        if plan.memory == memory_of(seen.status):
            return seen
        seen = replace(seen, status=status_after(seen.status, plan))
    message = f"passes without end: {plan.memory}"
    raise AssertionError(message)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    seen=gateways(),
    core=st.sampled_from(("r1", "r2", None)),
    updated=st.integers(0, 3),
    wanted=st.sampled_from((3, 3, 0)),
)
def test_what_is_to_be_remembered_settles_in_a_few_passes(
    seen: Observed, core: str | None, updated: int, wanted: int
) -> None:
    # given
    servers = CoreServers(wanted=wanted, ready=3, revision=core, updated=updated)
    # when
    after = settled(replace(seen, core=servers))
    # then
    assert decide(after, NOW) == decide(after, NOW)


@settings(max_examples=EXAMPLES, deadline=None)
@given(seen=gateways())
def test_only_what_a_finished_drain_holds_or_has_ended_is_deleted(seen: Observed) -> None:
    # given
    seen = settled(seen)
    # when
    plan = decide(seen, NOW)
    # then
    drain = seen.status.drain
    for pod in plan.delete:
        done = drain is not None and drain.done_at is not None and pod is seen.drained
        assert pod.over or (done and not pod.serving)
        assert not pod.leaving


@settings(max_examples=EXAMPLES, deadline=None)
@given(seen=gateways())
def test_pods_that_take_clients_and_say_nothing_are_left_alone(seen: Observed) -> None:
    # given
    silent = tuple(_silent(pod) if pod.ready else pod for pod in seen.edges)
    seen = settled(replace(seen, edges=silent, status=_without_drain(seen)))
    # when
    plan = decide(seen, NOW)
    # then
    assert not any(pod.ready for pod in plan.cordon)
    assert not any(pod.ready and not pod.over for pod in plan.delete)
    assert not plan.moves


@settings(max_examples=EXAMPLES, deadline=None)
@given(seen=gateways())
def test_names_made_are_new_and_who_is_asked_can_go_elsewhere(seen: Observed) -> None:
    # given
    seen = settled(seen)
    # when
    plan = decide(seen, NOW)
    # then
    made = [edge.name for edge in plan.create]
    assert len({*made, *(pod.name for pod in seen.edges)}) == len(made) + len(seen.edges)
    for asked in plan.moves:
        assert any(pod.ready and pod.name != asked.pod for pod in seen.staying)
        asked_pod = seen.edge(asked.pod)
        assert asked_pod is not None
        assert asked_pod.movable or not asked_pod.serving
        assert 0 < asked.count <= 3000
    open_then = {pod.name for pod in seen.staying if not pod.full or pod in plan.open}
    open_then -= {pod.name for pod in plan.close}
    takes = {pod.name for pod in seen.staying if pod.ready}
    assert not takes or open_then & takes, "clients can connect somewhere"
    assert len(plan.cordon) + len([pod for pod in plan.delete if not pod.over]) <= 1
    assert plan.wake_at is not None
    assert plan.wake_at > NOW


def _silent(pod: EdgePod) -> EdgePod:
    return replace(pod, connections=None, arrived=None, slow_consumers=None, complaint="")


def _without_drain(seen: Observed) -> Any:
    return seen.status.model_copy(update={"drain": None})
