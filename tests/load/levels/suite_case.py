"""A drift suite of 30 columns of all kinds, some of them shifted, and what it makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.dataset import Column, Floats
from headgate.jobs.validation.finding import Outcome, Verdict
from headgate.jobs.validation.suite import runner
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.verdict import judge
from headgate.validation.policy_types import ValidationPolicySpec
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words

COLUMNS = 30
ROWS = (200, 150)
WORDS = ("blue", "green", "red", "yellow")
SHARES = (0.6, 0.2, 0.15, 0.05)
MOVED = (0.3, 0.2, 0.35, 0.15)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What one suite said."""

    rejected: int
    """Columns whose p holds after the correction."""
    false: int
    """Those of them that were not shifted."""
    failed: int
    """Columns that fail: by an effect beyond its bound, too."""
    false_failed: int

    @property
    def false_share(self) -> float:
        """The share of false rejections among all; 0 of none."""
        return self.false / max(1, self.rejected)


def silent(_done: int, _total: int, _what: str) -> None:
    """Show nothing."""


def judged_by(outcome: Outcome, alpha: float, shifted: int) -> Judged:
    """Count what an outcome says of columns c00, c01, ..., of which the first are shifted."""
    right = {f"c{place:02}" for place in range(shifted)}
    rejected = [
        finding
        for finding in outcome.findings
        if finding.adjusted_pvalue is not None and finding.adjusted_pvalue <= alpha
    ]
    failed = [finding for finding in rejected if finding.verdict is Verdict.FAIL]
    return Judged(
        rejected=len(rejected),
        false=sum(finding.measured.subject not in right for finding in rejected),
        failed=len(failed),
        false_failed=sum(finding.measured.subject not in right for finding in failed),
    )


def one_suite(seed: int, shifted: int, segments: bool = False) -> Mapping[str, Judged]:
    """Return what Holm and BH make of one set, by the policy, the runner and the verdict."""
    policy = a_policy(
        {"drift": {"columns": [f"c{place:02}" for place in range(COLUMNS)]}},
        target=None,
        predictions=None,
        segments=["region"] if segments else [],
    )
    random = np.random.default_rng([20261127, seed, shifted])
    outcome = runner.run(a_mixed_case(policy, random, shifted), progress=silent)
    measured = [finding.measured for finding in outcome.findings]
    by_bh = judge(measured, alpha=policy.alpha, error_control="BH")
    return {
        "Holm": judged_by(outcome, policy.alpha, shifted),
        "BH": judged_by(by_bh, policy.alpha, shifted),
    }


def a_mixed_case(policy: ValidationPolicySpec, random: np.random.Generator, shifted: int) -> Case:
    """Return 30 columns: numbers, whole numbers, words; the first `shifted` are moved."""
    before, after = (
        [_column(place, random, rows, moved=moved and place < shifted) for place in range(COLUMNS)]
        for rows, moved in zip(ROWS, (False, True), strict=True)
    )
    regions = [words("region", ["north", "south"] * (rows // 2)) for rows in ROWS]
    case = a_case(policy, *after, regions[1])
    return replace(case, reference=a_dataset(*before, regions[0], name="reference.csv"))


def _column(place: int, random: np.random.Generator, rows: int, *, moved: bool) -> Column:
    name = f"c{place:02}"
    if place % 5 == 3:
        values: Floats = random.poisson(2.0 + moved, rows).astype(np.float64)
        return replace(numbers(name, values), integral=True)
    if place % 5 == 4:
        codes = random.choice(len(WORDS), rows, p=MOVED if moved else SHARES)
        return replace(
            words(name, [*WORDS]),
            values=codes.astype(np.float64),
            missing=np.zeros(rows, dtype=np.bool_),
        )
    shift = 0.5 if moved else 0.0
    if place % 5 == 2:
        return numbers(name, random.lognormal(shift, 1, rows))
    return numbers(name, random.normal(shift, 1, rows))
