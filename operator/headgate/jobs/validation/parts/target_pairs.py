"""Whether a column says the target by another name, seen part by part."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Column, Floats
from headgate.jobs.validation.parts.profile import different_values

MOST_CLASSES_A_ROW = 0.5
"""Of more targets, each stands about once: with one value, whatever the value."""
type Pairs = frozenset[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class TargetPairs:
    """Which value stands with which target. `merged` does not depend on how rows were parted."""

    pairs: Pairs | None
    """None: a value with two targets or a target with two values was seen, or more than 1024."""
    rows: int
    """That have a value and a target."""
    equal: bool
    """Whether value and target are one number in each of them."""

    def merged(self, other: "TargetPairs") -> "TargetPairs":
        """Return the pairs in both one's rows."""
        both = None
        if self.pairs is not None and other.pairs is not None:
            both = _one_to_one(self.pairs | other.pairs)
        return TargetPairs(
            pairs=both, rows=self.rows + other.rows, equal=self.equal and other.equal
        )

    @property
    def says_the_target(self) -> bool:
        """Whether values stand for two targets or more, one for one, or are equal to them."""
        if self.pairs is None:
            return self.equal and self.rows > 1
        if len(self.pairs) > self.rows * MOST_CLASSES_A_ROW:
            return self.equal and len(self.pairs) > 1
        return len(self.pairs) > 1


def pairs_of(column: Column, target: Floats) -> TargetPairs:
    """Return the pairs in n rows; rows without a value or a target say nothing."""
    known = ~column.missing & np.isfinite(target)
    values, wanted = column.values[known], target[known]
    rows, equal = len(values), bool((values == wanted).all())
    firsts, seconds = different_values(values), different_values(wanted)
    if firsts is None or seconds is None:
        return TargetPairs(pairs=None, rows=rows, equal=equal)
    codes = np.searchsorted(firsts, values) * len(seconds) + np.searchsorted(seconds, wanted)
    used = np.unique(codes)
    if len(used) > min(len(firsts), len(seconds)):
        return TargetPairs(pairs=None, rows=rows, equal=equal)
    found = zip(
        firsts[used // len(seconds)].tolist() if len(used) else (),
        seconds[used % len(seconds)].tolist() if len(used) else (),
        strict=True,
    )
    return TargetPairs(pairs=_one_to_one(frozenset(found)), rows=rows, equal=equal)


def merged_pairs(
    first: Mapping[str, TargetPairs], second: Mapping[str, TargetPairs]
) -> Mapping[str, TargetPairs]:
    """Return those of both one's rows, column by column; an empty one is nothing yet."""
    if not first:
        return second
    return {name: pairs.merged(second[name]) for name, pairs in first.items()}


def _one_to_one(pairs: Pairs) -> Pairs | None:
    values, targets = {value for value, _ in pairs}, {target for _, target in pairs}
    return pairs if len(values) == len(targets) == len(pairs) else None
