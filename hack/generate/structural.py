"""From pydantic's JSON schema to the dialect that a CRD accepts: structural OpenAPI v3.

No $ref, no null, one type a place; additionalProperties only for maps; rules of CEL where the
marks of headgate.core.schema_marks put them.
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from headgate.core.durations import format_duration
from headgate.core.resource import ResourceModel
from headgate.core.schema_marks import NOT_BUILT, RULES

type Schema = dict[str, Any]

_KEPT = (
    "description",
    "type",
    "format",
    "enum",
    "default",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "maxProperties",
    "required",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
    RULES,
)
_DROPPED = ("title", "additionalProperties", "properties", "items", "anyOf", "const", NOT_BUILT)


class _WithOurDurations(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """Write a default as a spec would."""
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def structural_schema(model: type[ResourceModel], *, defaults: bool) -> Schema:
    """Return the structural schema of a type; without defaults for what is never written by hand.

    Only constant defaults are put in: where a whole part may be absent, absent has a meaning.
    """
    schema = model.model_json_schema(by_alias=True, schema_generator=_WithOurDurations)
    return _convert(schema, schema.get("$defs", {}), defaults=defaults)


def _convert(schema: Schema, defs: Mapping[str, Schema], *, defaults: bool) -> Schema:
    flat = _flatten(schema, defs)
    unknown = flat.keys() - set(_KEPT) - set(_DROPPED) - {"$defs"}
    if unknown:
        raise ValueError(f"no rule for the keywords {sorted(unknown)} in {flat}")
    result = {key: flat[key] for key in _KEPT if key in flat}
    if not defaults or not isinstance(result.get("default"), str | int | float | bool):
        result.pop("default", None)
    elif result["default"] == "":
        del result["default"]
    if result.get("type") == "number":
        _bound_exactly(result)
    if "const" in flat:
        result["enum"] = [flat["const"]]
    if result.get("x-kubernetes-int-or-string"):
        result["anyOf"] = flat["anyOf"]
    if isinstance(flat.get("additionalProperties"), dict):
        result["additionalProperties"] = _convert(
            flat["additionalProperties"], defs, defaults=defaults
        )
    if "items" in flat:
        result["items"] = _convert(flat["items"], defs, defaults=defaults)
    if "properties" in flat:
        result["properties"] = {
            name: _convert(field, defs, defaults=defaults)
            for name, field in flat["properties"].items()
        }
        _refuse_what_is_not_built(result, flat["properties"])
    return result


def _flatten(schema: Schema, defs: Mapping[str, Schema]) -> Schema:
    """Resolve a reference and the null of an optional field; what stands outside wins."""
    inner: Schema = {}
    outer = dict(schema)
    if "$ref" in outer:
        inner = _flatten(defs[outer.pop("$ref").rpartition("/")[2]], defs)
    elif "anyOf" in outer and not outer.get("x-kubernetes-int-or-string"):
        choices = [choice for choice in outer.pop("anyOf") if choice != {"type": "null"}]
        if len(choices) != 1:
            raise ValueError(f"a field has one type, not {choices}")
        inner = _flatten(choices[0], defs)
    rules = [*inner.get(RULES, []), *outer.get(RULES, [])]
    return inner | outer | ({RULES: rules} if rules else {})


def _bound_exactly(result: Schema) -> None:
    """Make a rule of limits that are fractions, and round the limits outwards.

    The API server cuts a limit to a whole number before it compares it with one: it takes 0 where
    the minimum is 0.5, and calls the maximum 0 where it refuses 1 for being above 0.5.
    """
    low, high = result.get("minimum"), result.get("maximum")
    if low is None or high is None or (float(low).is_integer() and float(high).is_integer()):
        return
    result["minimum"], result["maximum"] = math.floor(low), math.ceil(high)
    result.setdefault(RULES, []).append(
        {
            "rule": f"self >= {_decimal(low)} && self <= {_decimal(high)}",
            "message": f"must be at least {_decimal(low)} and at most {_decimal(high)}",
        }
    )


def _decimal(value: float) -> str:
    text = f"{value:.9f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def _refuse_what_is_not_built(result: Schema, fields: Mapping[str, Schema]) -> None:
    for name, field in fields.items():
        note = field.get(NOT_BUILT)
        if note is None:
            continue
        target = result["properties"][name]
        target["description"] += f" Not built yet: {note['message'].partition('; ')[2]}."
        absent = f"!has(self.{name})"
        if note["but"]:
            absent += f" || self.{name} in {note['but']}"
        elif target["type"] == "array":
            absent += f" || size(self.{name}) == 0"
        result.setdefault(RULES, []).append(
            {
                "rule": absent,
                "message": note["message"],
                "fieldPath": f".{name}",
                "reason": "FieldValueForbidden",
            }
        )
