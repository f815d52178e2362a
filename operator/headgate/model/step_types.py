"""The steps of a canary, in the words that Argo Rollouts' users know."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from headgate.core.resource import PositiveDuration, ResourceModel
from headgate.core.schema_marks import NotBuilt, Rule

MAX_STEPS = 50
Weight = Annotated[int, Field(ge=0, le=100)]
ShortText = Annotated[str, Field(min_length=1, max_length=256)]


def exactly_one(*names: str) -> Rule:
    """Make the rule that one and only one of these fields is set."""
    present = ", ".join(f"has(self.{name})" for name in names)
    return Rule(f"[{present}].filter(x, x).size() == 1", one_of(names))


def one_of(names: Iterable[str]) -> str:
    """Say that one and only one of these fields has to be set."""
    return f"set exactly one of {', '.join(names)}; one without settings is written with {{}}"


class Pause(ResourceModel):
    """Wait."""

    duration: PositiveDuration | None = Field(
        default=None, description="How long; absent: until somebody promotes."
    )


class AnalysisStep(ResourceModel):
    """Wait until the gates have seen enough."""

    min_requests: Annotated[int, Field(ge=1, le=100_000_000)] = Field(
        description="Requests that the new version must have answered since the rollout started."
    )


class CanaryScale(ResourceModel):
    """How many pods the new version has. Exactly one."""

    RULES: ClassVar = (exactly_one("replicas", "weight", "matchTrafficWeight"),)

    replicas: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        default=None, description="So many pods."
    )
    weight: Weight | None = Field(default=None, description="So many percent of spec.replicas.")
    match_traffic_weight: bool | None = Field(
        default=None, description="true: as many as its weight asks for, as without this step."
    )


class StringMatch(ResourceModel):
    """How a text is compared. Exactly one."""

    RULES: ClassVar = (exactly_one("exact", "prefix", "regex"),)

    exact: ShortText | None = Field(default=None, description="Equal to this.")
    prefix: ShortText | None = Field(default=None, description="Begins with this.")
    regex: ShortText | None = Field(default=None, description="Matches this.")


class HeaderMatch(ResourceModel):
    """A header that a request must carry."""

    header_name: ShortText = Field(description="Name of the header.")
    header_value: StringMatch = Field(description="Its value.")


class HeaderRoute(ResourceModel):
    """Requests with certain headers go to the new version."""

    name: ShortText = Field(description="Name of the route; without match it is removed.")
    match: Annotated[tuple[HeaderMatch, ...], Field(max_length=16)] = Field(
        default=(), description="The headers."
    )


class RouteMatch(ResourceModel):
    """Which requests are copied. All that is set must hold."""

    method: StringMatch | None = Field(default=None, description="The method.")
    path: StringMatch | None = Field(default=None, description="The path.")
    headers: Annotated[tuple[HeaderMatch, ...], Field(max_length=16)] = Field(
        default=(), description="The headers."
    )


class MirrorRoute(ResourceModel):
    """Requests are copied to the new version, its answers thrown away."""

    name: ShortText = Field(description="Name of the route; without match it is removed.")
    percentage: Weight | None = Field(default=None, description="Percent of them; absent: all.")
    match: Annotated[tuple[RouteMatch, ...], Field(max_length=16)] = Field(
        default=(), description="Which requests."
    )


_NEEDS_GATEWAY = NotBuilt("it needs traffic.gatewayAPI; use setWeight")


class Step(ResourceModel):
    """One step of a canary. Exactly one."""

    RULES: ClassVar = (
        exactly_one(
            "setWeight", "pause", "analysis", "setCanaryScale", "setHeaderRoute", "setMirrorRoute"
        ),
    )

    set_weight: Weight | None = Field(
        default=None, description="Give the new version this percentage of the requests."
    )
    pause: Pause | None = Field(
        default=None, description="Wait; without duration until somebody promotes."
    )
    analysis: AnalysisStep | None = Field(
        default=None, description="Wait until the gates have seen enough requests."
    )
    set_canary_scale: CanaryScale | None = Field(
        default=None, description="Set how many pods the new version has, apart from its weight."
    )
    set_header_route: Annotated[HeaderRoute | None, _NEEDS_GATEWAY] = Field(
        default=None, description="Send requests with certain headers to the new version."
    )
    set_mirror_route: Annotated[MirrorRoute | None, _NEEDS_GATEWAY] = Field(
        default=None, description="Copy requests to the new version."
    )


_WEIGHTS = "self.filter(s, has(s.setWeight))"
_MOVING = "has(s.setWeight) && s.setWeight > 0"
NOWHERE = "the steps go nowhere: at least one setWeight must be above 0"
FALLING = "each setWeight must be above the one before it: steps only lead towards the new version"
NO_TRAFFIC = "an analysis needs requests: put a setWeight above 0 before it"
STEP_LIST_RULES = (
    Rule(f"self.exists(s, {_MOVING})", NOWHERE),
    Rule(
        f"{_WEIGHTS}.map(s, s.setWeight).isSorted() && self.all(s, !has(s.setWeight)"
        " || self.exists_one(other, has(other.setWeight) && other.setWeight == s.setWeight))",
        FALLING,
    ),
    Rule(
        "!self.exists(s, has(s.analysis))"
        f" || has(self.filter(s, has(s.analysis) || {_MOVING})[0].setWeight)",
        NO_TRAFFIC,
    ),
)

DEFAULT_STEPS = (
    Step(set_weight=10),
    Step(pause=Pause(duration=timedelta(seconds=30))),
    Step(set_weight=50),
    Step(pause=Pause(duration=timedelta(seconds=30))),
)
