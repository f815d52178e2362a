"""Measures of calibration, against counts done by hand and against other libraries."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from headgate.jobs.validation.tests.calibration.brier import brier
from headgate.jobs.validation.tests.calibration.calibration_slope import calibration_slope
from headgate.jobs.validation.tests.calibration.hosmer_lemeshow import hosmer_lemeshow
from headgate.jobs.validation.tests.calibration.spiegelhalter import spiegelhalter
from headgate.jobs.validation.tests.registry import all_tests
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats

NAMES = ("brier", "spiegelhalter", "hosmer-lemeshow", "calibration-slope")


def some_rows(n: int, seed: int = 0, power: float = 1.0) -> tuple[Floats, Floats]:
    """Return labels and probabilities whose odds are told as their `power`."""
    random = np.random.default_rng(seed)
    odds = random.normal(size=n)
    labels = (random.random(n) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    return labels, 1 / (1 + np.exp(-power * odds))


def two_probabilities(ones: tuple[int, int], rows: int) -> tuple[Floats, Floats]:
    """Return `rows` rows told 0.3 and as many told 0.6, and which of them became ones."""
    labels = [np.arange(rows) < count for count in ones]
    return np.concatenate(labels).astype(np.float64), np.repeat([0.3, 0.6], rows)


def test_brier_is_what_scikit_learn_says() -> None:
    labels, told = some_rows(500)
    found = brier(labels, told)
    assert found.effect.value == pytest.approx(brier_score_loss(labels, told), rel=1e-12)
    assert found.pvalue is None


def test_brier_has_no_skill_where_the_share_is_all_that_is_told() -> None:
    labels = np.array([1.0, 0.0, 0.0, 0.0])
    assert brier(labels, np.full(4, 0.25)).details["skill"] == pytest.approx(0)


def test_spiegelhalter_by_hand() -> None:
    found = spiegelhalter([1, 0, 1, 0], [0.8, 0.4, 0.3, 0.1])
    # (y - p)(1 - 2p): -0.12, -0.08, 0.28, -0.08; (1 - 2p)^2 p (1 - p): .0576 .0096 .0336 .0576
    assert found.statistic == pytest.approx(0 / math.sqrt(0.1584), abs=1e-12)
    found = spiegelhalter([1, 0, 1, 1], [0.8, 0.4, 0.3, 0.1])
    assert found.statistic == pytest.approx(0.8 / math.sqrt(0.1584), rel=1e-12)
    assert found.effect.value == pytest.approx(0.2)


def test_hosmer_lemeshow_by_hand() -> None:
    # given three groups of 10 rows told 0.2, 0.5, 0.8 of which 4, 5, 7 became ones
    told = np.repeat([0.2, 0.5, 0.8], 10)
    labels = np.concatenate([np.arange(10) < count for count in (4, 5, 7)]).astype(np.float64)
    # when
    found = hosmer_lemeshow(labels, told, groups=3)
    # then
    assert found.statistic == pytest.approx(4 / 1.6 + 0 + 1 / 1.6)
    assert found.details["degrees of freedom"] == 3
    assert found.effect.value == pytest.approx(3 / 30)
    assert hosmer_lemeshow(labels, told, groups=3, fitted=True).details["degrees of freedom"] == 1


def test_the_slope_through_two_points_is_known() -> None:
    # given a regression that goes through both groups' shares
    labels, told = two_probabilities((24, 50), 100)
    # when
    found = calibration_slope(labels, told)
    # then
    run = math.log(0.6 / 0.4) - math.log(0.3 / 0.7)
    slope = (math.log(50 / 50) - math.log(24 / 76)) / run
    error = math.sqrt(1 / 50 + 1 / 50 + 1 / 24 + 1 / 76) / run
    assert found.effect.value == pytest.approx(slope, rel=1e-6)
    assert found.details["error"] == pytest.approx(error, rel=1e-6)
    assert found.statistic == pytest.approx((slope - 1) / error, rel=1e-5)


def test_a_slope_tells_the_power_of_the_odds() -> None:
    labels, told = some_rows(20_000, power=2.0)
    found = calibration_slope(labels, told)
    assert found.effect.value == pytest.approx(0.5, abs=0.03)
    assert found.pvalue is not None
    assert found.pvalue < 1e-6


def test_too_extreme_probabilities_are_found_by_all() -> None:
    labels, told = some_rows(5_000, power=2.0)
    for test in (spiegelhalter, hosmer_lemeshow, calibration_slope):
        assert (test(labels, told).pvalue or 0) < 1e-6


@pytest.mark.simulation
@pytest.mark.parametrize("test", [spiegelhalter, hosmer_lemeshow, calibration_slope])
def test_right_probabilities_are_seldom_blamed(test: Callable[..., TestResult]) -> None:
    alarms = sum((test(*some_rows(400, seed)).pvalue or 0) < 0.05 for seed in range(1000))
    assert alarms <= 75  # binomial(1000, 0.05): 99.9% band


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("labels", "told", "says"),
    [
        ([0, 1, 2, 1], [0.1, 0.2, 0.3, 0.4], "value 3 is 2"),
        ([0, 1, 0, 1], [0.1, 1.2, 0.3, 0.4], "value 2 is 1.2"),
        ([0, 1, 0, 1], [0.1, 0.2, 0.3], "3 rows"),
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], "0 rows of label 1"),
        ([0, 1, 0, 1], [0.1, float("nan"), 0.3, 0.4], "not finite"),
        ([], [], "0 values"),
    ],
)
def test_what_is_no_label_or_probability_is_named(
    name: str, labels: list[float], told: list[float], says: str
) -> None:
    with pytest.raises(UntestableError, match=says):
        all_tests()[name].run(labels, told)


def test_what_has_no_answer_is_refused() -> None:
    with pytest.raises(UntestableError, match=r"0, 0\.5 or 1"):
        spiegelhalter([0, 1, 1], [0.0, 1.0, 0.5])
    with pytest.raises(UntestableError, match="separates"):
        calibration_slope([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    with pytest.raises(UntestableError, match="equal"):
        calibration_slope([0, 1, 0, 1], [0.3] * 4)
    with pytest.raises(UntestableError, match="above 0 and below 1"):
        calibration_slope([0, 1, 0, 1], [0.0, 0.2, 0.3, 0.4])
    with pytest.raises(UntestableError, match="leave 2 groups"):
        hosmer_lemeshow(*two_probabilities((24, 50), 100))
