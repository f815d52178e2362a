"""The total variation distance of two samples' categories, as a test."""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import checked_table, monte_carlo_pvalue
from headgate.jobs.validation.tests.counts.variation import (
    VARIATION_SOURCE,
    total_variation_effect,
    total_variation_of,
)
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, checked_resamples

_SOURCE = "Levin, Peres 2017, Markov Chains and Mixing Times, 2nd ed., ch. 4"


def total_variation(
    x: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test (2, k) counts of two samples; null: both have the same shares.

    Statistic and effect: half of sum |p - q|, the largest difference of the shares of any set of
    categories, with an interval of level 1 - alpha; p by random tables with the same margins.
    Raises UntestableError for what is no table of two rows and two columns at least.
    Source: `reference`.
    """
    checked_resamples(resamples)
    table = checked_table(x)
    if len(table) != 2:  # noqa: PLR2004  (two samples)
        raise UntestableError(f"table: {len(table)} rows hold counts; two samples are needed")
    effect = total_variation_effect(table, alpha)
    pvalue = monte_carlo_pvalue(table, total_variation_of, resamples=resamples, seed=seed)
    return TestResult(
        name="total-variation",
        statistic=effect.value,
        pvalue=pvalue,
        effect=effect,
        n=tuple(int(np.sum(row)) for row in table),
        method=f"monte carlo with fixed margins ({resamples}, seed {seed})",
        reference=f"{_SOURCE}; {VARIATION_SOURCE}",
    )


TESTS = (
    StatTest(
        name="total-variation",
        purpose="how far apart are two samples' shares, from 0 to 1?",
        assumptions="independent counts",
        source=_SOURCE,
        takes=Takes.TABLE,
        run=total_variation,
    ),
)
