"""5x2cv: two ways to train, measured in five times two folds."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.paired.five_times_two import five_times_two_f, five_times_two_t
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats

BOTH = pytest.mark.parametrize("run", [five_times_two_t, five_times_two_f])


def folds(*, seed: int = 0, better_by: float = 0.0) -> tuple[Floats, Floats]:
    noise = np.random.default_rng(seed).standard_normal((2, 5, 2)) * 0.01
    return 0.8 + better_by + noise[0], 0.8 + noise[1]


def test_t_is_the_very_first_difference_over_the_repetitions_spread() -> None:
    # given
    x, y = folds()
    differences = x - y
    # when
    found = five_times_two_t(x, y)
    # then
    spread = np.sqrt(differences.var(axis=1, ddof=1).mean())
    assert found.statistic == pytest.approx(differences[0, 0] / spread)
    assert found.pvalue == pytest.approx(2 * stats.t(5).sf(abs(found.statistic)))


def test_f_does_not_depend_on_the_order_of_folds() -> None:
    x, y = folds(better_by=0.02)
    turned = five_times_two_f(x[::-1, ::-1], y[::-1, ::-1])
    assert turned.statistic == pytest.approx(five_times_two_f(x, y).statistic)


@BOTH
def test_a_clearly_better_training_is_seen_with_its_size(run: Callable[..., TestResult]) -> None:
    found = run(*folds(better_by=0.2))
    assert found.pvalue is not None
    assert found.pvalue < 0.01
    assert found.effect.value == pytest.approx(0.2, abs=0.02)


@BOTH
def test_percents_are_tested_as_shares_are(run: Callable[..., TestResult]) -> None:
    x, y = folds(better_by=0.01)
    assert run(100 * x, 100 * y).pvalue == pytest.approx(run(x, y).pvalue)


@BOTH
@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.zeros((2, 5)), r"x: has shape \(2, 5\); expected 5 rows"),
        (np.zeros(10), r"x: has shape \(10,\)"),
        (np.where(np.eye(5, 2) == 1, np.nan, 0.0), "x: repetition 1, fold 1 is nan"),
        (np.full((5, 2), "good"), "not numbers"),
        (np.full((5, 2), 0.9), "differ by the same"),
        (np.repeat(np.arange(5.0)[:, None], 2, axis=1), "differ by the same"),
    ],
)
def test_what_cannot_be_tested_is_named(
    run: Callable[..., TestResult], x: Floats, says: str
) -> None:
    with pytest.raises(UntestableError, match=says):
        run(x, np.full((5, 2), 0.7))
