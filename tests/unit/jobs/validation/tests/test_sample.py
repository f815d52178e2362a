"""What every test refuses before it computes."""

import numpy as np
import pytest

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha, checked_sample, standardised


def test_a_missing_value_is_named_by_its_place() -> None:
    with pytest.raises(UntestableError, match="residuals: value 2 of 3 is nan; 1 are not finite"):
        checked_sample([1.0, np.nan, 2.0], "residuals", least=2)


def test_too_few_values_are_counted() -> None:
    with pytest.raises(UntestableError, match="x: has 1 values; at least 2"):
        checked_sample([1.0], "x", least=2)


def test_text_is_no_sample() -> None:
    with pytest.raises(UntestableError, match="x: holds values that are not numbers"):
        checked_sample(["a", "b"], "x", least=2)


def test_a_table_is_no_sample() -> None:
    with pytest.raises(
        UntestableError, match=r"expected one column of numbers, got shape \(2, 2\)"
    ):
        checked_sample([[1, 2], [3, 4]], "x", least=2)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e308, 1e-320])
def test_a_constant_has_no_scale(constant: float) -> None:
    with pytest.raises(UntestableError, match="a constant has no distribution to test"):
        standardised(np.full(7, constant), "x")


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e307])
def test_any_scale_is_standardised_to_the_same_values(scale: float) -> None:
    found = standardised(np.array([1.0, 2.0, 4.0]) * scale, "x")
    assert found == pytest.approx([-0.872872, -0.218218, 1.091089], abs=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, float("nan")])
def test_only_levels_between_0_and_1_are_levels(alpha: float) -> None:
    with pytest.raises(UntestableError, match="alpha is"):
        checked_alpha(alpha)
