"""The latency gate: slowness is judged by how often the stable version's limit is passed."""

from itertools import accumulate, repeat

import pytest

from headgate.model.gates import latency
from headgate.model.gates.latency import Histogram, Limit

BOUNDS = tuple(accumulate(repeat(1.25, 40), lambda bound, factor: bound * factor, initial=0.001))
EMPTY = (0,) * len(BOUNDS)


def answers(**by_milliseconds: int) -> Histogram:
    """Return a histogram of so many answers of so many milliseconds: answers(ms5=100, ms80=3)."""
    counts = list(EMPTY)
    for name, count in by_milliseconds.items():
        seconds = int(name.removeprefix("ms")) / 1000
        counts[next(i for i, bound in enumerate(BOUNDS) if bound >= seconds)] += count
    return Histogram(bounds=BOUNDS, counts=tuple(counts))


def limit_of(stable: Histogram, tolerance: float = 0.025) -> Limit | None:
    return latency.limit_from(stable, quantile=0.99, max_ratio=1.5, tolerance=tolerance)


def judged(canary: Histogram, stable: Histogram, tolerance: float = 0.025) -> bool:
    evidence = latency.add_answers((), canary, limit_of(stable, tolerance))
    return latency.exceeded(evidence, alpha=0.01)


def test_a_canary_ten_times_slower_is_caught_by_a_few_answers() -> None:
    assert judged(answers(ms500=10), answers(ms50=1000))


def test_a_canary_that_is_as_quick_is_not_caught() -> None:
    assert not judged(answers(ms50=10_000), answers(ms50=1_000))


def test_a_canary_with_the_stable_versions_own_slow_tail_is_not_caught() -> None:
    assert not judged(answers(ms20=9_900, ms400=100), answers(ms20=9_900, ms400=100))


def test_a_tail_that_grows_tenfold_is_caught() -> None:
    assert judged(answers(ms20=900, ms400=100), answers(ms20=9_990, ms400=10))


def test_milliseconds_within_the_tolerance_are_no_slowness() -> None:
    quick, thrice = answers(ms2=10_000), answers(ms6=10_000)
    assert not judged(thrice, quick)
    assert judged(thrice, quick, tolerance=0.0)


def test_too_few_answers_of_the_stable_version_set_no_limit() -> None:
    assert limit_of(answers(ms50=199)) is None
    assert limit_of(answers(ms50=201)) is not None


def test_without_a_limit_nothing_is_said() -> None:
    assert not latency.exceeded(latency.add_answers((), answers(ms500=1000), None), alpha=0.01)


def test_no_answers_leave_the_evidence_as_it_was() -> None:
    limit = limit_of(answers(ms50=1000))
    before = latency.add_answers((), answers(ms500=2), limit)
    assert latency.add_answers(before, Histogram(bounds=BOUNDS, counts=EMPTY), limit) == before


def test_evidence_of_another_release_is_begun_anew() -> None:
    limit = limit_of(answers(ms50=1000))
    assert latency.add_answers((9.0,), answers(ms50=1), limit) == latency.add_answers(
        (), answers(ms50=1), limit
    )


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
