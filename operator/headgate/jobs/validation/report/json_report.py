"""report.json: the whole result, byte for byte the same wherever the same plan is carried out."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.finding import Finding, Outcome
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.verdict import counts_of, worst_first
from headgate.validation.plan import plan_digest

SCHEMA = "headgate.dev/report/v1"
MOST_FAILURES = 20
"""Of the worst findings, once more by themselves: the run's status shows them."""
DIGITS = 12
"""Significant digits: the last bits of a sum may depend on how many threads made it."""


def report_json(plan: Mapping[str, Any], outcome: Outcome, facts: Mapping[str, Any]) -> bytes:
    """Return the report: UTF-8, sorted keys, no time and no name of a machine, a newline last.

    `facts` is what else belongs to the data, as its rows; null stands for what is not a number.
    """
    content = {
        "schema": SCHEMA,
        "planDigest": plan_digest(plan),
        "plan": plan,
        "verdict": outcome.verdict.value,
        "checks": counts_of(outcome),
        "facts": facts,
        "failures": [finding_json(finding) for finding in worst_first(outcome)[:MOST_FAILURES]],
        "findings": [finding_json(finding) for finding in outcome.findings],
        "notes": list(outcome.notes),
        "explanations": [explanation_json(each) for each in outcome.explained],
    }
    text = json.dumps(plain(content), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode()


def digest_of(content: bytes) -> str:
    """Return sha256:... of a report."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return one finding in JSON's words."""
    measured = finding.measured
    return {
        "check": measured.check,
        "subject": measured.subject,
        "segment": measured.segment,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "test": measured.test,
        "why": measured.why,
        "wouldChange": measured.would_change,
        "n": list(measured.n),
        "statistic": measured.statistic,
        "pvalue": measured.pvalue,
        "adjustedPvalue": finding.adjusted_pvalue,
        "effectName": measured.effect_name,
        "effect": measured.effect,
        "interval": _interval(measured.interval),
        "bound": measured.bound,
        "side": measured.side.value,
        "minimumDetectableEffect": measured.minimum_detectable_effect,
        "neededRows": measured.needed_n,
        "message": measured.message,
    }


def explanation_json(explained: Explained) -> dict[str, Any]:
    """Return what each feature adds to answers on average, the most important first."""
    before, now = explained.importances
    order = np.argsort(-before, kind="stable")
    ranks = explained.ranks
    return {
        "check": explained.path,
        "method": explained.reference.method,
        "scale": explained.reference.scale.value,
        "outputs": list(explained.outputs),
        "rows": {
            "reference": len(explained.reference.values),
            "candidate": len(explained.candidate.values),
        },
        "meanAbsolute": [
            {
                "feature": explained.features[place],
                "reference": float(before[place]),
                "candidate": float(now[place]),
            }
            for place in order
        ],
        "ranks": None
        if ranks is None
        else {"spearman": ranks.value, "expectedAtLeast": ranks.low, "pvalue": ranks.pvalue},
        "note": explained.sentence(),
    }


def _interval(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}


def plain(value: Any) -> Any:
    """Return a value of plain types only, numbers to 12 digits, null for those JSON cannot say."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None
