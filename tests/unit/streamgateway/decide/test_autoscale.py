"""How many pods a gateway's pool should have, and why."""

from dataclasses import replace

import pytest

from headgate.core.reasons import Reason
from headgate.streamgateway.decide.autoscale import (
    READ_EVERY,
    History,
    PodPhase,
    Sample,
    Scaling,
    Signal,
    decide_replicas,
    record,
)
from tests.builders.gateway_pool import (
    BEGIN,
    QUIET,
    a_gateway_pod,
    decided,
    pods_with,
    some_targets,
    steadily,
    watched,
)

TARGETS = some_targets()


def test_a_pool_grows_to_its_connections_at_once_and_says_the_numbers() -> None:
    # given
    targets = some_targets(connections_per_pod=2_800)
    history = watched([pods_with(3_500, 3_500, 3_500)], targets)
    # when
    scaling = decide_replicas(targets, history, 3, BEGIN)
    # then
    assert scaling == Scaling(
        desired=4,
        reason=Reason.LOAD_GREW,
        message="10500 connections / 2800 per pod",
        signal=Signal.CONNECTIONS,
        wake_at=BEGIN + READ_EVERY,
    )


def test_a_load_that_fits_changes_nothing() -> None:
    history = watched(steadily(pods_with(700, 700), QUIET), TARGETS)
    scaling = decided(history, 2, TARGETS)
    assert (scaling.desired, scaling.reason) == (2, Reason.LOAD_FITS)


def test_exactly_what_the_pods_should_carry_asks_for_no_more() -> None:
    history = watched(steadily(pods_with(1_000, 1_000), QUIET), TARGETS)
    assert decided(history, 2, TARGETS).desired == 2


def test_the_signal_that_needs_most_pods_decides() -> None:
    targets = some_targets(deliveries_per_second_per_pod=40_000, cpu_utilization=70)
    pods = pods_with(500, 500, deliveries_per_second=30_000, cpu_share=1.4)
    scaling = decided(watched([pods], targets), 2, targets)
    assert (scaling.desired, scaling.signal) == (4, Signal.CPU)
    assert scaling.message == "280% CPU / 70 per pod"


def test_a_rate_that_leaps_for_one_reading_is_averaged_away() -> None:
    targets = some_targets(connections_per_pod=None, cpu_utilization=70)
    calm, leap = pods_with(500, 500, cpu_share=0.5), pods_with(500, 500, cpu_share=0.8)
    history = watched([*steadily(calm, QUIET), leap], targets)
    assert decided(history, 2, targets).desired == 2


def test_a_surge_of_a_rate_counts_after_six_seconds_not_sixty() -> None:
    targets = some_targets(connections_per_pod=None, cpu_utilization=70)
    calm, surge = pods_with(500, 500, cpu_share=0.5), pods_with(500, 500, cpu_share=1.4)
    history = watched([*steadily(calm, QUIET), *steadily(surge, 4)], targets)
    scaling = decided(history, 2, targets)
    assert (scaling.desired, scaling.reason) == (4, Reason.LOAD_SURGED)


def test_growth_that_lasts_is_met_before_it_is_there() -> None:
    # given: 20 more clients a second, for a minute; 35 s ahead they are 700 more
    growing = [pods_with(500 + 20 * step, 500 + 20 * step) for step in range(31)]
    # when
    scaling = decided(watched(growing, TARGETS), 3, TARGETS)
    # then
    assert (scaling.desired, scaling.reason) == (3, Reason.LOAD_FITS)
    assert scaling.message == "2900 connections expected / 1000 per pod"


def test_a_jump_is_not_taken_for_growth_that_goes_on() -> None:
    jump = [*steadily(pods_with(500, 500), 40), *steadily(pods_with(1_400, 1_400), 40)]
    for length in range(1, len(jump) + 1):
        assert decided(watched(jump[:length], TARGETS), 2, TARGETS).desired <= 3


def test_a_wave_of_clients_that_come_back_ends_at_as_many_pods_as_before() -> None:
    # given: two of four full pods die; their clients come back over a minute
    before = steadily(pods_with(950, 950, 950, 950), QUIET)
    wave = [pods_with(950 + 30 * step, 950 + 30 * step) for step in range(31)]
    history = watched(before, TARGETS)
    for pods in wave:
        # when
        history = watched([pods], TARGETS, history=history)
        # then
        assert decided(history, 4, TARGETS).desired == 4


