"""From measurements to findings and one verdict, under one error rate for all of them. Pure."""

import math
from collections import Counter
from collections.abc import Sequence

from headgate.jobs.validation.finding import Finding, Measurement, Outcome, Side, Verdict
from headgate.jobs.validation.tests.multiplicity.adjust import adjust
from headgate.jobs.validation.tests.result import Interval

NOTHING_CHECKED = "nothing was checked: an empty suite shows nothing"
_RANK = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


def judge(measurements: Sequence[Measurement], *, alpha: float, error_control: str) -> Outcome:
    """Return all findings and the suite's verdict; `error_control` is Holm, BH, BY or None.

    A failure needs both a p-value that holds after the correction and an effect beyond its bound; a
    pass an interval that excludes what lies beyond the bound, or enough rows to have seen it. The
    suite fails when anything fails: that is a union of tests, which the correction is for. It
    passes only when everything passes: that needs none (Berger 1982, Technometrics 24, 295).
    """
    adjusted = adjust([_counted(each) for each in measurements], error_control)
    findings = tuple(
        _judged(measured, p, alpha) for measured, p in zip(measurements, adjusted, strict=True)
    )
    if not findings:
        return Outcome(verdict=Verdict.INCONCLUSIVE, findings=(), notes=(NOTHING_CHECKED,))
    worst = min((finding.verdict for finding in findings), key=_RANK.__getitem__)
    return Outcome(verdict=worst, findings=findings)


def counts_of(outcome: Outcome) -> dict[str, int]:
    """Return the number of findings, in all and by verdict."""
    found = Counter(finding.verdict for finding in outcome.findings)
    return {
        "total": len(outcome.findings),
        "passed": found[Verdict.PASS],
        "failed": found[Verdict.FAIL],
        "inconclusive": found[Verdict.INCONCLUSIVE],
    }


def worst_first(outcome: Outcome) -> tuple[Finding, ...]:
    """Return the findings that did not pass: failures first, the farthest beyond their bound."""
    wrong = [finding for finding in outcome.findings if finding.verdict is not Verdict.PASS]
    return tuple(sorted(wrong, key=lambda finding: (_RANK[finding.verdict], -_excess(finding))))


def _counted(measured: Measurement) -> float | None:
    """Return the p-value that takes part in the correction: of what is inferred, not seen."""
    if measured.fact is not None or measured.pvalue is None or math.isnan(measured.pvalue):
        return None
    return measured.pvalue


def _judged(measured: Measurement, adjusted: float | None, alpha: float) -> Finding:
    verdict, reason = _verdict(measured, adjusted, alpha)
    return Finding(measured=measured, adjusted_pvalue=adjusted, verdict=verdict, reason=reason)


def _verdict(measured: Measurement, p: float | None, alpha: float) -> tuple[Verdict, str]:
    if measured.fact is not None:
        return measured.fact, "seen, not inferred"
    effect, bound = measured.effect, measured.bound
    if effect is None or bound is None or not math.isfinite(effect):
        return Verdict.INCONCLUSIVE, "the effect could not be computed"
    shown = f"{measured.effect_name or 'effect'} {effect:.4g}"
    limit = f"{'at most' if measured.side is Side.AT_MOST else 'at least'} {bound:.4g}"
    beyond = _beyond(effect, bound, measured.side)
    if p is not None and p <= alpha and beyond:
        return Verdict.FAIL, f"{shown}, {limit} is allowed; adjusted p {p:.3g} <= {alpha:g}"
    if not beyond and _excludes(measured.interval, bound, measured.side):
        return Verdict.PASS, f"{shown}; its interval leaves out all beyond {limit}"
    seen = measured.minimum_detectable_effect
    if not beyond and p is not None and p > alpha and seen is not None and seen <= bound:
        text = f"not significant, and {seen:.4g} would have been seen with 80% power"
        return Verdict.PASS, f"{shown}, {limit} is allowed; {text}"
    return Verdict.INCONCLUSIVE, _undecided(measured, shown, limit, beyond=beyond)


def _undecided(measured: Measurement, shown: str, limit: str, *, beyond: bool) -> str:
    why = "beyond it, but not significantly" if beyond else "within it, but not certainly"
    needed = measured.needed_n
    rows = f"; about {needed:,} rows per sample would decide" if needed is not None else ""
    return f"{shown}, {limit} is allowed: {why}{rows}"


def _beyond(effect: float, bound: float, side: Side) -> bool:
    return effect > bound if side is Side.AT_MOST else effect < bound


def _excludes(interval: Interval | None, bound: float, side: Side) -> bool:
    if interval is None or math.isnan(interval.low) or math.isnan(interval.high):
        return False
    return interval.high <= bound if side is Side.AT_MOST else interval.low >= bound


def _excess(finding: Finding) -> float:
    measured = finding.measured
    if measured.effect is None or measured.bound is None or not math.isfinite(measured.effect):
        return math.inf if finding.measured.fact is not None else 0.0
    return abs(measured.effect - measured.bound) / (abs(measured.bound) or 1.0)
