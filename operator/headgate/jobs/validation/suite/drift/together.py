"""All numeric columns together: differences that no column shows by itself."""

from collections.abc import Iterator, Sequence

import numpy as np

from headgate.jobs.validation.data.dataset import ColumnKind, Floats
from headgate.jobs.validation.data.sample import thinned
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.measured import CHECK
from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import UntestableError
from headgate.validation.check_types import DriftCheck, MultivariateTest

MOST_ROWS = 1000
"""Of each file: the tests' time grows with the square of it."""
TEST_OF = {
    MultivariateTest.MMD: "mmd",
    MultivariateTest.ENERGY: "energy-multivariate",
    MultivariateTest.CLASSIFIER: "classifier-two-sample",
}


def together(
    case: Case, spec: DriftCheck, names: Sequence[str], *, seed: int
) -> Iterator[Measurement]:
    """Yield a measurement per multivariate test that the policy asks for."""
    if not spec.multivariate:
        return
    rows = [_rows(case, names, side, seed) for side in (0, 1)]
    for kind in spec.multivariate:
        yield _measured(spec, TEST_OF[kind], rows, seed)


def _rows(case: Case, names: Sequence[str], side: int, seed: int) -> Floats:
    """Return (rows, columns) of one file's numbers: those of a sample without missing values."""
    data = (case.reference, case.candidate)[side]
    numeric = [
        name
        for name in names
        if case.reference.columns[name].kind in {ColumnKind.NUMERIC, ColumnKind.TEXT}
    ]
    if not numeric:
        return np.empty((0, 0))
    matrix = np.column_stack([data.columns[name].values for name in numeric])
    whole = matrix[np.isfinite(matrix).all(axis=1)]
    chosen: Floats = whole[thinned(len(whole), MOST_ROWS, seed + side)]
    return chosen


def _measured(spec: DriftCheck, test: str, rows: Sequence[Floats], seed: int) -> Measurement:
    why = (
        f"asked for by the policy; {MOST_ROWS} rows of each file at most, drawn by the plan's seed"
    )
    try:
        scaled = _standardised(rows)
        result = find_test(test).run(*scaled, seed=seed)
    except UntestableError as error:
        return Measurement(
            check=CHECK,
            subject="all numeric columns",
            test=test,
            why=why,
            n=tuple(len(part) for part in rows),
            fact=Verdict.INCONCLUSIVE,
            message=str(error),
        )
    return Measurement(
        check=CHECK,
        subject="all numeric columns",
        test=test,
        why=why,
        would_change="design.clusters or design.time: not built for several columns together",
        n=result.n,
        statistic=result.statistic,
        pvalue=result.pvalue,
        effect_name=result.effect.name,
        effect=result.effect.value,
        interval=result.effect.interval,
        bound=spec.min_effect,
        minimum_detectable_effect=result.minimum_detectable_effect,
        message=f"{scaled[0].shape[1]} columns together, {result.n[0]} and {result.n[1]} rows",
    )


def _standardised(rows: Sequence[Floats]) -> list[Floats]:
    """Return both samples in the pooled deviations of each column; constant columns are left out.

    Raises UntestableError where too little is left.
    """
    if min(map(len, rows)) < 2:  # noqa: PLR2004
        raise UntestableError("too few rows without missing values, or no numeric column")
    pooled = np.concatenate(list(rows))
    spread = pooled.std(axis=0)
    kept = spread > 0
    if not kept.any():
        raise UntestableError("every numeric column is constant")
    return [(part[:, kept] - pooled[:, kept].mean(axis=0)) / spread[kept] for part in rows]