def test_a_full_pool_is_doubled_for_the_demand_that_is_not_seen() -> None:
    targets = some_targets(connection_limit=1_400)
    history = watched([pods_with(900, 900), pods_with(1_400, 1_400)], targets)
    scaling = decided(history, 2, targets)
    assert (scaling.desired, scaling.reason) == (4, Reason.PODS_FULL)
    assert "ready pods are full" in scaling.message


def test_a_full_pool_is_doubled_once_while_new_pods_start() -> None:
    targets = some_targets(connection_limit=1_400)
    history = watched([pods_with(1_400, 1_400), pods_with(1_400, 1_400, 1_400)], targets)
    assert decided(history, 4, targets).desired == 5, "what 4,200 clients need, not twice three"


def test_clients_of_a_leaving_pod_need_room_elsewhere() -> None:
    pods = (
        *pods_with(900, 900),
        a_gateway_pod("edge-9", connections=900, phase=PodPhase.LEAVING),
    )
    assert decided(watched([pods], TARGETS), 2, TARGETS).desired == 3


def test_a_pool_shrinks_by_one_pod_once_the_whole_window_needed_fewer() -> None:
    history = watched(steadily(pods_with(200, 200, 200, 200), QUIET), TARGETS)
    scaling = decided(history, 4, TARGETS)
    assert (scaling.desired, scaling.reason) == (3, Reason.LOAD_FELL)


def test_a_peak_within_the_window_keeps_the_pods_that_it_needed() -> None:
    peak, calm = pods_with(950, 950, 950, 950), pods_with(200, 200, 200, 200)
    history = watched([*steadily(calm, QUIET), peak, *steadily(calm, 280)], TARGETS)
    scaling = decided(history, 4, TARGETS)
    assert (scaling.desired, scaling.reason) == (4, Reason.LOAD_FELL_RECENTLY)
    assert scaling.message.endswith("4 were needed within the last 300 s")


def test_a_short_history_does_not_shrink_the_pool() -> None:
    history = watched(steadily(pods_with(0, 0, 0), 60), TARGETS)
    scaling = decided(history, 3, TARGETS)
    assert (scaling.desired, scaling.reason) == (3, Reason.WATCHED_TOO_SHORTLY)


def test_nothing_read_holds_the_pool() -> None:
    scaling = decided(History(), 7, TARGETS)
    assert (scaling.desired, scaling.reason) == (7, Reason.NOTHING_MEASURED)


def test_figures_that_are_old_hold_the_pool() -> None:
    history = watched(steadily(pods_with(0, 0, 0), QUIET), TARGETS)
    scaling = decide_replicas(TARGETS, history, 3, BEGIN + QUIET + 30)
    assert (scaling.desired, scaling.reason) == (3, Reason.NOTHING_MEASURED)


def test_a_gap_in_the_readings_begins_the_watch_anew() -> None:
    history = watched(steadily(pods_with(0, 0, 0), QUIET), TARGETS)
    later = Sample(time=BEGIN + QUIET + 60, pods=pods_with(0, 0, 0))
    history = record(history, later, TARGETS)
    assert history.since == later.time


def test_a_clock_that_was_set_back_begins_the_watch_anew() -> None:
    history = watched(steadily(pods_with(0, 0, 0), QUIET), TARGETS)
    earlier = Sample(time=BEGIN - 3_600, pods=pods_with(0, 0, 0))
    assert record(history, earlier, TARGETS).since == earlier.time


def test_a_sample_that_is_not_newer_is_ignored() -> None:
    history = watched(steadily(pods_with(0, 0, 0), 20), TARGETS)
    again = Sample(time=BEGIN + 20, pods=pods_with(5_000, 5_000))
    assert record(history, again, TARGETS) == history


def test_a_pod_without_figures_counts_as_full_and_forbids_shrinking() -> None:
    history = watched(steadily(pods_with(0, 0, None), QUIET), TARGETS)
    scaling = decided(history, 3, TARGETS)
    assert (scaling.desired, scaling.reason) == (3, Reason.METRICS_MISSING)
    assert scaling.message == (
        "1000 connections / 1000 per pod; "
        "no figures of edge-2: does not shrink before they are back"
    )


