"""What a version is judged by while it takes traffic."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from headgate.core.resource import Duration, PositiveDuration, ResourceModel
from headgate.core.schema_marks import NotBuilt, map_list

Limit = Annotated[int, Field(ge=0, le=1000)]
Expression = Annotated[str, Field(min_length=1, max_length=1024)]


class ErrorRatio(ResourceModel):
    """How many times the stable version's error rate the new version's may be."""

    max: Annotated[float, Field(ge=1, le=1000)] = Field(
        default=2.0, description="The ratio of error rates that is still tolerated."
    )
    alpha: Annotated[float, Field(ge=0.000001, le=0.5)] = Field(
        default=0.01,
        description="Part of harmless rollouts that may be aborted by chance, however often the"
        " gate looks.",
    )


class LatencyGate(ResourceModel):
    """How much slower than the stable version the new one may answer."""

    quantile: Annotated[float, Field(ge=0.5, le=0.999)] = Field(
        default=0.99, description="The quantile of durations that is compared."
    )
    max_ratio: Annotated[float, Field(ge=1, le=1000)] = Field(
        default=1.5, description="How many times the stable version's it may be."
    )
    tolerance: Duration = Field(
        default=timedelta(milliseconds=25),
        description="Slack on top of it: with answers of one millisecond a ratio means nothing.",
    )


class MetricQuery(ResourceModel):
    """A query whose results are judged, in Argo Rollouts' words."""

    name: str = Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        description="Name of the metric.",
    )
    provider: str = Field(
        min_length=1,
        max_length=63,
        description="A source of metrics that the operator's configuration names.",
    )
    query: str = Field(min_length=1, max_length=4096, description="What to ask it.")
    interval: PositiveDuration = Field(
        default=timedelta(seconds=30), description="Time between two questions."
    )
    count: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=10, description="How often it is asked."
    )
    success_condition: Expression | None = Field(
        default=None, description="A result is good if this holds."
    )
    failure_condition: Expression | None = Field(
        default=None, description="A result is bad if this holds."
    )
    failure_limit: Limit = Field(default=0, description="Bad results that are tolerated.")
    inconclusive_limit: Limit = Field(default=0, description="Undecided results tolerated.")
    consecutive_error_limit: Limit = Field(
        default=4, description="Failed questions in a row that are tolerated."
    )


class Analysis(ResourceModel):
    """What a version is judged by all the while it has traffic."""

    error_ratio: ErrorRatio = Field(
        default=ErrorRatio(), description="Its errors against the stable version's."
    )
    latency: LatencyGate = Field(
        default=LatencyGate(), description="Its durations against the stable version's."
    )
    metrics: Annotated[
        tuple[MetricQuery, ...],
        Field(max_length=16),
        map_list("name"),
        NotBuilt("errorRatio and latency judge by the servers' own counters"),
    ] = Field(default=(), description="Named queries.")
