"""Wilcoxon's signed ranks: are differences of pairs as often, and as far, above zero as below?"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.paired.pairs import checked_pairs
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError

_WILCOXON = (
    "Wilcoxon 1945, Biometrics Bulletin 1, 80; zeros: Pratt 1959, JASA 54, 655; effect: Kerby 2014,"
    " Comprehensive Psychology 3, 1"
)
_MOST_EXACT = 50


def wilcoxon(x: ArrayLike, y: ArrayLike, *, correction: bool = False) -> TestResult:
    """Two-sided test of (n,) x and (n,) y; null: differences are symmetric about zero.

    Exact up to 50 pairs without ties and zeros, else by the normal limit; zeros by Pratt.
    Statistic: the sum of ranks of the positive differences. Effect: the matched rank-biserial
    correlation, -1 to 1. Raises UntestableError where every difference is zero.
    """
    from scipy import stats

    first, second = checked_pairs(x, y, least=2)
    differences = first - second
    if not differences.any():
        raise UntestableError(f"all {len(differences)} differences are 0: nothing has a sign")
    sizes = np.abs(differences)
    plain = sizes.all() and len(np.unique(sizes)) == len(sizes)
    exact = bool(plain and len(sizes) <= _MOST_EXACT)
    found = stats.wilcoxon(
        differences,
        zero_method="pratt",
        correction=correction and not exact,
        method="exact" if exact else "asymptotic",
    )
    ranks = stats.rankdata(sizes)
    above = float(ranks[differences > 0].sum())
    below = float(ranks[differences < 0].sum())
    corrected = ", with continuity correction" if correction and not exact else ""
    return TestResult(
        name="wilcoxon",
        statistic=above,
        pvalue=float(np.clip(found.pvalue, 0.0, 1.0)),
        effect=Effect(
            name="matched rank-biserial correlation", value=(above - below) / (above + below)
        ),
        n=(len(differences),),
        method="exact" if exact else f"asymptotic{corrected}",
        reference=_WILCOXON,
        details={"zeros": int(np.count_nonzero(differences == 0))},
    )


TESTS = (
    StatTest(
        name="wilcoxon",
        purpose="are differences of pairs symmetric about zero?",
        assumptions="independent pairs",
        source=_WILCOXON,
        takes=Takes.PAIRS,
        run=wilcoxon,
    ),
)
