"""Whether features keep their order of importance: told to people, no verdict hangs on it.

Ranks are blind: under a shift of a feature by a whole deviation they hardly move, because every
feature goes on mattering as much as before. What moved is seen in the attributions' distributions.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headgate.jobs.validation.data.dataset import Floats, Integers

_DRAWS: Final = 400
_LEAST_FEATURES: Final = 3
"""Of two, the order is the same or it is not."""


@dataclass(frozen=True, kw_only=True)
class RankAgreement:
    """Spearman's correlation of the mean absolute attributions of two files."""

    value: float
    low: float
    """95 of 100 times, chance alone makes of one and the same distribution this or more."""
    pvalue: float
    """How often chance alone makes it as low as it is."""

    def sentence(self) -> str:
        """Return it in words."""
        return (
            f"the features' order of importance correlates by {self.value:.4f} (Spearman) between"
            f" the files; chance alone makes it {self.low:.4f} or more 95 of 100 times"
            f" (p {self.pvalue:.3g}); no verdict hangs on it"
        )


def rank_agreement(
    before: Floats, after: Floats, groups: tuple[Integers, Integers], *, seed: int
) -> RankAgreement | None:
    """Return how the order of features in (n, features) and (m, features) magnitudes agrees.

    `groups` (n,) and (m,) say which rows belong together, from 0; whole groups of both files are
    drawn for the null. None for fewer than three features, and where all matter as much.
    Source: Efron, Tibshirani 1993, An Introduction to the Bootstrap, ch. 16.
    """
    if before.shape[1] < _LEAST_FEATURES:
        return None
    sizes = [int(labels.max(initial=-1)) + 1 for labels in groups]
    pooled = np.concatenate([groups[0], groups[1] + sizes[0]])
    rows = np.concatenate([before, after])
    sums = np.zeros((sum(sizes), rows.shape[1]))
    np.add.at(sums, pooled, rows)
    counts = np.bincount(pooled, minlength=sum(sizes)).astype(np.float64)
    seen = spearman(before.mean(axis=0), after.mean(axis=0))
    if seen is None:
        return None
    random = np.random.default_rng(seed)
    null = [_drawn(sums, counts, sizes, random) for _ in range(_DRAWS)]
    known = np.array([each for each in null if each is not None])
    if not len(known):
        return None
    as_low = int(np.count_nonzero(known <= seen + 1e-12))
    return RankAgreement(
        value=seen,
        low=float(np.quantile(known, 0.05)),
        pvalue=(1 + as_low) / (1 + len(known)),
    )


def spearman(x: Floats, y: Floats) -> float | None:
    """Return the correlation of the ranks of (n,) x and (n,) y; None where either is constant."""
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(x), rankdata(y)])
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    scale = float(np.sqrt((centred**2).sum(axis=1).prod()))
    return float(centred[0] @ centred[1]) / scale if scale > 0 else None


def _drawn(
    sums: Floats, counts: Floats, sizes: list[int], random: np.random.Generator
) -> float | None:
    means = []
    for size in sizes:
        times = np.bincount(random.integers(len(sums), size=size), minlength=len(sums))
        means.append((times @ sums) / max(1.0, float(times @ counts)))
    return spearman(means[0], means[1])
