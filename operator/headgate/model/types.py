"""Model: a stable endpoint over versions. crds/ and its reference are generated from here.

Every limit that stands here is refused by the API server; what a limit cannot say is a rule (CEL)
beside it, and accept.py says the same to objects that got in before the rule did.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from headgate.core.resource import Duration, ObjectName, PositiveDuration, ResourceModel
from headgate.core.schema_marks import NotBuilt, Rule, map_list
from headgate.model.analysis_types import Analysis
from headgate.model.predictions_types import Predictions
from headgate.model.step_types import (
    DEFAULT_STEPS,
    MAX_STEPS,
    STEP_LIST_RULES,
    AnalysisStep,
    CanaryScale,
    Pause,
    Step,
    exactly_one,
)

__all__ = ["DEFAULT_STEPS", "Analysis", "AnalysisStep", "CanaryScale", "ModelSpec", "Pause", "Step"]


class Canary(ResourceModel):
    """Share the traffic between the stable and the new version, step by step."""

    steps: Annotated[
        tuple[Step, ...], Field(min_length=1, max_length=MAX_STEPS), *STEP_LIST_RULES
    ] = Field(
        default=DEFAULT_STEPS,
        description="The way to full traffic; after the last step the version is promoted. Absent:"
        " setWeight 10, pause 30s, setWeight 50, pause 30s.",
    )


class BlueGreen(ResourceModel):
    """Start the new version in full beside the old one, then switch."""

    auto_promotion: bool = Field(
        default=True, description="Switch as soon as it is ready; false: when somebody promotes."
    )
    preview_analysis: AnalysisStep | None = Field(
        default=None, description="What has to be seen before the switch."
    )
    scale_down_delay: Duration = Field(
        default=timedelta(seconds=30), description="How long the old version's pods stay."
    )


class Shadow(ResourceModel):
    """Send copies of requests to the new version and compare its answers."""

    percent: Annotated[int, Field(ge=1, le=100)] = Field(
        default=100, description="Percent of requests that are copied."
    )
    duration: PositiveDuration = Field(
        default=timedelta(minutes=10), description="How long to compare."
    )
    max_disagreement: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.02, description="Part of the answers that may differ."
    )


class Recreate(ResourceModel):
    """Stop the old version, then start the new one: never both at once, nothing serves between."""


class Strategy(ResourceModel):
    """How to get from one version to the next. Exactly one."""

    RULES: ClassVar = (exactly_one("canary", "blueGreen", "shadow", "recreate"),)

    canary: Canary | None = Field(
        default=None, description="Share the traffic between the two, step by step."
    )
    blue_green: Annotated[BlueGreen | None, NotBuilt("use canary or recreate")] = Field(
        default=None, description="Start the new version in full beside the old one, then switch."
    )
    shadow: Annotated[Shadow | None, NotBuilt("use canary or recreate")] = Field(
        default=None, description="Send copies of requests to the new version first."
    )
    recreate: Recreate | None = Field(
        default=None,
        description="Stop the old version, then start the new one; nothing serves in between.",
    )


class ParentRef(ResourceModel):
    """A Gateway in the same namespace."""

    name: ObjectName = Field(description="Name of the Gateway.")
    section_name: ObjectName | None = Field(default=None, description="One of its listeners.")


HostName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ),
]


class GatewayAPITraffic(ResourceModel):
    """Weights by an HTTPRoute of the Gateway API."""

    parent_refs: Annotated[tuple[ParentRef, ...], Field(min_length=1, max_length=8)] = Field(
        description="The Gateways to attach to."
    )
    hostnames: Annotated[tuple[HostName, ...], Field(max_length=16)] = Field(
        default=(), description="Hosts to answer for; none: those of the listeners."
    )


class Traffic(ResourceModel):
    """What splits the traffic."""

    gateway_api: Annotated[
        GatewayAPITraffic | None,
        NotBuilt("leave traffic out: the Service shares by replica counts"),
    ] = Field(
        default=None, alias="gatewayAPI", description="Weights by an HTTPRoute of the Gateway API."
    )


class TrackPolicy(StrEnum):
    """Which version to follow."""

    NEWEST_VALIDATED = "NewestValidated"


class Track(ResourceModel):
    """Follow the Model's versions instead of naming one."""

    policy: TrackPolicy = Field(
        description="Which version to follow. NewestValidated: the one created last among those"
        " that passed the policy they name (or were approved); without a policy, none is validated."
        " It only goes forward: an older version is never taken because a newer one is deleted."
    )
    constraint: Annotated[
        str | None, NotBuilt("leave it out: all versions of the Model are looked at")
    ] = Field(default=None, max_length=256, description='Versions to choose from, as ">=3.0 <4".')


