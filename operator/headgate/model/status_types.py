"""Model.status: what the operator reports, and what it must remember to go on after a crash.

Remembered (decisions): stableVersion, rollout, previous, leaving, rejected, history, lastRequest,
tracked.
The rest is observed anew in every pass.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from headgate.core.resource import Condition, ResourceModel, Time

Name = Annotated[str, Field(max_length=253)]
Message = Annotated[str, Field(max_length=1024)]
Count = Annotated[int, Field(ge=0)]


class Phase(StrEnum):
    """The Model in one word."""

    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    PAUSED = "Paused"
    DEGRADED = "Degraded"


class RolloutKind(StrEnum):
    """How a version comes to serve."""

    INITIAL = "Initial"
    CANARY = "Canary"
    RECREATE = "Recreate"


class Outcome(StrEnum):
    """How a version's turn ended."""

    PROMOTED = "Promoted"
    REJECTED = "Rejected"
    SUPERSEDED = "Superseded"
    RETURNED_TO = "ReturnedTo"


class VersionStatus(ResourceModel):
    """What one version gets and has."""

    name: Name = Field(description="The ModelVersion.")
    weight: Annotated[int, Field(ge=0, le=100)] = Field(
        description="Percent of requests that the rollout wants this version to get."
    )
    share: Annotated[int, Field(ge=0, le=100)] = Field(
        description="Percent of new connections that it gets: its part of the Service's endpoints."
    )
    replicas: Count = Field(description="Pods wanted.")
    ready_replicas: Count = Field(description="Pods ready.")


class PodCounters(ResourceModel):
    """Where a serving pod's counters stood when they were last added to the evidence."""

    pod: Name = Field(description="The pod's name.")
    started: float = Field(description="Start of the server process, seconds since 1970.")
    requests: Count = Field(description="Requests answered in this life.")
    errors: Count = Field(description="Answers of 500 and above in this life.")


class Arm(ResourceModel):
    """Requests and errors of one side of the comparison."""

    requests: Count = Field(default=0, description="Requests answered.")
    errors: Count = Field(default=0, description="Answers of 500 and above.")


class Evidence(ResourceModel):
    """What the gates have seen so far, kept so that a restarted operator goes on from it."""

    canary: Arm = Field(default=Arm(), description="The version on trial.")
    stable: Arm = Field(default=Arm(), description="The version it is held against.")
    before: Arm = Field(
        default=Arm(),
        description="What the stable version's pods are known to have answered, earlier included.",
    )
    slow_canary: Arm = Field(
        default=Arm(), description="Its answers judged for latency; errors are the slow ones."
    )
    slow_stable: Arm = Field(
        default=Arm(), description="The stable version's, over the same limit at the same time."
    )
    error_log_likelihoods: Annotated[tuple[float, ...], Field(max_length=64)] = Field(
        default=(), description="Log likelihood ratios of the error gate, one per alternative."
    )
    alone_log_likelihoods: Annotated[tuple[float, ...], Field(max_length=64)] = Field(
        default=(), description="The same for the error rate while it has all the traffic."
    )
    latency_log_likelihoods: Annotated[tuple[float, ...], Field(max_length=64)] = Field(
        default=(), description="Log likelihood ratios of the latency gate, one per alternative."
    )
    pods: Annotated[tuple[PodCounters, ...], Field(max_length=2048)] = Field(
        default=(), description="Counters already added, by pod."
    )


class Rollout(ResourceModel):
    """A version on its way."""

    version: Name = Field(description="The version that is rolled out.")
    kind: RolloutKind = Field(description="How it is rolled out.")
    started_at: Time = Field(description="When it started.")
    step: Count = Field(default=0, description="Index of the step under way, from 0.")
    steps_digest: str = Field(
        default="",
        max_length=64,
        description="Digest of the steps that `step` counts in: an edit of them is noticed by it.",
    )
    step_started_at: Time | None = Field(
        default=None, description="When the step took effect; absent while pods are awaited."
    )
    waiting_since: Time = Field(
        description="Since when pods are awaited: progressDeadlineSeconds counts from here."
    )
    weight: Annotated[int, Field(ge=0, le=100)] = Field(
        default=0, description="Percent wanted for the version on trial."
    )
    canary_scale: Count | None = Field(
        default=None, description="Replicas set by a setCanaryScale step."
    )
    full: bool = Field(default=False, description="Whether the remaining steps are skipped.")
    evidence: Evidence = Field(
        default=Evidence(), description="What the gates had seen when this was last written."
    )


