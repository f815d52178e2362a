"""Drift of pairs: which test, what is said of rows without a partner, and what is left open."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.drift.by_rows import measure
from headgate.jobs.validation.tests.result import UntestableError
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words

N = 300


def measured(
    before: Column,
    after: Column,
    keys: Sequence[ArrayLike] | None = None,
    alpha: float = 0.05,
    **drift: Any,
) -> dict[str, Measurement]:
    """Measure the drift of one column; rows belong together by their place, or by `keys`."""
    asked = {"minEffect": 0.2, **drift}
    policy = a_policy(
        {"drift": asked}, target=None, predictions=None, design={"pairs": "id"}, alpha=alpha
    )
    given = keys or (np.arange(len(before)), np.arange(len(after)))
    case = replace(
        a_case(policy, after, numbers("id", given[1])),
        reference=a_dataset(before, numbers("id", given[0]), name="reference.csv"),
    )
    spec = policy.checks[0].drift
    assert spec is not None
    return {found.subject: found for found in measure(case, spec, seed=1)}


def draws(seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(size=N)


def whole(values: Floats) -> Column:
    return replace(numbers("age", np.round(values)), integral=True)


def truths(values: Floats) -> Column:
    answers = numbers("age", values > 0)
    return replace(answers, kind=ColumnKind.BOOLEAN, categories=("false", "true"))


@pytest.mark.parametrize(
    ("before", "after", "test", "effect"),
    [
        (
            numbers("age", draws()),
            numbers("age", draws() + 0.5),
            "ks-paired",
            "Kolmogorov distance",
        ),
        (whole(draws()), whole(draws() + 0.7), "stuart-maxwell-permutation", "total variation"),
        (truths(draws()), truths(draws() + 0.5), "mcnemar", "total variation"),
        (
            words("age", ["a", "b", "c"] * 100),
            words("age", ["b", "c", "a"] * 100),
            "stuart-maxwell",
            "total variation",
        ),
    ],
)
def test_the_column_decides_how_members_are_compared(
    before: Column, after: Column, test: str, effect: str
) -> None:
    found = measured(before, after)["age"]
    assert (found.test, found.n) == (test, (N,))
    assert found.effect_name.startswith(effect)
    assert found.bound == 0.2
    assert found.why
    assert found.would_change


def test_members_of_pairs_are_compared_wherever_they_stand() -> None:
    # given a candidate in another order, of which each value is a little more than its partner's
    order = np.random.default_rng(3).permutation(N)
    before, after = numbers("age", draws()), numbers("age", draws()[order] + 0.01)
    found = measured(before, after, keys=(np.arange(N), order))["age"]
    assert found.interval is not None
    assert found.interval.high < 0.05


def test_a_shift_of_all_is_significant_and_as_large_as_it_is() -> None:
    found = measured(numbers("age", draws()), numbers("age", draws() + 1))["age"]
    assert found.effect == pytest.approx(0.38, abs=0.1)
    assert found.pvalue is not None
    assert found.pvalue <= 0.001


def test_rows_without_a_partner_are_counted_and_pass_where_they_are_few() -> None:
    keys = np.arange(N), np.arange(N) + 30
    found = measured(numbers("age", draws()), numbers("age", draws()), keys)["id (partners)"]
    assert found.fact is Verdict.PASS
    assert found.effect == pytest.approx(0.1)
    assert found.message == (
        "270 pairs; 30 of 300 rows of reference.csv have no partner; 30 of 300 rows of"
        " candidate.csv have no partner"
    )


def test_so_many_without_a_partner_that_they_could_hide_a_drift_are_undecided() -> None:
    keys = np.arange(N), np.arange(N) + 90
    found = measured(numbers("age", draws()), numbers("age", draws()), keys)["id (partners)"]
    assert found.fact is Verdict.INCONCLUSIVE


def test_without_any_pair_nothing_is_tested() -> None:
    keys = np.arange(N), np.arange(N) + N
    with pytest.raises(UntestableError, match="0 rows have a partner by 'id'"):
        measured(numbers("age", draws()), numbers("age", draws()), keys)


def test_values_that_are_missing_in_one_member_are_a_finding_of_their_own() -> None:
    # given
    gone = draws()
    gone[:60] = np.nan
    # when
    found = measured(numbers("age", draws()), numbers("age", gone))
    # then
    assert found["age (missing)"].test == "mcnemar"
    assert found["age (missing)"].effect == pytest.approx(0.2)
    assert "240 of 300 pairs have both values" in found["age (missing)"].message
    assert found["age"].n == (240,)


def test_the_same_rows_missing_in_both_are_bounded_by_their_number() -> None:
    gone = draws()
    gone[:60] = np.nan
    found = measured(numbers("age", gone), numbers("age", gone))["age (missing)"]
    assert found.effect == 0
    assert found.interval is not None
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / N))


def test_a_column_that_is_the_same_in_all_pairs_is_bounded_by_their_number() -> None:
    found = measured(numbers("age", draws()), numbers("age", draws()))["age"]
    assert (found.effect, found.test) == (0, "none")
    assert found.interval is not None
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / N))


def test_a_column_without_values_is_undecided() -> None:
    empty = numbers("age", np.full(N, np.nan))
    found = measured(empty, empty)["age"]
    assert found.fact is Verdict.INCONCLUSIVE
    assert found.message == "0 pairs have both values: too few to compare"


@pytest.mark.parametrize("test", ["wilcoxon", "paired-t", "sign"])
def test_a_test_of_pairs_that_is_asked_for_has_the_distance_for_its_effect(test: str) -> None:
    before, after = numbers("age", draws()), numbers("age", draws() + 1 + draws(2) / 10)
    found, chosen = measured(before, after, test=test)["age"], measured(before, after)["age"]
    assert found.test == test
    assert (found.effect, found.effect_name) == (chosen.effect, chosen.effect_name)
    assert found.why.startswith("asked for by the policy; selection would have taken ks-paired")
    assert found.minimum_detectable_effect is None


@pytest.mark.parametrize("kind", [lambda values: numbers("age", values), whole])
def test_power_among_pairs_is_reckoned_at_the_level_that_is_left_to_a_column(
    kind: Callable[[Floats], Column],
) -> None:
    before, after = kind(draws()), kind(draws() + np.random.default_rng(2).normal(size=N))
    loose, strict = (
        measured(before, after, alpha=alpha)["age"].minimum_detectable_effect
        for alpha in (0.05, 0.0005)
    )
    assert loose is not None
    assert strict is not None
    assert strict > loose
