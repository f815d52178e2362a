"""The latency gate: slowness is judged by how often the stable version's limit is passed."""

from itertools import accumulate, repeat

import pytest

from headgate.model.gates import latency
from headgate.model.gates.latency import Histogram
from headgate.model.status_types import Arm

BOUNDS = tuple(accumulate(repeat(1.25, 40), lambda bound, factor: bound * factor, initial=0.001))
EMPTY = (0,) * len(BOUNDS)


def answers(**by_milliseconds: int) -> Histogram:
    """Return a histogram of so many answers of so many milliseconds: answers(ms5=100, ms80=3)."""
    counts = list(EMPTY)
    for name, count in by_milliseconds.items():
        seconds = int(name.removeprefix("ms")) / 1000
        counts[next(i for i, bound in enumerate(BOUNDS) if bound >= seconds)] += count
    return Histogram(bounds=BOUNDS, counts=tuple(counts))


def limit_of(stable: Histogram, tolerance: float = 0.025) -> float | None:
    return latency.limit_from(stable, quantile=0.99, max_ratio=1.5, tolerance=tolerance)


def judged(
    canary: Histogram, beside: Histogram, before: Histogram, tolerance: float = 0.025
) -> bool:
    """Return the verdict on a canary's answers and the stable version's at the same time."""
    limit = limit_of(before, tolerance)
    slow, slow_beside = latency.slow_answers(canary, limit), latency.slow_answers(beside, limit)
    evidence = latency.add_answers((), canary=slow, stable=slow_beside)
    return latency.exceeded(evidence, canary=slow, stable=slow_beside, quantile=0.99, alpha=0.01)


QUICK = answers(ms50=1000)


def test_a_canary_ten_times_slower_is_caught_by_a_few_answers() -> None:
    assert judged(answers(ms500=10), answers(ms50=30), QUICK)


def test_a_canary_that_is_as_quick_is_not_caught() -> None:
    assert not judged(answers(ms50=10_000), answers(ms50=10_000), QUICK)


def test_a_busy_node_that_slows_both_accuses_nobody() -> None:
    assert not judged(answers(ms500=1_000), answers(ms500=3_000), QUICK)
    assert not judged(answers(ms50=900, ms500=100), answers(ms50=2_700, ms500=300), QUICK)


def test_a_canary_with_the_stable_versions_own_slow_tail_is_not_caught() -> None:
    tail = answers(ms20=9_900, ms400=100)
    assert not judged(tail, tail, tail)


def test_a_tail_that_grows_tenfold_is_caught() -> None:
    usual = answers(ms20=9_990, ms400=10)
    assert judged(answers(ms20=900, ms400=100), usual, usual)


def test_a_few_slow_answers_within_the_quantile_are_allowed() -> None:
    assert not judged(answers(ms50=9_950, ms500=50), answers(ms50=10_000), QUICK)


def test_milliseconds_within_the_tolerance_are_no_slowness() -> None:
    quick, thrice = answers(ms2=10_000), answers(ms6=10_000)
    assert not judged(thrice, quick, quick)
    assert judged(thrice, quick, quick, tolerance=0.0)


def test_too_few_answers_of_the_stable_version_set_no_limit() -> None:
    assert limit_of(answers(ms50=199)) is None
    assert limit_of(answers(ms50=201)) is not None


def test_without_a_limit_nothing_is_said() -> None:
    assert not judged(answers(ms500=1000), QUICK, answers(ms50=10))


def test_no_answers_leave_the_evidence_as_it_was() -> None:
    evidence = (1.0,) * 24
    for canary, stable in ((Arm(), Arm()), (Arm(requests=9, errors=9), Arm())):
        assert latency.add_answers(evidence, canary=canary, stable=stable) == evidence


@pytest.mark.parametrize(
    ("seconds", "over"), [(0.5, 7), (1.0, 7), (1.5, 3), (2.0, 3), (4.0, 0), (9.0, 0)]
)
def test_only_answers_surely_over_a_limit_count(seconds: float, over: int) -> None:
    seen = Histogram(bounds=(0.5, 1.0, 2.0, 4.0), counts=(9, 0, 4, 3))
    assert seen.over(seconds) == over


def test_the_overflow_bucket_counts_as_over_every_limit_below_it() -> None:
    seen = Histogram(bounds=(1.0, float("inf")), counts=(5, 2))
    assert seen.over(1.0) == 2
    assert seen.quantile(0.99) == float("inf")


def test_a_histogram_of_another_build_takes_the_place_of_this_one() -> None:
    other = Histogram(bounds=(1.0,), counts=(4,))
    assert answers(ms5=3).plus(other) == other
