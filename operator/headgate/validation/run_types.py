"""ValidationRun: one execution of a policy on one version. crds/ comes from here."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from headgate.core.resource import Condition, PositiveDuration, ResourceModel, Time
from headgate.core.schema_marks import Rule, map_list
from headgate.modelversion.types import PolicyRef, VersionRef

Digest = Annotated[str, Field(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=1024)]
ShortText = Annotated[str, Field(max_length=256)]
MAX_PLAN = 65_536
MOST_FAILURES = 20
MOST_ATTEMPTS = 11
"""The most that a policy's backoffLimit allows."""


class Trigger(StrEnum):
    """Why a run is made."""

    NEW_VERSION = "NewVersion"
    SCHEDULE = "Schedule"
    MANUAL = "Manual"


class RunPhase(StrEnum):
    """The run in one word."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class RunVerdict(StrEnum):
    """What the run says of the version."""

    PASS = "Pass"  # noqa: S105
    FAIL = "Fail"
    INCONCLUSIVE = "Inconclusive"


class ValidationRunSpec(ResourceModel):
    """What to test by which policy. It cannot be changed."""

    RULES: ClassVar = (Rule("self == oldSelf", "spec is immutable: create a new ValidationRun"),)

    version_ref: VersionRef = Field(description="The version to validate.")
    policy_ref: PolicyRef = Field(
        description="The policy to test by, as it is when the run starts."
    )
    trigger: Trigger = Field(
        default=Trigger.MANUAL,
        description="Why it is made: NewVersion and Schedule by the operator, Manual by people. A"
        " Manual run decides nothing about the version.",
    )
    timeout: PositiveDuration | None = Field(
        default=None, description="Longest time of one attempt; absent: the policy's."
    )


class Counts(ResourceModel):
    """Checks by their verdict."""

    total: int = Field(default=0, ge=0, description="All findings.")
    passed: int = Field(default=0, ge=0, description="Those that passed.")
    failed: int = Field(default=0, ge=0, description="Those that failed.")
    inconclusive: int = Field(default=0, ge=0, description="Those with too little data.")


class FailureEntry(ResourceModel):
    """One of the worst findings."""

    check: ShortText = Field(default="", description="The policy's check.")
    subject: ShortText = Field(default="", description="Column, metric or groups.")
    segment: ShortText = Field(default="", description="Segment as column=value; empty: all rows.")
    test: ShortText = Field(default="", description="The test.")
    verdict: ShortText = Field(default="", description="Fail or Inconclusive.")
    statistic: float | None = Field(default=None, description="Its statistic.")
    adjusted_pvalue: float | None = Field(
        default=None, description="p after the correction for all tests of the run."
    )
    effect: float | None = Field(default=None, description="How large the difference is.")
    bound: float | None = Field(default=None, description="How large it may be.")
    n: Annotated[tuple[int, ...], Field(max_length=64)] = Field(
        default=(), description="Rows per sample."
    )
    why: Text = Field(default="", description="Why this test.")
    message: Text = Field(default="", description="What was seen.")


class Report(ResourceModel):
    """Where the whole report is, and how to tell that it is this one."""

    config_map: str = Field(
        max_length=253, description="The ConfigMap that holds report.json.gz and report.html.gz."
    )
    digest: Digest = Field(description="SHA-256 of report.json.")
    html_digest: Digest | None = Field(
        default=None, description="SHA-256 of report.html; absent where it was too large to keep."
    )


MOST_NAME = 128
MOST_WHY = 512


class Approval(ResourceModel):
    """Who let the version through although the data was too little to decide."""

    by: str = Field(
        min_length=1,
        max_length=MOST_NAME,
        description="The person, as they were named; the API server's audit log has the account.",
    )
    at: Time = Field(description="When it was recorded.")
    why: str = Field(default="", max_length=MOST_WHY, description="Why, in their words.")
    report: Digest = Field(description="SHA-256 of the report that was approved.")


class LastFailure(ResourceModel):
    """Why the latest attempt could not be carried out."""

    reason: str = Field(max_length=64, description="In one word.")
    message: Text = Field(default="", description="In words.")
    at: Time = Field(description="When it was seen.")


class FailedAttempt(ResourceModel):
    """An attempt that could not be carried out."""

    attempt: int = Field(ge=1, description="Which one, from 1.")
    reason: str = Field(max_length=64, description="Why, in one word.")
    message: ShortText = Field(default="", description="Why, in words.")
    at: Time = Field(description="When it was seen.")


class ValidationRunStatus(ResourceModel):
    """How far the run is, and what it says."""

    RULES: ClassVar = (
        Rule(
            "!has(oldSelf.verdict) || has(self.verdict) && self.verdict == oldSelf.verdict",
            "stays as it was written: delete the run to have it made anew",
            ".verdict",
        ),
        Rule(
            "!has(oldSelf.approval) || has(self.approval) && self.approval == oldSelf.approval",
            "stays as it was written",
            ".approval",
        ),
    )

    observed_generation: int = Field(default=0, ge=0, description="The spec this is about.")
    phase: RunPhase | None = Field(default=None, description="The run in one word.")
    message: Text = Field(default="", description="What it waits for, or what came of it.")
    verdict: RunVerdict | None = Field(default=None, description="What it says of the version.")
    stable_version: str | None = Field(
        default=None, max_length=253, description="The version it was compared with."
    )
    plan: str | None = Field(
        default=None,
        max_length=MAX_PLAN,
        description="What was going to be tested, as JSON, before any data was read.",
    )
    plan_digest: Digest | None = Field(default=None, description="SHA-256 of the plan.")
    attempt: int = Field(default=0, ge=0, description="The attempt under way, or the last one.")
    started_at: Time | None = Field(default=None, description="When the plan was written.")
    next_attempt_at: Time | None = Field(default=None, description="When it is tried again.")
    finished_at: Time | None = Field(default=None, description="When it ended.")
    last_failure: LastFailure | None = Field(
        default=None, description="Why the latest attempt could not be carried out."
    )
    failed_attempts: Annotated[tuple[FailedAttempt, ...], Field(max_length=MOST_ATTEMPTS)] = Field(
        default=(),
        description="Every attempt that could not be carried out; they stay when a later one can.",
    )
    image_id: str | None = Field(
        default=None, max_length=512, description="The image that computed, as the node names it."
    )
    checks: Counts = Field(default=Counts(), description="Checks by verdict.")
    failures: Annotated[tuple[FailureEntry, ...], Field(max_length=MOST_FAILURES)] = Field(
        default=(), description="The worst findings; all of them are in the report."
    )
    report: Report | None = Field(default=None, description="The whole report.")
    approval: Approval | None = Field(
        default=None,
        description="Who let the version through, once somebody has; it is never changed.",
    )
    conditions: Annotated[tuple[Condition, ...], Field(max_length=8), map_list("type")] = Field(
        default=(), description="Accepted, Complete, Approved."
    )
