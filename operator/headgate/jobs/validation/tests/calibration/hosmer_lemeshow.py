"""Hosmer-Lemeshow: does each group of like probabilities get the ones it was told?"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.labels import checked_labels, checked_probabilities
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError

_HOSMER_LEMESHOW = (
    "Hosmer, Lemeshow 1980, Communications in Statistics A9, 1043; degrees of freedom on new data:"
    " Hosmer, Lemeshow, Sturdivant 2013, Applied Logistic Regression, ch. 5"
)
_LEAST_GROUPS = 3


def hosmer_lemeshow(
    x: ArrayLike, y: ArrayLike, *, groups: int = 10, fitted: bool = False
) -> TestResult:
    """Test (n,) labels of 0 and 1 against (n,) probabilities of a 1.

    Groups by quantiles of the probability, equal ones together, so that there may be fewer than
    asked for. Chi2 with a degree of freedom per group; `fitted`: the probabilities come from a
    logistic regression on these very rows, two fewer. Effect: the mean gap between the groups'
    shares of ones and what they were told, weighted by rows; the share's unit.
    Raises UntestableError for fewer than 3 groups, or where a group expects no ones or no zeros.
    """
    from scipy import stats

    positive = checked_labels(x, least=1)
    probability = checked_probabilities(y, len(positive))
    if groups < _LEAST_GROUPS:
        raise UntestableError(f"groups is {groups}; at least {_LEAST_GROUPS} are needed")
    edges = np.unique(np.quantile(probability, np.arange(groups + 1) / groups))
    place = np.searchsorted(edges[1:-1], probability, side="left")
    _, place = np.unique(place, return_inverse=True)
    rows = np.bincount(place)
    if len(rows) < _LEAST_GROUPS:
        raise UntestableError(
            f"y: equal probabilities leave {len(rows)} groups; at least {_LEAST_GROUPS} are needed"
        )
    ones = np.bincount(place, weights=positive)
    told = np.bincount(place, weights=probability)
    sure = np.flatnonzero((told <= 0) | (told >= rows))
    if len(sure):
        raise UntestableError(
            f"y: group {sure[0] + 1} of {len(rows)} expects {told[sure[0]]:g} ones of"
            f" {rows[sure[0]]} rows; take fewer groups"
        )
    statistic = float(((ones - told) ** 2 / (told * (1 - told / rows))).sum())
    freedom = len(rows) - 2 * fitted
    return TestResult(
        name="hosmer-lemeshow",
        statistic=statistic,
        pvalue=float(stats.chi2.sf(statistic, freedom)),
        effect=Effect(
            name="mean gap of shares", value=float(np.abs(ones - told).sum()) / len(place)
        ),
        n=(len(place),),
        method="asymptotic (chi2)",
        reference=_HOSMER_LEMESHOW,
        details={"groups": len(rows), "degrees of freedom": freedom},
    )


TESTS = (
    StatTest(
        name="hosmer-lemeshow",
        purpose="does each group of like probabilities get the ones it was told?",
        assumptions="independent rows; 5 ones and 5 zeros expected per group",
        source=_HOSMER_LEMESHOW,
        takes=Takes.LABELS_AND_SCORES,
        run=hosmer_lemeshow,
    ),
)
