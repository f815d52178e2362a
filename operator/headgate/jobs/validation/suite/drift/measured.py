"""What drift says of one column: the same whether rows, counts or pairs gave the numbers."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.dataset import ColumnKind
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.selection.difference import Choice, Facts, choose
from headgate.jobs.validation.suite.bounds.deciding import rows_to_exclude
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.tests.counts.table import Counts, expected_counts
from headgate.jobs.validation.tests.counts.variation import (
    total_variation_detectable,
    total_variation_needed_n,
)
from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.two_sample.kolmogorov import (
    kolmogorov_detectable,
    kolmogorov_needed_n,
)
from headgate.validation.check_types import DriftCheck

CHECK = "drift"
MISSING_WHY = "missing values are a fact of their own"
DIFFERENCE_MISSING = "difference of shares missing"
_RESAMPLES = (999, 9999)
_LEAST_EFFECT = 1e-6
"""No number of rows shows that there is no difference at all: one this small stands for it."""


@dataclass(frozen=True, kw_only=True)
class About:
    """The column that a measurement is about, and what it is held against."""

    name: str
    segment: str
    min_effect: float
    alpha: float
    """The level at which power is reckoned: the suite's, shared out among the columns."""
    segmented: bool
    """Whether the same is asked of segments too, of which each has its share of the error rate."""


def about_column(case: Case, spec: DriftCheck, name: str, columns: int) -> About:
    """Return what measurements of a column are about, one of so many that are compared."""
    return About(
        name=name,
        segment=case.segment,
        min_effect=spec.min_effect,
        alpha=case.policy.alpha / max(1, columns),
        segmented=bool(case.policy.segments),
    )


def told_of_lengths(case: Case, found: Iterator[Measurement]) -> Iterator[Measurement]:
    """Yield what was found, saying of columns of text that it is about the texts' lengths."""
    columns = case.by_form.reference.columns
    for each in found:
        column = columns.get(each.subject)
        if column is None or column.kind is not ColumnKind.TEXT:
            yield each
        else:
            yield replace(each, message=f"{each.message}: of the lengths of its texts alone")


def drawn_enough(about: About, test: Callable[[int], TestResult]) -> TestResult:
    """Return the result of a test that takes a number of draws, by as many as can show its p.

    That is a p that holds among so many columns, what they lack, and some other checks. Where there
    are segments, one that is as small as so many draws can show is drawn again: fewer are enough
    for what is not significant (Besag, Clifford 1991, Biometrika 78, 301).
    """
    few, many = _RESAMPLES
    resamples = int(np.clip(math.ceil(4 / about.alpha), few, many))
    result = test(resamples)
    smallest = 1 / (1 + resamples)
    shown = result.pvalue is None or not math.isclose(result.pvalue, smallest)
    return result if shown or not about.segmented or resamples == many else test(many)


def options_of_counts(choice: Choice, seed: int, resamples: int) -> dict[str, int]:
    """Return what selection's test of counts is asked with, beside the counts."""
    return {"seed": seed, "resamples": resamples} if choice.test == "chi2-permutation" else {}


def missing_of(about: About) -> About:
    """Return the same of the column's missing values."""
    return replace(about, name=f"{about.name} (missing)")


def inferred(about: About, choice: Choice, result: TestResult, message: str) -> Measurement:
    """Return what a test found; of an asked one it is not known which distance it would see."""
    effect = result.effect
    return Measurement(
        check=CHECK,
        subject=about.name,
        segment=about.segment,
        test=choice.test,
        why=choice.why,
        would_change=choice.would_change,
        n=result.n,
        statistic=result.statistic,
        pvalue=result.pvalue,
        effect_name=effect.name,
        effect=effect.value,
        interval=effect.interval,
        bound=about.min_effect,
        minimum_detectable_effect=None if choice.asked else result.minimum_detectable_effect,
        needed_n=rows_to_exclude(effect, about.min_effect, min(result.n)),
        message=message,
    )


def inferred_of_independent_rows(
    about: About, choice: Choice, result: TestResult, message: str
) -> Measurement:
    """Return what selection's test of independent rows found, its power known by formula."""
    n, m = result.n
    least = max(about.min_effect, _LEAST_EFFECT)
    if choice.counted:
        k = max(2, int(result.details.get("degrees of freedom", 1)) + 1)
        detectable = total_variation_detectable(n, m, k, about.alpha)
        needed = total_variation_needed_n(least, k, about.alpha)
    else:
        detectable = kolmogorov_detectable(n, m, about.alpha)
        needed = kolmogorov_needed_n(least, about.alpha)
    found = inferred(about, choice, result, message)
    return replace(
        found,
        minimum_detectable_effect=detectable,
        needed_n=needed if detectable > about.min_effect else found.needed_n,
    )


def missing_values(about: About, present: tuple[int, int], missing: tuple[int, int]) -> Measurement:
    """Hold independent rows' shares of missing values against each other.

    `present` and `missing` are how many values each file has and lacks: rows are not dropped in
    silence.
    """
    table: Counts = np.array([present, missing], dtype=np.int64).T
    choice = choose(
        Facts(
            kind=ColumnKind.BOOLEAN,
            values=2,
            rows=int(table.sum()),
            least_expected=float(expected_counts(table).min()),
        )
    )
    shares = table[:, 1] / table.sum(axis=1)
    message = shares_missing(float(shares[0]), float(shares[1]))
    try:
        result = find_test(choice.test).run(table)
    except UntestableError:
        verdict = Verdict.PASS if shares[0] == shares[1] else Verdict.INCONCLUSIVE
        return fact(missing_of(about), present, verdict, message, choice)
    n, m = (int(size) for size in table.sum(axis=1))
    return replace(
        inferred(missing_of(about), choice, result, message),
        why=f"{MISSING_WHY}: {choice.why}",
        n=(n, m),
        effect_name=DIFFERENCE_MISSING,
        effect=abs(float(shares[1] - shares[0])),
        minimum_detectable_effect=total_variation_detectable(n, m, 2, about.alpha),
        needed_n=total_variation_needed_n(max(about.min_effect, _LEAST_EFFECT), 2, about.alpha),
    )


def shares_missing(before: float, now: float) -> str:
    """Return both shares of missing values in words."""
    return f"{before:.2%} missing before, {now:.2%} now"


def fact(
    about: About,
    n: tuple[int, ...],
    verdict: Verdict,
    message: str,
    choice: Choice | None = None,
) -> Measurement:
    """Return what is seen and not inferred; `choice` is the test that could not be made."""
    return Measurement(
        check=CHECK,
        subject=about.name,
        segment=about.segment,
        test=choice.test if choice is not None else "none",
        why=choice.why if choice is not None else "nothing to infer",
        n=n,
        fact=verdict,
        message=message,
    )
