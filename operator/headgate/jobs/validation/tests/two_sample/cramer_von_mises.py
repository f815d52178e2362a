"""Cramer-von Mises' test: the distance of two distribution functions, squared and averaged."""

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import TestResult
from headgate.jobs.validation.tests.sample import checked_sample
from headgate.jobs.validation.tests.two_sample.cells import cells_of
from headgate.jobs.validation.tests.two_sample.distance_effect import distance_effect, limit_holds
from headgate.jobs.validation.tests.two_sample.kolmogorov import INTERVAL_SOURCE
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from headgate.jobs.validation.tests.two_sample.midranks import cramer_statistic
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, relabelled_pvalue

_CRAMER = (
    "Anderson 1962, Annals of Mathematical Statistics 33, 1148; midranks and exact p: Conover 1999,"
    " Practical Nonparametric Statistics, 3rd ed.; Xiao, Gordon, Yakovlev 2006, J. Stat. Software"
    " 17(8)"
)
_EXACT = 20


def cramer_von_mises(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test (n,) x and (m,) y; null: both have one distribution.

    p is exact without ties up to 20 values each; the limit's from 50 values each without ties to
    speak of; else by permutation.
    Effect: the Kolmogorov distance with an interval of level 1 - alpha.
    Raises UntestableError below 2 values in either and for values that are not finite.
    Source: `reference`.
    """
    first, second = checked_sample(x, "x", least=2), checked_sample(y, "y", least=2)
    found = merged_statistics(first, second)
    if found.tie_share == 0 and max(found.n, found.m) <= _EXACT:
        from scipy import stats

        pvalue = float(stats.cramervonmises_2samp(first, second, method="exact").pvalue)
        method = "exact"
    elif limit_holds(found):
        pvalue, method = found.cramer_von_mises_pvalue, "asymptotic"
    else:
        cells = cells_of(first, second).coarsened()
        statistic = cramer_statistic(cells.pooled, found.n)
        pvalue = relabelled_pvalue(
            cells.pooled, cells.of_x, statistic, resamples=resamples, seed=seed
        )
        method = f"permutation ({resamples}, seed {seed})"
    return TestResult(
        name="cramer-von-mises",
        statistic=found.cramer_von_mises,
        pvalue=pvalue,
        effect=distance_effect(found, alpha),
        n=(found.n, found.m),
        method=method,
        reference=f"{_CRAMER}; {INTERVAL_SOURCE}",
    )


TESTS = (
    StatTest(
        name="cramer-von-mises",
        purpose="have two samples one distribution? (average distance)",
        assumptions="independent values; ties allowed",
        source=_CRAMER,
        takes=Takes.TWO_SAMPLES,
        run=cramer_von_mises,
    ),
)