class AutoscalingMetric(ResourceModel):
    """A figure that is kept at a target by the number of replicas."""

    name: Literal["cpuUtilization", "memoryUtilization", "requestsPerSecondPerPod"] = Field(
        description="Which figure."
    )
    target: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="What to keep it at: percent of the request, or requests a second."
    )


class Autoscaling(ResourceModel):
    """Let load decide the number of replicas."""

    RULES: ClassVar = (
        Rule(
            "self.minReplicas <= self.maxReplicas",
            "minReplicas must not be above maxReplicas",
            ".minReplicas",
        ),
    )

    min_replicas: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=1, description="The fewest replicas."
    )
    max_replicas: Annotated[int, Field(ge=1, le=1000)] = Field(description="The most replicas.")
    metrics: Annotated[
        tuple[AutoscalingMetric, ...], Field(min_length=1, max_length=8), map_list("name")
    ] = Field(description="What to scale by; the one that asks for most wins.")


class Rollback(ResourceModel):
    """Going back after promotion."""

    window: Duration = Field(
        default=timedelta(hours=24),
        description="How long after promotion failing health checks still go back to the last good"
        " version. 0s: never.",
    )
    keep_warm: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=1, description="Replicas of the last good version kept for that long."
    )


class ModelSpec(ResourceModel):
    """Which version should serve, how to get there, and when to go back."""

    RULES: ClassVar = (
        Rule("has(self.version) != has(self.track)", "set exactly one of version and track"),
    )

    version: ObjectName | None = Field(
        default=None, description="The ModelVersion that should serve."
    )
    track: Track | None = Field(
        default=None, description="Follow the Model's versions instead of naming one."
    )
    replicas: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=1, description="Pods that serve; kubectl scale sets it."
    )
    autoscaling: Annotated[Autoscaling | None, NotBuilt("set replicas")] = Field(
        default=None, description="Let load decide the number of replicas; replicas is ignored."
    )
    strategy: Strategy = Field(
        default=Strategy(canary=Canary()),
        description="How to get from one version to the next. Exactly one; absent: canary with the"
        " default steps.",
    )
    traffic: Traffic | None = Field(
        default=None,
        description="What splits the traffic; absent: the Service, by replica counts.",
    )
    analysis: Analysis = Field(
        default=Analysis(),
        description="Judged all the while the new version has traffic; absent: errorRatio and"
        " latency with their defaults.",
    )
    rollback: Rollback = Field(
        default=Rollback(),
        description="Going back after promotion; absent: within 24h, with one replica kept.",
    )
    predictions: Predictions | None = Field(
        default=None,
        description="Publish each prediction of the builtin server to a StreamGateway; absent:"
        " nowhere. Changing it replaces pods one by one.",
    )
    progress_deadline_seconds: Annotated[int, Field(ge=10, le=86400)] = Field(
        default=600,
        description="How long pods of a new version may take to become ready before it is"
        " rejected. A crash loop or a bad image is seen within seconds.",
    )
    revision_history_limit: Annotated[int, Field(ge=0, le=50)] = Field(
        default=10, description="Deployments without pods that are kept of earlier versions."
    )
    paused: bool = Field(
        default=False,
        description="Hold the rollout where it is. Health checks still return traffic.",
    )
