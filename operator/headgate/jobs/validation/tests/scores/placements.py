"""What each row contributes to an area under the ROC curve, by ranks."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.sample import Floats

type Booleans = NDArray[np.bool_]


def auc_influence(positive: Booleans, score: Floats) -> tuple[float, Floats]:
    """Return the area and (n,) each row's influence on it, of which the error follows.

    Placements by midranks, O(n log n): DeLong, DeLong, Clarke-Pearson 1988, Biometrics 44, 837;
    Sun, Xu 2014, IEEE Signal Processing Letters 21, 1389. Sums of influences within clusters give
    the error for clustered rows: Obuchowski 1997, Biometrics 53, 567. Needs rows of both kinds.
    """
    from scipy.stats import rankdata

    n, hits = len(score), int(np.count_nonzero(positive))
    misses = n - hits
    ranks = rankdata(score)
    placed = np.empty(n)
    placed[positive] = (ranks[positive] - rankdata(score[positive])) / misses
    placed[~positive] = 1 - (ranks[~positive] - rankdata(score[~positive])) / hits
    area = float(placed[positive].mean())
    influence = placed - area
    influence[positive] *= n / hits
    influence[~positive] *= n / misses
    return area, influence


def satterthwaite(parts: Sequence[tuple[float, int]]) -> float:
    """Return the degrees of freedom of a sum of variances, each with what it was estimated of.

    Infinite where all are 0. Needs two of each. Source: Satterthwaite 1946, Biometrics Bulletin 2,
    110.
    """
    total = sum(variance for variance, _ in parts)
    if total == 0:
        return math.inf
    return 1 / sum((variance / total) ** 2 / (count - 1) for variance, count in parts)
