"""Boundaries and crossing probabilities, held against published tables."""

import math

import pytest

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sequential.boundaries import (
    Spending,
    boundaries,
    crossing_probability,
    spent,
)


def even(looks: int) -> list[float]:
    return [look / looks for look in range(1, looks + 1)]


@pytest.mark.parametrize(
    ("spending", "published"),
    [
        (Spending.OBRIEN_FLEMING, (4.877, 3.357, 2.680, 2.290, 2.031)),
        (Spending.POCOCK, (2.438, 2.427, 2.410, 2.397, 2.386)),
    ],
)
def test_five_even_looks_have_the_published_boundaries(
    spending: Spending, published: tuple[float, ...]
) -> None:
    # Reboussin, DeMets, Kim, Lan 2000, Controlled Clinical Trials 21, 190
    assert boundaries(even(5), spending=spending) == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(
    ("looks", "published"), [(1, 0.05), (2, 0.083), (5, 0.142), (10, 0.193), (20, 0.248)]
)
def test_peeking_with_a_fixed_limit_has_the_published_level(looks: int, published: float) -> None:
    # Armitage, McPherson, Rowe 1969, table 2
    found = crossing_probability(even(looks), [1.959964] * looks)
    assert found == pytest.approx(published, abs=6e-4)


def test_pocock_s_constant_limit_for_five_looks_gives_5_percent() -> None:
    assert crossing_probability(even(5), [2.413] * 5) == pytest.approx(0.05, abs=1e-4)  # 1977


@pytest.mark.parametrize("spending", list(Spending))
@pytest.mark.parametrize("fractions", [even(20), [0.1, 0.11, 0.5, 1.0], [0.3, 0.99, 1.0]])
def test_all_looks_together_keep_the_level(spending: Spending, fractions: list[float]) -> None:
    limits = boundaries(fractions, spending=spending)
    assert crossing_probability(fractions, limits) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize("spending", list(Spending))
def test_all_of_alpha_is_spent_at_the_end(spending: Spending) -> None:
    assert spent(1.0, 0.01, spending) == pytest.approx(0.01)


def test_one_look_is_the_plain_test() -> None:
    assert boundaries([1.0]) == pytest.approx((1.959964,), abs=1e-6)


def test_a_look_that_may_spend_nothing_cannot_stop() -> None:
    assert math.isinf(boundaries([0.01, 1.0])[0])


@pytest.mark.parametrize("wrong", [[], [0.0, 1.0], [0.5, 0.5], [0.5, 1.2], [math.nan]])
def test_fractions_have_to_rise_up_to_1(wrong: list[float]) -> None:
    with pytest.raises(UntestableError, match="information fractions"):
        boundaries(wrong)


def test_each_look_needs_a_limit() -> None:
    with pytest.raises(UntestableError, match="2 fractions, but 1 limits"):
        crossing_probability([0.5, 1.0], [2.0])