class Previous(ResourceModel):
    """The last good version, to which a failing new one goes back within rollback.window."""

    version: Name = Field(description="The version to go back to.")
    since: Time = Field(description="When the one after it was promoted.")
    baseline: Arm = Field(default=Arm(), description="What its pods are known to have answered.")


class Leaving(ResourceModel):
    """A version that will lose its traffic once the versions that depend on it have left."""

    version: Name = Field(description="The version that is about to leave.")
    since: Time = Field(description="When this was decided.")
    reason: str = Field(default="", max_length=64, description="Why, where it failed.")
    message: Message = Field(default="", description="Why, with the figures.")


class Rejection(ResourceModel):
    """A version that failed. It is not tried again until the spec changes."""

    name: Name = Field(description="The ModelVersion.")
    reason: str = Field(max_length=64, description="Why, in one word.")
    message: Message = Field(description="Why, with the figures and what to do.")
    at: Time = Field(description="When it was rejected.")
    spec_digest: str = Field(
        max_length=64,
        description="Digest of the spec (without replicas, paused and predictions) that it was"
        " rejected under.",
    )


class HistoryEntry(ResourceModel):
    """One version's turn."""

    version: Name = Field(description="The ModelVersion.")
    at: Time = Field(description="When its turn ended this way.")
    outcome: Outcome = Field(description="How it ended.")
    message: Message = Field(default="", description="Details.")


class Tracked(ResourceModel):
    """How far spec.track has come: only a version newer than this one is taken next."""

    version: Name = Field(description="The ModelVersion that is wanted.")
    created_at: Time = Field(description="When it was created.")


class LastRequest(ResourceModel):
    """The request made by hand (annotation headgate.dev/request) that was handled last."""

    value: str = Field(max_length=512, description="The annotation's value.")
    outcome: str = Field(max_length=64, description="RequestHandled or RequestRefused.")
    message: Message = Field(default="", description="What was done, or why nothing was.")


class ModelStatus(ResourceModel):
    """What the operator last saw and decided."""

    observed_generation: Count = Field(default=0, description="The spec this status is about.")
    phase: Phase | None = Field(default=None, description="The Model in one word.")
    message: Message = Field(default="", description="What it waits for, or why it is degraded.")
    url: str = Field(default="", max_length=512, description="Where it serves in the cluster.")
    selector: str = Field(default="", max_length=512, description="Label selector of its pods.")
    replicas: Count = Field(default=0, description="Pods of all versions.")
    stable_version: Name | None = Field(default=None, description="The version that serves.")
    canary_version: Name | None = Field(default=None, description="The version on trial.")
    canary_weight: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="Percent wanted for the version on trial."
    )
    step: str | None = Field(default=None, max_length=16, description="Steps done of all.")
    versions: Annotated[tuple[VersionStatus, ...], Field(max_length=64)] = Field(
        default=(), description="Every version that has pods or weight."
    )
    rollout: Rollout | None = Field(default=None, description="The rollout under way.")
    previous: Previous | None = Field(default=None, description="The version to go back to.")
    leaving: Leaving | None = Field(default=None, description="The version about to leave.")
    rejected: Annotated[tuple[Rejection, ...], Field(max_length=32)] = Field(
        default=(), description="Versions that failed; not tried again until the spec changes."
    )
    history: Annotated[tuple[HistoryEntry, ...], Field(max_length=64)] = Field(
        default=(), description="Turns that ended, the newest first."
    )
    last_request: LastRequest | None = Field(
        default=None, description="The request made by hand that was handled last."
    )
    tracked: Tracked | None = Field(
        default=None, description="The version that spec.track chose last; absent without track."
    )
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = Field(
        default=(),
        description="Accepted, Available, Progressing, Healthy, RolledBack, StillValid,"
        " PredictionsRouted.",
    )
