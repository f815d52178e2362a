"""Adjusted p-values, held against Benjamini and Hochberg's example and statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.multiplicity import TESTS
from headgate.jobs.validation.tests.multiplicity.adjust import adjust
from headgate.jobs.validation.tests.result import UntestableError
from headgate.validation.policy_types import ErrorControl

EXAMPLE = (
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
)
"""Thrombolysis against the standard: Benjamini and Hochberg 1995, section 4."""

ORACLES = {"Holm": "holm", "BH": "fdr_bh", "BY": "fdr_by"}


@pytest.mark.parametrize(("test", "rejected"), list(zip(TESTS, (3, 4, 3), strict=True)))
def test_the_paper_s_example_is_rejected_as_often(test: StatTest, rejected: int) -> None:
    result = test.run(EXAMPLE)
    assert result.statistic == rejected
    assert result.effect.value == pytest.approx(rejected / 15)


@pytest.mark.parametrize("how", list(ORACLES))
@pytest.mark.parametrize("m", [1, 2, 7, 500])
def test_adjusted_values_are_statsmodels(how: str, m: int) -> None:
    # given: ties and the ends included
    rng = np.random.default_rng(m)
    pvalues = np.concatenate([np.round(rng.random(m) ** 3, 2), [0.0, 1.0, 1e-300]]).tolist()
    # when
    found = adjust(pvalues, how)
    # then
    oracle = multipletests(pvalues, method=ORACLES[how])[1]
    assert found == pytest.approx(oracle.tolist(), rel=1e-12, abs=0)


@pytest.mark.parametrize("how", list(ErrorControl))
def test_each_error_control_of_a_policy_is_known(how: ErrorControl) -> None:
    assert adjust([0.5], how) == (0.5,)


def test_tests_without_a_p_are_kept_and_do_not_count() -> None:
    assert adjust([None, 0.01, None, 0.04], "Holm") == (None, 0.02, None, 0.04)


def test_no_tests_are_no_error() -> None:
    assert adjust([], "BH") == ()
    assert adjust([None], "BY") == (None,)


def test_none_adjusts_nothing() -> None:
    assert adjust([0.04, None, 0.01], "None") == (0.04, None, 0.01)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_named_by_its_place(wrong: float) -> None:
    with pytest.raises(UntestableError, match="p-value 3 is"):
        adjust([0.5, None, wrong], "BH")


def test_an_unknown_adjustment_is_refused() -> None:
    with pytest.raises(UntestableError, match="'Bonferroni' is not known; there are Holm"):
        adjust([0.5], "Bonferroni")


def test_details_hold_each_adjusted_p_in_the_order_given() -> None:
    details = TESTS[0].run([0.04, 0.01]).details
    assert details == {"adjusted p 1": 0.04, "adjusted p 2": 0.02}
