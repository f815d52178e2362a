"""ModelVersion.status: what the operator last saw of a version. All of it is observed anew."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from headgate.core.resource import Condition, ResourceModel, Time
from headgate.core.schema_marks import Rule, map_list


class VersionPhase(StrEnum):
    """The version in one word."""

    PENDING = "Pending"
    VALIDATING = "Validating"
    VALIDATED = "Validated"
    REJECTED = "Rejected"
    AWAITING_APPROVAL = "AwaitingApproval"


class Serving(ResourceModel):
    """What the version gets now."""

    weight: int = Field(
        default=0, ge=0, le=100, description="Percent of new connections that it really gets."
    )
    ready_replicas: int = Field(default=0, ge=0, description="Pods ready.")


class Revalidation(ResourceModel):
    """The scheduled run that ended last."""

    run: str = Field(max_length=253, description="The ValidationRun.")
    verdict: Literal["Pass", "Fail", "Inconclusive"] | None = Field(
        default=None, description="What it said; absent where it could not be carried out."
    )
    finished_at: Time = Field(description="When it ended.")
    message: str = Field(default="", max_length=1024, description="In a sentence.")


class Approval(ResourceModel):
    """Who let the version through although the data was too little to decide."""

    run: str = Field(max_length=253, description="The ValidationRun that was approved.")
    by: str = Field(
        max_length=128,
        description="The person, as they were named; the API server's audit log has the account.",
    )
    at: Time = Field(description="When it was recorded.")
    why: str = Field(default="", max_length=512, description="Why, in their words.")
    report: str = Field(
        max_length=71,
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="SHA-256 of the report that was approved.",
    )


class ModelVersionStatus(ResourceModel):
    """What the operator last saw of the version."""

    RULES: ClassVar = (
        Rule(
            "!has(oldSelf.approval) || has(self.approval) && self.approval == oldSelf.approval",
            "stays as it was written",
            ".approval",
        ),
    )

    observed_generation: int = Field(default=0, ge=0, description="The spec this is about.")
    phase: VersionPhase | None = Field(default=None, description="The version in one word.")
    message: str = Field(
        default="", max_length=1024, description="What it waits for, or why it was rejected."
    )
    artifact_digest: str | None = Field(
        default=None,
        max_length=71,
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="Digest of the artifact that was fetched and checked.",
    )
    validation_run: str | None = Field(
        default=None,
        max_length=253,
        description="The ValidationRun that gives, or gave, the verdict.",
    )
    approval: Approval | None = Field(
        default=None,
        description="Who let the version through, where its data was too little and its policy"
        " leaves that to a person; it is never changed, and stays when the run is deleted.",
    )
    revalidation: Revalidation | None = Field(
        default=None, description="The run by the policy's schedule that ended last."
    )
    serving: Serving = Field(default=Serving(), description="What it gets now.")
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16), map_list("type")] = Field(
        default=(), description="Accepted, ArtifactVerified, Validated, Servable, StillValid."
    )
