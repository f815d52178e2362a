"""The error-ratio gate: worse is told from unlucky, at any look."""

import math

import pytest

from headgate.model.gates import error_ratio
from headgate.model.status_types import Arm
from tests.builders.observed import errors_of

ALPHA = 0.01
LIMIT = 2.0


def judge(*batches: tuple[Arm, Arm], alpha: float = ALPHA, limit: float = LIMIT) -> bool:
    """Return the verdict after these batches of (canary, stable)."""
    evidence: tuple[float, ...] = ()
    canary, stable = Arm(), Arm()
    for new_canary, new_stable in batches:
        evidence = error_ratio.add_errors(
            evidence, canary=new_canary, stable=new_stable, max_ratio=limit
        )
        canary = errors_of(canary.requests + new_canary.requests, canary.errors + new_canary.errors)
        stable = errors_of(stable.requests + new_stable.requests, stable.errors + new_stable.errors)
    return error_ratio.exceeded(
        evidence, canary=canary, stable=stable, max_ratio=limit, alpha=alpha
    )


def test_a_canary_that_fails_every_fifth_request_is_caught_within_a_few_requests() -> None:
    assert judge((errors_of(20, 4), errors_of(180, 0)))


def test_a_canary_without_errors_is_never_caught() -> None:
    assert not judge((errors_of(100_000, 0), errors_of(900_000, 4_500)))


def test_equal_error_rates_are_not_caught() -> None:
    assert not judge((errors_of(10_000, 50), errors_of(90_000, 450)))


def test_a_better_canary_is_not_caught() -> None:
    assert not judge((errors_of(10_000, 5), errors_of(90_000, 4_500)))


def test_a_ratio_within_the_limit_is_tolerated_however_certain_it_is() -> None:
    worse_but_tolerated = (errors_of(1_000_000, 15_000), errors_of(1_000_000, 10_000))
    assert not judge(worse_but_tolerated)
    assert judge(worse_but_tolerated, limit=1.2)


def test_one_error_convicts_nobody() -> None:
    assert not judge((errors_of(1, 1), errors_of(1_000, 0)))


def test_errors_that_both_sides_share_in_an_outage_convict_nobody() -> None:
    assert not judge((errors_of(100, 100), errors_of(900, 900)))


def test_a_stricter_alpha_wants_more_evidence() -> None:
    batch = (errors_of(20, 4), errors_of(180, 0))
    assert judge(batch, alpha=0.01)
    assert not judge(batch, alpha=1e-6)


def test_no_traffic_is_no_evidence_in_either_direction() -> None:
    # given / when / then: nothing at all, only the canary, only the stable version
    assert not judge()
    assert not judge((Arm(), Arm()))
    assert not judge((errors_of(50, 50), Arm()))
    assert not judge((Arm(), errors_of(50, 50)))


def test_a_batch_with_one_side_only_leaves_the_evidence_as_it_was() -> None:
    before = error_ratio.add_errors(
        (), canary=errors_of(20, 4), stable=errors_of(180, 1), max_ratio=LIMIT
    )
    after = error_ratio.add_errors(before, canary=errors_of(9, 9), stable=Arm(), max_ratio=LIMIT)
    assert after == before


def test_each_batch_is_weighed_by_its_own_share_of_requests() -> None:
    # given the same errors, at 10% and then 50% of the traffic, and all at the average share
    shifted = judge((errors_of(100, 1), errors_of(900, 9)), (errors_of(500, 5), errors_of(500, 5)))
    # then a weight that changes makes nobody guilty
    assert not shifted


@pytest.mark.parametrize("theta_true", [1.0, 0.5])
def test_the_evidence_does_not_grow_on_average_while_the_canary_is_no_worse(
    theta_true: float,
) -> None:
    """Each alternative's expected factor per error is at most 1: Ville's inequality holds."""
    for share in (0.01, 0.1, 0.5, 0.9):
        by_canary = theta_true * share / (theta_true * share + 1 - share)
        for theta in error_ratio.ratios(LIMIT):
            worse = theta * share + 1 - share
            expected = by_canary * theta / worse + (1 - by_canary) / worse
            assert expected <= 1 + 1e-12


def test_the_alternatives_begin_at_the_limit_and_never_below_a_difference_one_can_see() -> None:
    assert error_ratio.ratios(2.0)[0] == pytest.approx(2.0)
    assert error_ratio.ratios(1.0)[0] == pytest.approx(1.05)
    assert error_ratio.ratios(1000.0)[-1] > 1000.0


def test_evidence_of_another_release_with_other_alternatives_is_begun_anew() -> None:
    kept = (5.0, 5.0, 5.0)
    found = error_ratio.add_errors(
        kept, canary=errors_of(10, 1), stable=errors_of(90, 0), max_ratio=LIMIT
    )
    assert found == error_ratio.add_errors(
        (), canary=errors_of(10, 1), stable=errors_of(90, 0), max_ratio=LIMIT
    )


def test_the_mixture_survives_figures_that_overflow_a_plain_exponential() -> None:
    assert error_ratio.log_evidence((5_000.0, 5_000.0)) == pytest.approx(5_000.0)
    assert error_ratio.log_evidence((-9_000.0, 0.0)) == pytest.approx(-math.log(2))
    assert error_ratio.log_evidence(()) == 0.0
