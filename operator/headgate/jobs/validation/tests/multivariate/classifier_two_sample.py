"""A classifier as a test: can rows of two samples be told apart at all?"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.multivariate.rows import Rows, two_samples
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.cells import cells_of
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    relabelled_pvalue,
)
from headgate.jobs.validation.tests.two_sample.superiority import (
    SUPERIORITY_INTERVAL,
    superiority_detectable,
    superiority_interval,
)

_LOPEZ = (
    "Lopez-Paz, Oquab 2017, Revisiting Classifier Two-Sample Tests, ICLR; Friedman 2003, SLAC-PUB"
    "-10325"
)
_LEAST = 10


def classifier_two_sample(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test (n, d) x and (m, d) y; null: both have one distribution, jointly.

    Gradient boosted trees learn on a random half of each sample which rows are y's, and score the
    other half, once. Statistic: the scores' area under the ROC curve. p, one-sided: given the
    classifier, scores of both samples are draws of one distribution under the null, so that their
    labels are permuted; by the normal from 200 held-out rows of each.
    Effect: AUC - 1/2, with an interval of level 1 - alpha, for this classifier by half of the rows.
    Raises UntestableError below 10 rows in either, for different columns, and for values that are
    not finite. Source: `reference`.
    """
    checked_alpha(alpha)
    checked_resamples(resamples)
    rows = two_samples(x, y, least=_LEAST, standardise=False)
    of_x, of_y = _held_out_scores(rows, seed)
    n, m = len(of_x), len(of_y)
    area, pvalue, method = _area(of_x, of_y, resamples, seed)
    low, high = superiority_interval(area, n, m, alpha)
    return TestResult(
        name="classifier-two-sample",
        statistic=area,
        pvalue=pvalue,
        effect=Effect(
            name="AUC - 1/2",
            value=area - 0.5,
            interval=Interval(low=low - 0.5, high=high - 0.5, level=1 - alpha),
        ),
        n=rows.sizes,
        method=method,
        reference=f"{_LOPEZ}; {SUPERIORITY_INTERVAL}",
        # one-sided: alpha 0.05 above is 0.1 on both sides
        minimum_detectable_effect=superiority_detectable(n, m, alpha=0.1),
        details={"held-out rows of x": n, "held-out rows of y": m},
    )


def _held_out_scores(rows: Rows, seed: int) -> tuple[Floats, Floats]:
    """Return the scores of the halves that the classifier has not seen."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(seed)
    learnt = np.zeros(len(rows.values), dtype=np.bool_)
    for group in (0, 1):
        of = rng.permutation(np.flatnonzero(rows.labels == group))
        learnt[of[: len(of) // 2]] = True
    classifier = HistGradientBoostingClassifier(
        max_iter=50,
        max_leaf_nodes=15,
        min_samples_leaf=int(np.clip(np.count_nonzero(learnt) // 20, 2, 20)),
        early_stopping=False,
        class_weight="balanced",
        random_state=seed % 2**32,
    )
    classifier.fit(rows.values[learnt], rows.labels[learnt])
    scores = np.asarray(classifier.predict_proba(rows.values[~learnt])[:, 1], dtype=np.float64)
    held = rows.labels[~learnt]
    return scores[held == 0], scores[held == 1]


_NORMAL = 200


def _area(of_x: Floats, of_y: Floats, resamples: int, seed: int) -> tuple[float, float, str]:
    from scipy.special import ndtr

    cells = cells_of(of_x, of_y)
    n, m, pooled = len(of_x), len(of_y), cells.pooled
    ranks = np.cumsum(pooled) - (pooled - 1) / 2
    smaller = float(cells.of_x @ ranks) - n * (n + 1) / 2  # pairs in which x scores higher
    area = 1 - smaller / (n * m)
    if min(n, m) < _NORMAL:
        middle = (n + m + 1) / 2
        pvalue = relabelled_pvalue(
            pooled,
            cells.of_x,
            lambda drawn: -(drawn @ (ranks - middle)),
            resamples=resamples,
            seed=seed,
        )
        return area, pvalue, f"held-out half, permutation ({resamples}, seed {seed})"
    deviation = np.sqrt((n + m + 1) * (1 - cells.tie_share) / 12 / n / m)
    if deviation == 0:
        return 0.5, 1.0, "held-out half, all scores are equal"
    pvalue = float(ndtr(-(area - 0.5 - 0.5 / (n * m)) / deviation))
    return area, pvalue, "held-out half, normal"


TESTS = (
    StatTest(
        name="classifier-two-sample",
        purpose="can a classifier tell rows of two samples apart?",
        assumptions="independent rows; any columns and scales",
        source=_LOPEZ,
        takes=Takes.MATRICES,
        run=classifier_two_sample,
    ),
)