def test_a_pod_without_figures_is_thought_as_busy_as_the_others() -> None:
    history = watched([pods_with(1_300, 1_300, None)], TARGETS)
    assert decided(history, 3, TARGETS).desired == 4


def test_a_figure_that_is_no_number_is_missing() -> None:
    targets = some_targets(cpu_utilization=70)
    pods = pods_with(100, 100, cpu_share=float("nan"))
    scaling = decided(watched(steadily(pods, QUIET), targets), 3, targets)
    assert scaling.reason is Reason.METRICS_MISSING


def test_a_pod_that_has_never_been_ready_is_not_asked_for_figures() -> None:
    pods = (
        *pods_with(100, 100),
        a_gateway_pod("edge-9", connections=None, phase=PodPhase.STARTING, age_seconds=9_999),
    )
    scaling = decided(watched(steadily(pods, QUIET), TARGETS), 3, TARGETS)
    assert (scaling.desired, scaling.reason) == (2, Reason.LOAD_FELL)


def test_a_pod_that_is_just_ready_is_not_full_before_its_first_figures() -> None:
    young = a_gateway_pod("edge-9", connections=None, age_seconds=22)
    scaling = decided(watched([(*pods_with(950, 950), young)], TARGETS), 2, TARGETS)
    assert scaling.desired == 2


def test_an_outage_of_all_figures_holds_the_pool_for_as_long_as_it_lasts() -> None:
    history = watched(steadily(pods_with(900, 900, 900), QUIET), TARGETS)
    for _ in range(600):
        history = watched([pods_with(None, None, None)], TARGETS, history=history)
        assert decided(history, 3, TARGETS).desired == 3


@pytest.mark.parametrize("disrupted", [True, False])
def test_one_drain_at_a_time(disrupted: bool) -> None:
    leaving = a_gateway_pod("edge-9", connections=5, phase=PodPhase.LEAVING)
    pods = pods_with(100, 100, 100) if disrupted else (*pods_with(100, 100, 100), leaving)
    history = watched(steadily(pods, QUIET), TARGETS, disrupted=disrupted)
    scaling = decided(history, 3, TARGETS)
    assert (scaling.desired, scaling.reason) == (3, Reason.DRAIN_UNDER_WAY)


def test_memory_near_its_limit_forbids_shrinking() -> None:
    history = watched(steadily(pods_with(100, 100, memory_share=0.9), QUIET), TARGETS)
    scaling = decided(history, 2, TARGETS)
    assert (scaling.desired, scaling.reason) == (2, Reason.MEMORY_SHORT)


def test_max_replicas_holds_the_pool_and_the_message_says_so() -> None:
    targets = some_targets(max_replicas=3)
    scaling = decided(watched([pods_with(2_500, 2_500)], targets), 2, targets)
    assert (scaling.desired, scaling.limited) == (3, True)
    assert scaling.message == ("5000 connections / 1000 per pod; maxReplicas 3 holds it at 3")


def test_min_replicas_holds_the_pool_when_there_are_no_clients() -> None:
    targets = some_targets(min_replicas=2)
    history = watched(steadily(pods_with(0, 0), QUIET), targets)
    scaling = decided(history, 2, targets)
    assert (scaling.desired, scaling.limited) == (2, True)


def test_new_limits_apply_without_any_figures() -> None:
    assert decided(History(), 1, some_targets(min_replicas=3)).desired == 3
    assert decided(History(), 9, some_targets(max_replicas=5)).desired == 5


@pytest.mark.parametrize("zero", [0, None, -1])
def test_a_target_of_zero_is_no_signal(zero: int | None) -> None:
    targets = some_targets(connections_per_pod=zero)
    scaling = decided(watched(steadily(pods_with(900, 900), QUIET), targets), 4, targets)
    assert (scaling.desired, scaling.signal) == (4, None)


def test_no_ready_pod_divides_nothing_by_zero() -> None:
    pods = tuple(replace(pod, phase=PodPhase.UNREADY) for pod in pods_with(900, 900))
    assert decided(watched([pods], TARGETS), 2, TARGETS).desired == 2
    assert decided(watched([()], TARGETS), 0, TARGETS).desired == 1
