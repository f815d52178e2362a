"""One question put to the data and what came of it: the row of every report."""

from dataclasses import dataclass, field
from enum import StrEnum

from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.tests.result import Interval


class Verdict(StrEnum):
    """What a check, or a whole suite, says."""

    PASS = "Pass"  # noqa: S105
    FAIL = "Fail"
    INCONCLUSIVE = "Inconclusive"


class Side(StrEnum):
    """What an effect must not do to its bound."""

    AT_MOST = "AtMost"
    """More than the bound is a failure, as with drift."""
    AT_LEAST = "AtLeast"
    """Less than the bound is a failure, as with an accuracy."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one test found, before it is judged together with all the others."""

    check: str
    """The policy's check: drift, performance, ..."""
    subject: str
    """What it is about: a column, a metric, a pair of groups."""
    segment: str = ""
    """`column=value`; empty for all rows."""
    test: str
    """The registry's name of the test, or of the fact that was looked at."""
    why: str
    """Why this test, from the design of the data alone."""
    would_change: str = ""
    """Which other fact would have led to which other test."""
    n: tuple[int, ...] = ()
    statistic: float | None = None
    pvalue: float | None = None
    """Under the hypothesis that all is well; None for a fact that is seen and not inferred."""
    effect_name: str = ""
    effect: float | None = None
    interval: Interval | None = None
    bound: float | None = None
    side: Side = Side.AT_MOST
    minimum_detectable_effect: float | None = None
    needed_n: int | None = None
    """Rows per sample that would decide, where that can be said."""
    fact: Verdict | None = None
    """The verdict where nothing is inferred: a column is missing, or it is not."""
    message: str = ""
    """For people: what was seen, with values."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A measurement and its verdict under the suite's error rate."""

    measured: Measurement
    adjusted_pvalue: float | None
    verdict: Verdict
    reason: str
    """Why this verdict: which of significance, effect, bound and power held."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All findings of a suite, worst first within a check's order, and what they amount to."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = field(default=())
    """What else a reader has to know: what was left out and why."""
    explained: tuple[Explained, ...] = field(default=(), compare=False)
    """What explanations were computed, one a check, for the report."""
