"""Whether groups of a sensitive column are treated alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Column, DataError, Integers, shown
from headgate.jobs.validation.data.labels import coded
from headgate.jobs.validation.data.names import listed
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Measurement, Side, Verdict
from headgate.jobs.validation.suite.bounds.shares import design_effect
from headgate.jobs.validation.suite.bounds.threshold import bound_pvalue, folded, needed_rows
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.rows.groups import Groups, groups_of
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.tests.shares.rates import Rate, difference, disparity
from headgate.validation.check_types import FairnessCheck, FairnessMetric

CHECK = "fairness"
MOST_GROUPS = 20
MISSING = "(missing)"
_NEED_TARGET = frozenset(
    {FairnessMetric.EQUALIZED_ODDS_DIFFERENCE, FairnessMetric.EQUAL_OPPORTUNITY_DIFFERENCE}
)


TEST_OF = {
    FairnessMetric.DEMOGRAPHIC_PARITY_DIFFERENCE: "demographic-parity",
    FairnessMetric.EQUALIZED_ODDS_DIFFERENCE: "equalized-odds",
    FairnessMetric.EQUAL_OPPORTUNITY_DIFFERENCE: "equal-opportunity",
    FairnessMetric.FOUR_FIFTHS: "four-fifths",
}


@dataclass(frozen=True, kw_only=True)
class _Stratum:
    """The rows within which the rates of favourable answers are compared."""

    name: str
    rows: Booleans
    """(candidate.rows,)"""


def measure(case: Case, spec: FairnessCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the metric of each sensitive column, of the favourable answer against all others.

    Raises PolicyMismatchError where the policy names no sensitive column, no predictions, no target
    for a metric that needs one, or a favourable answer that is no class; DataError for a column of
    more than 20 values.
    """
    del seed  # nothing is drawn
    path = path_of(case, spec)
    if not case.policy.sensitive:
        raise PolicyMismatchError(
            f"spec.sensitive: {path} needs the columns whose groups are compared"
        )
    favoured = _favoured(case, spec, path)
    strata = tuple(_strata(case, spec, path))
    for place, name in enumerate(case.policy.sensitive):
        if name not in case.candidate.columns:
            raise PolicyMismatchError(
                f"spec.sensitive[{place}]: {case.candidate.name} has no column {shown(name)}"
            )
        codes, names = _groups(case.candidate.columns[name], case.candidate.name, place)
        yield _of_column(case, spec, name, _Members(codes=codes, names=names), favoured, strata)


@dataclass(frozen=True, kw_only=True)
class _Members:
    """(n,) which group each row is of, as an index into their names."""

    codes: Integers
    names: tuple[str, ...]


def _favoured(case: Case, spec: FairnessCheck, path: str) -> Booleans:
    """Return (candidate.rows,) which rows are answered favourably."""
    if case.answers is None:
        raise PolicyMismatchError(
            f"{path}: needs spec.predictions: {{from: Model}}, or {{column: NAME}}"
        )
    if case.task is not Task.CLASSIFICATION or not case.classes:
        raise PolicyMismatchError(f"{path}: is for classifications: a number favours nobody")
    positive = case.classes[-1] if spec.positive is None else spec.positive
    if positive not in case.classes:
        raise PolicyMismatchError(
            f"{path}.positive: {shown(positive)} is no class of the target: {listed(case.classes)}"
        )
    favoured: Booleans = case.answers.values == case.classes.index(positive)
    return favoured


def _strata(case: Case, spec: FairnessCheck, path: str) -> Iterator[_Stratum]:
    assert case.answers is not None  # noqa: S101 - asked before
    told = np.isfinite(case.answers.values)
    if spec.metric not in _NEED_TARGET:
        yield _Stratum(name="all rows", rows=told)
        return
    if case.target is None:
        raise PolicyMismatchError(
            f"{path}.metric: {spec.metric} needs spec.target: the column that the model predicts"
        )
    positive = case.classes[-1] if spec.positive is None else spec.positive
    hit = case.target == case.classes.index(positive)
    yield _Stratum(name=f"rows that are {shown(positive)}", rows=told & hit)
    if spec.metric is FairnessMetric.EQUALIZED_ODDS_DIFFERENCE:
        known = np.isfinite(case.target)
        yield _Stratum(name=f"rows that are not {shown(positive)}", rows=told & known & ~hit)


def _groups(column: Column, file: str, place: int) -> tuple[Integers, tuple[str, ...]]:
    codes, names = coded(column, file)
    used = np.unique(codes[codes >= 0])
    if len(used) > MOST_GROUPS:
        raise DataError(
            f"spec.sensitive[{place}]: column {shown(column.name)} of {file} has {len(used)}"
            f" values, and at most {MOST_GROUPS} groups are compared: store it in bands, as 18-29"
        )
    if (codes < 0).any():
        codes = np.where(codes < 0, len(names), codes)
        names = (*names, MISSING)
    return codes, names


