"""report.html: one file for people, without scripts and without anything to load."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from headgate.jobs.validation.finding import Finding, Measurement, Outcome, Side, Verdict
from headgate.jobs.validation.report.figure import Figure
from headgate.jobs.validation.verdict import counts_of, worst_first
from headgate.validation.plan import plan_digest

TEMPLATE = Path(__file__).with_name("report.html.j2")
HEADLINE = "{passed} of {total} findings passed, {failed} failed, {inconclusive} undecided"
MEANINGS = {
    Verdict.PASS: "Every finding passed: its interval leaves out all that the policy forbids, or"
    " there were rows enough to have seen it.",
    Verdict.FAIL: "At least one finding is significant after the correction, and beyond its bound.",
    Verdict.INCONCLUSIVE: "Nothing failed, but there was too little data to decide some findings."
    " That is not a pass.",
}
CONTROLS = {
    "Holm": "The chance of any false failure is at most {alpha:g} (Holm).",
    "BH": "The expected share of false failures among all is at most {alpha:g}"
    " (Benjamini-Hochberg).",
    "BY": "The expected share of false failures among all is at most {alpha:g}, under any"
    " dependence (Benjamini-Yekutieli).",
    "None": "Each test has the error rate {alpha:g} by itself: nothing is corrected.",
}


def html_report(plan: Mapping[str, Any], outcome: Outcome, figures: Sequence[Figure] = ()) -> bytes:
    """Return the report; whatever comes from data or policy is escaped."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    policy = plan.get("policy") or {}
    counts = counts_of(outcome)
    text = template.render(
        verdict=outcome.verdict.value,
        headline=HEADLINE.format(**counts),
        meaning=MEANINGS[outcome.verdict],
        error_control=CONTROLS[str(policy.get("errorControl", "Holm"))].format(
            alpha=policy.get("alpha", 0.05)
        ),
        wrong=[_row(finding) for finding in worst_first(outcome)],
        groups=list(_groups(outcome)),
        figures=figures,
        plan=json.dumps(plan, indent=1, sort_keys=True, ensure_ascii=False),
        plan_digest=plan_digest(plan),
        notes=outcome.notes,
    )
    return f"{text}\n".encode()


def _groups(outcome: Outcome) -> Iterator[dict[str, Any]]:
    ordered = sorted(outcome.findings, key=lambda finding: finding.measured.check)
    for check, members in groupby(ordered, key=lambda finding: finding.measured.check):
        rows = list(members)
        failed = sum(finding.verdict is Verdict.FAIL for finding in rows)
        passed = sum(finding.verdict is Verdict.PASS for finding in rows)
        yield {
            "check": check,
            "counts": f"{passed} of {len(rows)} passed, {failed} failed",
            "open": len(rows) <= 10,  # noqa: PLR2004  (a table that is read at once)
            "rows": [_row(finding) for finding in rows],
        }


def _row(finding: Finding) -> dict[str, Any]:
    measured = finding.measured
    interval = measured.interval
    beyond = "at most" if measured.side is Side.AT_MOST else "at least"
    return {
        "verdict": finding.verdict.value,
        "check": measured.check,
        "subject": measured.subject,
        "segment": measured.segment,
        "effect": _number(measured.effect),
        "interval": f"[{_number(interval.low)}, {_number(interval.high)}]" if interval else "",
        "bound": _number(measured.bound),
        "limit": f"{beyond} {_number(measured.bound)}",
        "bar": _bar(measured),
        "p": _number(finding.adjusted_pvalue),
        "n": ", ".join(f"{n:,}" for n in measured.n),
        "test": measured.test,
        "why": measured.why,
        "would_change": measured.would_change,
        "message": measured.message,
        "reason": finding.reason,
    }


def _bar(measured: Measurement) -> dict[str, str] | None:
    """Return where effect, interval and bound lie on a line from 0 to 100."""
    effect, interval, bound = measured.effect, measured.interval, measured.bound
    if effect is None or interval is None or bound is None:
        return None
    points = {"effect": effect, "low": interval.low, "high": interval.high, "bound": bound}
    if not all(abs(value) < float("inf") for value in points.values()):
        return None
    low, high = min(points.values()), max(points.values())
    width = (high - low) or 1.0
    return {name: f"{4 + 92 * (value - low) / width:.1f}" for name, value in points.items()}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
