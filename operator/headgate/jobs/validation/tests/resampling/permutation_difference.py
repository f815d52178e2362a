"""Relabelling: how often is the difference of means as large by labels dealt at random?"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.resampling.draws import (
    batch,
    checked_resamples,
    difference_of_means,
)
from headgate.jobs.validation.tests.result import Effect, TestResult
from headgate.jobs.validation.tests.sample import checked_sample

_PERMUTATION = (
    "Fisher 1935, The Design of Experiments; p of drawn labellings: Phipson, Smyth 2010,"
    " Statistical Applications in Genetics and Molecular Biology 9, 39"
)


def permutation_difference(
    x: ArrayLike, y: ArrayLike, *, resamples: int = 9999, seed: int = 0
) -> TestResult:
    """Test (n,) and (m,) values for one distribution by the difference of means, two-sided.

    All labellings where there are no more than `resamples`, else so many drawn ones, the seen one
    among them. Effect: the mean of the first less the second's; for an interval see bca-bootstrap.
    Raises UntestableError for fewer than 2 values in a sample, and for fewer than 99 resamples.
    """
    from scipy import stats

    first, second = (
        checked_sample(x, "x", least=2, squared=True),
        checked_sample(y, "y", least=2, squared=True),
    )
    found = stats.permutation_test(
        (first, second),
        difference_of_means,
        vectorized=True,
        n_resamples=checked_resamples(resamples),
        batch=batch(len(first) + len(second)),
        rng=np.random.default_rng(seed),
    )
    every = len(found.null_distribution) != resamples
    value = float(found.statistic)
    return TestResult(
        name="permutation-difference",
        statistic=value,
        pvalue=float(found.pvalue),
        effect=Effect(name="difference of means", value=value),
        n=(len(first), len(second)),
        method="all labellings" if every else f"permutation ({resamples}, seed {seed})",
        reference=_PERMUTATION,
    )


TESTS = (
    StatTest(
        name="permutation-difference",
        purpose="do two samples' means differ, whatever the distribution?",
        assumptions="independent values; alike but for the mean under the null",
        source=_PERMUTATION,
        takes=Takes.TWO_SAMPLES,
        run=permutation_difference,
    ),
)