def _of_column(
    case: Case,
    spec: FairnessCheck,
    name: str,
    members: _Members,
    favoured: Booleans,
    strata: Sequence[_Stratum],
) -> Measurement:
    present = [int(code) for code in np.unique(members.codes[strata[0].rows])]
    if len(present) < 2:  # noqa: PLR2004  (nobody to compare with)
        found = listed([members.names[code] for code in present])
        return _undecided(case, name, spec, f"has one group only among {strata[0].name}: {found}")
    gaps: list[_Gap] = []
    for stratum in strata:
        groups = groups_of(case, stratum.rows)
        codes, hits = members.codes[stratum.rows], favoured[stratum.rows]
        lacking = [members.names[code] for code in present if not (codes == code).any()]
        if lacking:
            return _undecided(case, name, spec, f"{stratum.name}: none are of {listed(lacking)}")
        rates = {code: _rate(hits, groups, codes == code, members.names[code]) for code in present}
        gaps += [
            _Gap(first=rates[one], second=rates[two], stratum=stratum.name)
            for one, two in combinations(present, 2)
        ]
    return _judged(case, spec, name, gaps)


@dataclass(frozen=True, kw_only=True)
class _Gap:
    """Two groups' rates within a stratum."""

    first: Rate
    second: Rate
    stratum: str

    def found(self, metric: FairnessMetric, level: float) -> tuple[float, Interval]:
        """Return the gap with its sign, or the disparity, and its interval."""
        compare = disparity if metric is FairnessMetric.FOUR_FIFTHS else difference
        return compare(self.first, self.second, level)

    def __str__(self) -> str:
        """Read as a sentence's part."""
        both = f"{self.first} and {self.second}"
        return both if self.stratum == "all rows" else f"{both}, among {self.stratum}"


def _rate(hits: Booleans, groups: Groups, chosen: Booleans, name: str) -> Rate:
    n = int(np.count_nonzero(chosen))
    _, labels = np.unique(groups.labels[chosen], return_inverse=True)
    inner = Groups(labels=labels.astype(np.int64), count=int(labels.max()) + 1, what=groups.what)
    return Rate(
        name=name,
        share=float(hits[chosen].mean()),
        n=n,
        worth=n / design_effect(hits[chosen], inner),
    )


def _judged(case: Case, spec: FairnessCheck, name: str, gaps: Sequence[_Gap]) -> Measurement:
    """Return the largest gap; each pair is tested, and p is the smallest times their number.

    The interval's upper end is the largest of all pairs' (each must be within the bound: Berger
    1982, Technometrics 24, 295), its lower end the largest of those at Bonferroni's level.
    """
    level = 1 - case.policy.alpha
    shared = 1 - case.policy.alpha / len(gaps)
    found = [gap.found(spec.metric, level) for gap in gaps]
    sizes = [abs(value) for value, _ in found]
    pvalues = [_pvalue(value, interval, spec.max) for value, interval in found]
    lows = [folded(gap.found(spec.metric, shared)[1]).low for gap in gaps]
    worst = int(np.argmax(sizes))
    interval = Interval(
        low=max(lows), high=max(folded(each).high for _, each in found), level=level
    )
    n = tuple(
        {gap_rate.name: gap_rate.n for gap in gaps for gap_rate in (gap.first, gap.second)}.values()
    )
    groups = case.policy.design.clusters or case.policy.design.time
    return Measurement(
        check=CHECK,
        subject=name,
        segment=case.segment,
        test=TEST_OF[spec.metric],
        why=f"{len(gaps)} pairs of groups, each by Wilson's intervals of both rates"
        + (f", rows counted for less by {groups!r}" if groups else ""),
        would_change="design.clusters or design.time: rows would count for less"
        if not groups
        else "no design.clusters and design.time: rows would count as independent",
        n=n,
        statistic=max(sizes),
        pvalue=min(1.0, min(pvalues) * len(gaps)),
        effect_name=str(spec.metric),
        effect=max(sizes),
        interval=interval,
        bound=spec.max,
        needed_n=needed_rows(sum(n), max(sizes), interval, spec.max),
        message=f"largest gap: {gaps[worst]}",
    )


def _pvalue(value: float, interval: Interval, bound: float) -> float:
    size = abs(value)
    mirrored = interval if value >= 0 else _mirrored(interval)
    pvalue = bound_pvalue(size, mirrored, bound, Side.AT_MOST)
    return 1.0 if pvalue is None else pvalue


def _mirrored(interval: Interval) -> Interval:
    return Interval(low=-interval.high, high=-interval.low, level=interval.level)


def _undecided(case: Case, name: str, spec: FairnessCheck, message: str) -> Measurement:
    return Measurement(
        check=CHECK,
        subject=name,
        segment=case.segment,
        test=TEST_OF[spec.metric],
        why="groups cannot be compared on these rows",
        n=(case.candidate.rows,),
        fact=Verdict.INCONCLUSIVE,
        message=f"column {shown(name)}: {message}",
    )
