"""Whether residuals spread more for some values of the regressors: Breusch and Pagan's test."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample, standardised
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_BREUSCH_PAGAN = (
    "Breusch, Pagan 1979, Econometrica 47, 1287; studentised: Koenker 1981, J. Econometrics 17, 107"
)

_MOST_RELABELLED = 100


def breusch_pagan(
    x: ArrayLike,
    y: ArrayLike,
    *,
    studentised: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> TestResult:
    """Breusch and Pagan's test of residuals (n,) x on regressors (n,) or (n, d) y, no constant.

    Null: the residuals' variance does not depend on the regressors. Koenker's studentised form is
    the default: the original one takes heavy tails for heteroscedasticity. Up to 100 rows its p is
    by giving the squares to other rows; beyond, and for the original one, by chi2 (in the details),
    which finds a little too much in twenty rows.
    Effect: R2 of the regression of the squared residuals on the regressors.
    Raises UntestableError below d + 3 rows, where squared residuals are constant, and where
    regressors are constant or combinations of each other. Source: see `reference`.
    """
    from statsmodels.stats.diagnostic import het_breuschpagan

    checked_resamples(resamples)
    residuals = _scaled(checked_sample(x, "residuals", least=4))
    regressors = _with_constant(y, len(residuals))
    degrees = regressors.shape[1] - 1
    _check_squares(residuals)
    with np.errstate(divide="ignore"):  # a perfect fit's F is infinite; F is not used
        studentised_lm = float(het_breuschpagan(residuals, regressors, robust=True)[0])
        lm, pvalue = het_breuschpagan(residuals, regressors, robust=studentised)[:2]
    explained, by_chi2 = studentised_lm / len(residuals), float(pvalue)
    method = f"asymptotic (chi2, {degrees} degrees of freedom)"
    if studentised and len(residuals) <= _MOST_RELABELLED:
        pvalue = _relabelled_pvalue(residuals**2, regressors, resamples, seed)
        method = f"permutation ({resamples}, seed {seed})"
    return TestResult(
        name="breusch-pagan",
        statistic=float(lm),
        pvalue=float(pvalue),
        effect=Effect(name="R2 of squared residuals", value=explained),
        n=(len(residuals),),
        method=f"{method}, studentised" if studentised else method,
        reference=_BREUSCH_PAGAN,
        minimum_detectable_effect=_detectable(len(residuals), degrees),
        details={"degrees of freedom": degrees, "p by chi2": by_chi2},
    )


def _relabelled_pvalue(squares: Floats, regressors: Floats, resamples: int, seed: int) -> float:
    """Return p of the regressors' R2 of (n,) squares among those of squares in other orders."""
    basis = np.linalg.qr(regressors)[0][:, 1:]  # the first is the constant
    centred = squares - squares.mean()
    drawn = np.tile(centred, (resamples, 1))
    drawn = stream(seed, squares, regressors).permuted(drawn, axis=1)
    # the sum of squares is that of all orders, so that what is explained of it orders as R2 does
    explained = ((drawn @ basis) ** 2).sum(axis=1)
    seen = float(((centred @ basis) ** 2).sum()) * (1 - 1e-9)
    return (1 + int(np.count_nonzero(explained >= seen))) / (1 + resamples)


def _scaled(residuals: Floats) -> Floats:
    """Return them in units of the largest: neither LM nor R2 has a unit, and squares overflow."""
    largest = float(np.abs(residuals).max())
    if largest == 0:
        raise UntestableError("residuals: all are 0; a perfect fit has no variance to explain")
    return residuals / largest


def _with_constant(y: ArrayLike, rows: int) -> Floats:
    """Return regressors (n, d + 1), standardised, after a column of ones."""
    given: NDArray[Any] = np.asarray(y)
    columns = given[:, None] if given.ndim == 1 else given
    if columns.ndim != 2 or len(columns) != rows:  # noqa: PLR2004  (rows and columns)
        raise UntestableError(f"regressors: shape {given.shape}, but there are {rows} residuals")
    if rows < columns.shape[1] + 3:
        raise UntestableError(
            f"residuals: {rows} rows for {columns.shape[1]} regressors; at least "
            f"{columns.shape[1] + 3} are needed"
        )
    scaled = []
    for place in range(columns.shape[1]):
        name = f"regressor {place + 1}"
        scaled.append(standardised(checked_sample(columns[:, place], name, least=1), name))
    matrix: Floats = np.column_stack([np.ones(rows), *scaled])
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise UntestableError(
            f"regressors: some of the {columns.shape[1]} are combinations of others; leave them out"
        )
    return matrix


def _check_squares(residuals: Floats) -> None:
    if np.ptp(residuals**2) <= 4 * np.finfo(np.float64).eps:
        raise UntestableError("residuals: all are of one size; there is no variance to explain")


def _detectable(n: int, degrees: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the R2 that the studentised test sees: n R2 is about the noncentrality of chi2."""
    from scipy.special import chdtri, chndtrinc

    critical = float(chdtri(degrees, alpha))
    noncentrality = float(chndtrinc(critical, degrees, 1 - power))
    return min(1.0, noncentrality / n) if math.isfinite(noncentrality) else 1.0


TESTS = (
    StatTest(
        name="breusch-pagan",
        purpose="does the residuals' variance depend on the regressors?",
        assumptions="independent residuals; variance linear in the regressors",
        source=_BREUSCH_PAGAN,
        takes=Takes.RESIDUALS_AND_REGRESSORS,
        run=breusch_pagan,
    ),
)
