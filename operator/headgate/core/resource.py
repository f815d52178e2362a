"""The base of every resource's types: how YAML becomes frozen Python, what is said if it can't."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails

from headgate.core import durations, quantities
from headgate.core.schema_marks import RULES, NotBuilt, Rule

_MAX_SHOWN = 60
_OF_YAML = {
    "tuple_type": "should be a list, as [a, b]",
    "model_type": "should be fields, as {name: value}",
    "dict_type": "should be fields, as {name: value}",
}
"""What pydantic says of types in Python's words."""


class Problem(NamedTuple):
    """Something in a resource that cannot be used: where (in YAML's terms) and why."""

    path: str
    message: str

    def __str__(self) -> str:
        """Read as one line."""
        return f"{self.path}: {self.message}"


class ResourceModel(BaseModel):
    """A part of a resource: camelCase in YAML, snake_case here, frozen, unknown fields refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        allow_inf_nan=False,
    )
    RULES: ClassVar[tuple[Rule, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        """Put the class's CEL rules into its schema."""
        schema = handler(core_schema)
        if cls.RULES:
            handler.resolve_ref_schema(schema)[RULES] = [rule.as_schema() for rule in cls.RULES]
        return schema

    @classmethod
    def parse(cls, value: object, path: str = "spec") -> Self | tuple[Problem, ...]:
        """Return the typed value of what the API server sent, or every problem found in it."""
        try:
            return cls.model_validate(value, by_alias=True, by_name=False)
        except ValidationError as error:
            problems = [_problem(details, path) for details in error.errors(include_url=False)]
            # a list is also called too short when its entries were refused: the entries say why
            return tuple(p for p in problems if not any(_below(p.path, o.path) for o in problems))

    @classmethod
    def parse_status(cls, value: object) -> Self:
        """Return a status that another release may have written: unknown fields are dropped.

        What cannot be read at all counts as not written yet: the operator observes it anew.
        """
        try:
            return cls.model_validate(value or {}, by_alias=True, by_name=False, extra="ignore")
        except ValidationError:
            return cls()

    def dump(self) -> dict[str, Any]:
        """Return it as YAML's plain types, without the fields that are absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def unbuilt_parts(value: ResourceModel, path: str = "spec") -> Iterator[Problem]:
    """Find the fields in use that this release refuses (see NotBuilt)."""
    for name, alias, mark in _fields_to_look_at(type(value)):
        found = getattr(value, name)
        if found is None or found == ():
            continue
        if mark is not None and str(found) not in mark.but:
            yield Problem(f"{path}.{alias}", mark.message)
        elif isinstance(found, ResourceModel | tuple):
            yield from _unbuilt_below(found, f"{path}.{alias}")


@cache
def _fields_to_look_at(kind: type[ResourceModel]) -> tuple[tuple[str, str, NotBuilt | None], ...]:
    """Return the fields that are marked, or have one that is below them: few are."""
    fields = []
    for name, info in kind.model_fields.items():
        mark = next((mark for mark in info.metadata if isinstance(mark, NotBuilt)), None)
        if mark is not None or any(map(_fields_to_look_at, _models_in(info.annotation))):
            fields.append((name, info.alias or name, mark))
    return tuple(fields)


def _models_in(annotation: Any) -> Iterator[type[ResourceModel]]:
    """Find the types of resources in an annotation such as tuple[Step, ...] | None."""
    if isinstance(annotation, type) and issubclass(annotation, ResourceModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _unbuilt_below(found: object, path: str) -> Iterator[Problem]:
    if isinstance(found, ResourceModel):
        yield from unbuilt_parts(found, path)
    elif isinstance(found, tuple):
        for index, entry in enumerate(found):
            yield from _unbuilt_below(entry, f"{path}[{index}]")


def path_of(parts: Iterable[str | int], root: str) -> str:
    """Return a path as YAML's readers write it: spec.strategy.canary.steps[3].setWeight."""
    return root + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts)


def _below(path: str, other: str) -> bool:
    return other.startswith((f"{path}.", f"{path}["))


def _is_choice(part: str | int) -> bool:
    """Return whether a part of a path is no field, but which of several types was tried."""
    return isinstance(part, str) and part.startswith(("literal[", "tuple["))


def _problem(details: ErrorDetails, root: str) -> Problem:
    path = path_of((part for part in details["loc"] if not _is_choice(part)), root)
    if details["type"] == "extra_forbidden":
        return Problem(path, "is not a known field")
    if details["type"] == "missing":
        return Problem(path, "is required")
    shown = repr(details["input"])
    if len(shown) > _MAX_SHOWN:
        shown = f"{shown[:_MAX_SHOWN]}…"
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = _OF_YAML.get(details["type"], message)
    return Problem(path, f"{message}, not {shown}")


def _read_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return durations.parse_duration(value)
    raise ValueError(f"must be {durations.EXPECTED}")


def _within_bounds(value: timedelta) -> timedelta:
    if not timedelta(0) <= value <= durations.LONGEST:
        raise ValueError(f"must be {durations.EXPECTED}")
    return value


def _above_zero(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than 0s")
    return value


_DURATION_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": durations.MAX_LENGTH,
    "pattern": durations.PATTERN,
}
READABLE = f"self != '' && self.matches(r'{durations.PATTERN}')"

Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    AfterValidator(_within_bounds),
    PlainSerializer(durations.format_duration, return_type=str),
    WithJsonSchema(_DURATION_SCHEMA),
    Rule(
        f"{READABLE} && duration(self) <= duration('{durations.MAX_HOURS}h')",
        f"must be {durations.EXPECTED}",
    ),
]
"""A span of time, written 500ms, 30s, 5m or 1h30m; from 0s to 366 days."""

PositiveDuration = Annotated[
    Duration,
    AfterValidator(_above_zero),
    Rule(f"!({READABLE}) || duration(self) > duration('0s')", "must be longer than 0s"),
]
"""A Duration for which zero would mean nothing."""


def _read_quantity(value: object) -> object:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str):
        quantities.parse_quantity(text)
    return text


Quantity = Annotated[
    str,
    BeforeValidator(_read_quantity),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "maxLength": quantities.MAX_LENGTH,
            "pattern": quantities.PATTERN,
            "x-kubernetes-int-or-string": True,
        }
    ),
]
"""An amount of a resource, written 100m, 2 or 128Mi."""


def _write_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[
    datetime,
    PlainSerializer(_write_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

OBJECT_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
ObjectName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=OBJECT_NAME,
    ),
]
"""The name of an object in the same namespace."""


class Condition(ResourceModel):
    """One aspect of the state, as all of Kubernetes reports it."""

    type: str = Field(max_length=64, description="The aspect.")
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    reason: str = Field(max_length=64, description="Why, in one word.")
    message: str = Field(default="", max_length=1024, description="Why, and what to do.")
    observed_generation: int = Field(default=0, ge=0, description="The spec this was said about.")
    last_transition_time: Time = Field(description="When the status last changed.")
