"""A policy carried out on files by the code of the Job, as far as tests need to say how."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.model_source import ModelSource
from headgate.jobs.validation.finding import Finding
from headgate.jobs.validation.run import Result, digest_of_input, validate
from headgate.validation.plan import plan_of
from headgate.validation.policy_types import ValidationPolicySpec

MANY_CELLS = ReadLimits()
FEW_CELLS = ReadLimits(max_cells=20_000)
"""Makes files of a few thousand rows outgrow memory."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    reference: Path
    candidate: Path
    model: Path | None = None
    stable: Path | None = None


def carried_out(
    policy: ValidationPolicySpec, inputs: Inputs, limits: ReadLimits = MANY_CELLS
) -> Result:
    """Validate; the seed follows from policy and inputs, as everywhere."""
    paths = {"reference": inputs.reference, "candidate": inputs.candidate}
    digests = {name: digest_of_input(path) for name, path in paths.items()}
    return validate(
        policy,
        inputs.reference,
        inputs.candidate,
        model=None if inputs.model is None else ModelSource(path=inputs.model),
        stable=None if inputs.stable is None else ModelSource(path=inputs.stable),
        plan=plan_of(policy, digests, "", {}),
        progress=lambda _done, _total, _what: None,
        limits=limits,
    )


def findings_of(result: Result) -> dict[tuple[str, str, str, str], Finding]:
    """Return the findings by what they are about."""
    found = {
        (
            each.measured.check,
            each.measured.subject,
            each.measured.segment,
            each.measured.test,
        ): each
        for each in result.outcome.findings
    }
    assert len(found) == len(result.outcome.findings)
    return found


def as_told(finding: Finding) -> dict[str, Any]:
    """Return a finding as the report tells it."""
    from headgate.jobs.validation.report.json_report import finding_json, plain

    told: dict[str, Any] = plain(finding_json(finding))
    return told
