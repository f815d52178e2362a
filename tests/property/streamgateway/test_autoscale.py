"""Whatever a pool's pods show, the autoscaler keeps to its limits and holds when in doubt."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.streamgateway.decide.autoscale import (
    History,
    PodPhase,
    PodSignals,
    Sample,
    Targets,
    decide_replicas,
    record,
)
from tests.builders.gateway_pool import (
    BEGIN,
    decided,
    pods_with,
    some_targets,
    steadily,
    watched,
)

Pods = tuple[PodSignals, ...]

AT_LEISURE = settings(deadline=None)  # minutes of readings in each example

counts = st.integers(0, 5_000)
rates = st.floats(0, 200_000)
pods = st.builds(
    PodSignals,
    name=st.sampled_from(("edge-0", "edge-1", "edge-2", "edge-3")),
    phase=st.sampled_from(PodPhase),
    age_seconds=st.floats(0, 10_000),
    connections=st.none() | counts,
    deliveries_per_second=st.none() | rates,
    bytes_per_second=st.none() | rates,
    cpu_share=st.none() | st.floats(0, 4),
    memory_share=st.none() | st.floats(0, 1),
)
pools = st.lists(pods, max_size=5).map(tuple)
histories = st.lists(pools, max_size=45)
targets = st.builds(
    Targets,
    min_replicas=st.integers(0, 5),
    max_replicas=st.integers(0, 20),
    connections_per_pod=st.none() | st.integers(0, 5_000),
    connection_limit=st.none() | st.integers(0, 7_000),
    deliveries_per_second_per_pod=st.none() | st.floats(0, 50_000),
    bytes_per_second_per_pod=st.none() | st.floats(0, 50_000),
    cpu_utilization=st.none() | st.floats(0, 100),
    scale_down_seconds=st.sampled_from((0.0, 20.0, 300.0)),
    pod_start_seconds=st.sampled_from((0.0, 20.0, 120.0)),
)
wide = some_targets(min_replicas=0, max_replicas=10**9, connection_limit=1_400)


def seen_in_full(pool: Pods) -> Pods:
    """Return a pool of which no figure is missing."""
    return tuple(replace(pod, connections=pod.connections or 0) for pod in pool)


@AT_LEISURE
@given(targets, histories, st.integers(0, 30))
def test_the_pool_stays_between_its_limits(
    limits: Targets, samples: list[Pods], current: int
) -> None:
    desired = decided(watched(samples, limits), current, limits).desired
    lowest = limits.min_replicas
    assert lowest <= desired <= max(lowest, limits.max_replicas)


@AT_LEISURE
@given(targets, histories, st.integers(0, 30))
def test_it_shrinks_by_one_pod_at_most_unless_a_limit_says_otherwise(
    limits: Targets, samples: list[Pods], current: int
) -> None:
    desired = decided(watched(samples, limits), current, limits).desired
    assert desired >= min(current - 1, max(limits.min_replicas, limits.max_replicas))


@AT_LEISURE
@given(targets, pools, st.integers(0, 20))
def test_a_pod_that_served_and_shows_nothing_forbids_shrinking(
    limits: Targets, pool: Pods, current: int
) -> None:
    # given
    limits = replace(limits, max_replicas=20, connections_per_pod=1_000)
    silent = PodSignals(name="silent", age_seconds=100, phase=PodPhase.UNREADY)
    history = watched(steadily((*pool, silent), 40), limits)
    # then
    assert decided(history, current, limits).desired >= current


@AT_LEISURE
@given(targets, pools, st.integers(0, 20))
def test_an_empty_history_never_shrinks(limits: Targets, pool: Pods, current: int) -> None:
    limits = replace(limits, max_replicas=20, scale_down_seconds=300.0)
    assert decide_replicas(limits, History(), current, BEGIN).desired >= current
    assert decided(watched([pool], limits), current, limits).desired >= current


@AT_LEISURE
@given(histories, pools, st.integers(0, 4), st.integers(1, 5_000), st.integers(0, 30))
def test_more_clients_never_give_fewer_pods(
    samples: list[Pods], pool: Pods, place: int, more: int, current: int
) -> None:
    # given
    before = watched([seen_in_full(past) for past in samples], wide)
    pool = seen_in_full(pool)
    fuller = tuple(
        replace(pod, connections=(pod.connections or 0) + more) if index == place else pod
        for index, pod in enumerate(pool)
    )
    # when
    fewer, greater = (
        decided(watched([last], wide, history=before), current, wide).desired
        for last in (pool, fuller)
    )
    # then
    assert greater >= fewer


@AT_LEISURE
@given(st.lists(counts, min_size=1, max_size=6), st.integers(1, 30))
def test_a_load_that_stays_leads_to_a_number_of_pods_that_stays(
    connections: list[int], current: int
) -> None:
    # given
    limits = some_targets(max_replicas=50, scale_down_seconds=30)
    history = watched(steadily(pods_with(*connections), 40), limits)
    seen = []
    # when
    for _ in range(50):
        history = watched([pods_with(*connections)], limits, history=history)
        current = decided(history, current, limits).desired
        seen.append(current)
    # then
    wanted = max(1, -(-sum(connections) // 1_000))
    assert seen[-1] == wanted
    assert seen == sorted(seen, reverse=seen[0] > wanted), "no way back and forth"


@AT_LEISURE
@given(st.lists(st.integers(0, 1_000), min_size=31, max_size=31), st.integers(1, 4))
def test_a_wobble_within_what_the_pods_should_carry_changes_nothing(
    wobble: list[int], count: int
) -> None:
    limits = some_targets(min_replicas=count)
    history = watched(steadily(pods_with(*[1_000] * count), 60), limits)
    for connections in wobble:
        history = watched([pods_with(*[connections] * count)], limits, history=history)
        assert decided(history, count, limits).desired == count


@AT_LEISURE
@given(st.lists(st.floats(-1e6, 1e6), max_size=40), targets)
def test_whatever_times_a_clock_gives_nothing_breaks(times: list[float], limits: Targets) -> None:
    history = History()
    for time in times:
        history = record(history, Sample(time=time, pods=pods_with(900, 900)), limits)
        assert decide_replicas(limits, history, 2, time).wake_at > time
