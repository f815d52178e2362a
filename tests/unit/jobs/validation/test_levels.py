"""Levels of the tests by simulation: a shape of each on which a careless p is wrong.

All shapes, in 4,000 sets each: `python tests/load/validation_levels.py --sets 4000`.
"""

import pytest

from tests.load.levels.every import every_null
from tests.load.levels.null import Null, limit, rate_of

SETS = 300
SHAPES = {
    "suite: drift by ks": "rounded 60:40",
    "suite: drift by chi2": "rare words 2000:300",
    "suite: drift by chi2-permutation": "rare words 300:40",
    "suite: drift by boschloo": "truths 8:6",
    "suite: drift by fisher": "one in 50 true, 400:60",
    "suite: roc_auc against min": "5 of yes, 60 of no, 0.92",
    "suite: roc_auc beside stable": "5 of yes, 60 of no, 0 worse",
    "suite: calibration": "60 rows, right, bound 0",
    "suite: heteroscedasticity of residuals": "normal 12",
    "suite: stability": "100 rows, 0.063 flip",
    "anderson-darling": "tied 90:60",
    "cramer-von-mises": "tied 300:20",
    "epps-singleton": "tied 300:20",
    "mann-whitney": "normal 400:12",
    "brunner-munzel": "narrow 30, wide 10",
    "wasserstein": "skewed 300:30",
    "energy": "skewed 300:30",
    "jensen-shannon": "tied 300:20",
    "psi": "tied 300:20",
    "welch": "narrow 60, wide 15",
    "tost": "narrow 60, wide 15, on the margin",
    "non-inferiority": "narrow 60, wide 15, on the margin",
    "levene": "normal 5:6:7",
    "brown-forsythe": "skewed 60:50",
    "total-variation": "rare shares 400:25",
    "total-variation-clustered": "categories, 12:10 clusters of 5",
    "mcnemar": "60 pairs, 3 in 10 differ",
    "benjamini-yekutieli": "30 p-values, alike",
    "benjamini-hochberg": "30 p-values, alike",
    "holm": "30 p-values",
    "paired-t": "normal 4",
    "wilcoxon": "tied 8",
    "5x2cv": "two classifiers on 200 rows",
    "5x2cv-f": "two classifiers on 200 rows",
    "delong": "one model, 5 of 1, 95 of 0",
    "ece": "150 rows told 0.1 to 0.9",
    "ljung-box": "normal 50",
    "durbin-watson": "normal 12",
    "shapiro-wilk": "normal 20",
    "jarque-bera": "normal 20",
    "breusch-pagan": "heavy 20, 1 regressors",
    "lan-demets": "normal 200:50, 5 looks, pocock",
    "always-valid": "exponential 400:100",
}
NULLS = [null for null in every_null() if SHAPES.get(null.test) == null.shape]


@pytest.mark.simulation
@pytest.mark.parametrize("null", NULLS, ids=[f"{null.test}: {null.shape}" for null in NULLS])
def test_nothing_is_seldom_taken_for_something(null: Null) -> None:
    rate = rate_of(null, SETS)
    assert rate.percent <= limit(SETS), str(rate)


def test_each_shape_is_one_of_its_test() -> None:
    assert {null.test for null in NULLS} == set(SHAPES)
