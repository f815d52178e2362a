"""How fast single tests are, beside scipy's in the same run, on one core.

Run: `python tests/load/validation_speed.py`; about a minute.
"""

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.jobs.validation.arithmetic import fix_arithmetic

fix_arithmetic()  # as the command line does, before anything imports numpy

import numpy as np
from scipy import stats

from headgate.jobs.validation.tests.multivariate.mmd import mmd
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.scores.delong import delong
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from tests.load.lines import Line, arguments, report, say

SEED = 20261124
ROWS = 1_000_000
ROUNDS = 5


def best(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the least CPU seconds of some rounds: other work on the machine only adds."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return min(times)


def six_by_merge(x: Floats, y: Floats) -> tuple[float, ...]:
    """Return six statistics and the p-values that have a limit law."""
    found = merged_statistics(x, y)
    return (
        found.kolmogorov,
        found.kolmogorov_pvalue,
        found.anderson_darling,
        found.anderson_darling_pvalue,
        found.cramer_von_mises,
        found.cramer_von_mises_pvalue,
        found.mann_whitney,
        found.mann_whitney_pvalue,
        found.wasserstein,
        found.energy,
    )


def six_by_scipy(x: Floats, y: Floats) -> tuple[float, ...]:
    """Return the same by a call for each."""
    kolmogorov = stats.ks_2samp(x, y, method="asymp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that p is cut off at 0.25
        anderson = stats.anderson_ksamp([x, y], variant="midrank")
    mises = stats.cramervonmises_2samp(x, y, method="asymptotic")
    ranks = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False)
    return (
        kolmogorov.statistic,
        kolmogorov.pvalue,
        anderson.statistic,
        anderson.pvalue,
        mises.statistic,
        mises.pvalue,
        ranks.statistic,
        ranks.pvalue,
        stats.wasserstein_distance(x, y),
        stats.energy_distance(x, y),
    )


def six_tests() -> Line:
    random = np.random.default_rng(SEED)
    x, y = random.normal(size=ROWS), random.normal(0.001, 1, size=ROWS)
    ours, theirs = six_by_merge(x, y), six_by_scipy(x, y)
    for place in (
        0,
        1,
        2,
        4,
        6,
        8,
        9,
    ):  # scipy's Anderson p is cut off at 0.25, others' are rounded
        if not np.isclose(ours[place], theirs[place], rtol=1e-6):
            raise AssertionError(f"value {place}: {ours[place]} here, {theirs[place]} by scipy")
    merged, looped = best(lambda: six_by_merge(x, y)), best(lambda: six_by_scipy(x, y), 2)
    say(f"six tests: {merged:.3f} s merged, {looped:.2f} s by scipy")
    return Line(
        name="six two-sample tests, 1e6 against 1e6",
        value=looped / merged,
        unit="x scipy",
        limit=25,
        at_least=True,
        detail=f"{merged:.3f} CPU s against {looped:.2f}, sorting included; equal to 1e-6",
    )


def areas() -> Line:
    random = np.random.default_rng(SEED)
    labels = random.integers(0, 2, ROWS).astype(np.float64)
    scores = random.normal(size=(ROWS, 2)) + labels[:, None]
    taken = best(lambda: delong(labels, scores), 3)
    say(f"DeLong: {taken:.2f} s")
    return Line(
        name="DeLong of two models, 1e6 rows",
        value=taken,
        unit="s",
        limit=1,
        detail="CPU seconds, best of 3",
    )


def kernel() -> Line:
    random = np.random.default_rng(SEED)
    x, y = random.normal(size=(5_000, 10)), random.normal(size=(5_000, 10))
    taken = best(lambda: mmd(x, y, resamples=500), 1)
    say(f"MMD: {taken:.1f} s")
    return Line(
        name="MMD, 5,000 rows a side, 500 permutations",
        value=taken,
        unit="s",
        limit=60,
        detail="CPU seconds; 10 columns; no limit was promised: 60 is what a Job can wait",
    )


def main() -> int:
    options = arguments(__doc__).parse_args()
    return report([six_tests(), areas(), kernel()], options.json)


if __name__ == "__main__":
    sys.exit(main())
