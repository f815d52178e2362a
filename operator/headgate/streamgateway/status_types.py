"""StreamGateway.status: what the operator reports, and what it must remember to go on.

Remembered (decisions): stableRevision, candidate, rejected, drain, rebalance, continuity.
The rest is observed anew in every pass.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from headgate.core.resource import Condition, ResourceModel, Time

Name = Annotated[str, Field(max_length=253)]
Message = Annotated[str, Field(max_length=1024)]
Count = Annotated[int, Field(ge=0)]
Revision = Annotated[str, Field(max_length=16)]


class GatewayPhase(StrEnum):
    """The gateway in one word."""

    HEALTHY = "Healthy"
    SCALING = "Scaling"
    DRAINING = "Draining"
    REBALANCING = "Rebalancing"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"


class Connections(ResourceModel):
    """Clients on the edge pods, as they were last counted."""

    total: Count = Field(description="On all pods.")
    per_pod_max: Count = Field(description="On the pod that has most.")
    skew: Annotated[float, Field(ge=0)] = Field(
        description="That one's over the mean of the pods that take connections."
    )


class Continuity(ResourceModel):
    """What changes of the pool cost the clients."""

    moved: Count = Field(default=0, description="Connections that left when they were asked to.")
    forced_closes: Count = Field(
        default=0, description="Connections that were cut, because their deadline had passed."
    )
    since: Time | None = Field(default=None, description="Since when this is counted.")


class WhyDrained(StrEnum):
    """Why a pod leaves."""

    SCALE_DOWN = "ScaleDown"
    NEW_REVISION = "NewRevision"
    REVISION_REJECTED = "RevisionRejected"
    BROKEN = "Broken"
    TAKEN_OUT = "TakenOut"


class DrainStatus(ResourceModel):
    """The pod that is leaving. There is one at a time."""

    pod: Name = Field(description="The pod.")
    uid: str = Field(
        default="", max_length=64, description="Its uid: another pod may get its name later."
    )
    why: WhyDrained = Field(description="Why it leaves.")
    cordoned_at: Time = Field(description="When it was taken out of the Service.")
    connections: Count = Field(
        default=0, description="What it had when its connections were first asked to move."
    )
    asking_since: Time | None = Field(
        default=None, description="Since when its connections are asked to move."
    )
    done_at: Time | None = Field(
        default=None,
        description="When nobody was left, or the deadline had passed: it is deleted since.",
    )


class RebalanceStatus(ResourceModel):
    """Connections that are spread anew."""

    since: Time = Field(description="Since when.")
    connections: Count = Field(description="How many were to move then.")
    left: Count | None = Field(
        default=None, description="How many were still to move when that was last noted."
    )
    progress_at: Time | None = Field(
        default=None, description="When it was: at each tenth that has moved."
    )
    given_up_at: Time | None = Field(
        default=None,
        description="When it was given up, as too few moved that were asked to. It is tried again"
        " 10 minutes later, or when the pool has changed.",
    )


class Candidate(ResourceModel):
    """A configuration on its way: first on one pod, then on all."""

    revision: Revision = Field(description="The configuration.")
    started_at: Time = Field(description="When it was first wanted.")
    healthy_since: Time | None = Field(
        default=None, description="Since when its first pod is healthy with clients on it."
    )
    empty_since: Time | None = Field(
        default=None, description="Since when its pods are ready and none has a client."
    )
    proven: bool = Field(default=False, description="Whether the other pods follow.")
    core_since: Time | None = Field(
        default=None, description="Since when the core follows, as all edge pods have it."
    )


class RejectedRevision(ResourceModel):
    """A configuration that failed. It is not tried again until the spec or a Secret changes."""

    revision: Revision = Field(description="The configuration.")
    reason: str = Field(max_length=64, description="Why, in one word.")
    message: Message = Field(description="Why, with the figures and what to do.")
    at: Time = Field(description="When it was rejected.")


class StreamGatewayStatus(ResourceModel):
    """What the operator last saw and decided."""

    observed_generation: Count = Field(default=0, description="The spec this status is about.")
    phase: GatewayPhase | None = Field(default=None, description="The gateway in one word.")
    message: Message = Field(default="", description="What it waits for, or what is wrong.")
    url: str = Field(default="", max_length=512, description="Where clients connect.")
    selector: str = Field(default="", max_length=512, description="Label selector of edge pods.")
    replicas: Count = Field(default=0, description="Edge pods that are there and stay.")
    ready_replicas: Count = Field(default=0, description="Edge pods that take connections.")
    desired_replicas: Count = Field(default=0, description="Edge pods wanted.")
    core_replicas: Count = Field(default=0, description="Servers of the core that are ready.")
    reason: Message = Field(default="", description="Why so many are wanted.")
    connections: Connections | None = Field(
        default=None, description="Clients; absent while pods do not say."
    )
    continuity: Continuity = Field(
        default=Continuity(), description="What changes of the pool cost the clients."
    )
    stable_revision: Revision | None = Field(
        default=None, description="The configuration that all pods have had and worked with."
    )
    candidate: Candidate | None = Field(default=None, description="A configuration on its way.")
    rejected: RejectedRevision | None = Field(
        default=None, description="A configuration that failed."
    )
    drain: DrainStatus | None = Field(default=None, description="The pod that is leaving.")
    rebalance: RebalanceStatus | None = Field(
        default=None, description="Connections that are spread anew."
    )
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = Field(
        default=(),
        description="Accepted, Available, Balanced, RevisionHealthy, ScalingActive, StreamsReady.",
    )
