"""A version that has all the traffic is held against what the one before it answered."""

import math

import numpy as np
import pytest

from headgate.model.gates import alone
from headgate.model.status_types import Arm
from tests.builders.observed import errors_of

LIMIT, ALPHA = 2.0, 0.01
BEFORE = errors_of(10_000, 50)
NEVER_SEEN = Arm()


def caught(*batches: Arm, before: Arm = BEFORE) -> bool:
    evidence: tuple[float, ...] = ()
    for batch in batches:
        evidence = alone.add_alone(evidence, batch, before=before, max_ratio=LIMIT)
        if alone.exceeded(evidence, alpha=ALPHA):
            return True
    return False


def test_every_fifth_request_failing_is_caught_within_a_hundred_requests() -> None:
    assert caught(*[errors_of(20, 4)] * 5)


def test_the_same_rate_is_not_caught_in_a_day_of_batches() -> None:
    assert not caught(*[errors_of(1_000, 5)] * 2_000)


def test_twice_the_rate_is_tolerated() -> None:
    assert not caught(*[errors_of(1_000, 10)] * 2_000)


def test_a_version_that_breaks_after_a_good_day_is_caught_as_quickly() -> None:
    assert caught(*[errors_of(1_000, 5)] * 2_000, *[errors_of(20, 4)] * 5)


def test_nothing_was_answered_so_nothing_is_said() -> None:
    assert not caught(Arm())
    assert not caught()


@pytest.mark.parametrize("before", [NEVER_SEEN, errors_of(10, 0), errors_of(10_000, 0)])
def test_no_data_of_the_version_before_does_not_mean_that_anything_goes(before: Arm) -> None:
    assert caught(*[errors_of(20, 4)] * 40, before=before)
    assert not caught(*[errors_of(20, 0)] * 2_000, before=before)


def test_a_version_that_always_failed_half_of_its_requests_tolerates_all() -> None:
    assert alone.tolerated_rate(errors_of(1_000, 600), LIMIT) > 1
    assert not caught(errors_of(1_000, 1_000), before=errors_of(1_000, 600))


def test_more_errors_than_requests_break_nothing() -> None:
    evidence = alone.add_alone((), errors_of(5, 9), before=BEFORE, max_ratio=LIMIT)
    assert all(math.isfinite(value) for value in evidence)


@pytest.mark.simulation
def test_healthy_versions_are_hardly_ever_sent_back() -> None:
    """1,000 versions with the earlier rate over 20,000 requests each: alpha would allow 10."""
    rng = np.random.default_rng(7)
    sent_back = sum(
        caught(*(errors_of(200, int(errors)) for errors in rng.binomial(200, 0.005, 100)))
        for _ in range(1_000)
    )
    assert sent_back <= 10


def test_wilsons_bound_agrees_with_published_values() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81/263 and 0/20 at 95%."""
    assert alone.upper_rate(errors_of(263, 81), z=1.959964) == pytest.approx(0.3662, abs=5e-5)
    assert alone.upper_rate(errors_of(20, 0), z=1.959964) == pytest.approx(0.1611, abs=5e-5)
