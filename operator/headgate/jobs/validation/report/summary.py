"""The verdict with its digests, short enough for a termination message.

The kubelet keeps 12 KiB for all of a pod's containers together, and shares them out evenly. What
failed is in the report itself, first of all.
"""

from typing import Any

from headgate.jobs.validation.finding import Outcome
from headgate.jobs.validation.verdict import counts_of


def summary_of(
    outcome: Outcome, plan_digest: str, report_digest: str, html_digest: str | None
) -> dict[str, Any]:
    """Return verdict, counts and digests."""
    return {
        "verdict": outcome.verdict.value,
        "checks": counts_of(outcome),
        "planDigest": plan_digest,
        "reportDigest": report_digest,
        "htmlDigest": html_digest or "",
    }
