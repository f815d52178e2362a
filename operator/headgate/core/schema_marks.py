"""What a field's type cannot say by itself, written beside it and put into the CRD's schema.

NotBuilt is checked in Python too (`headgate.core.resource.unbuilt_parts`), so that an object which
reached the API server before its CRD did gets the same answer from the operator.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

NOT_BUILT = "x-headgate-not-built"
RULES = "x-kubernetes-validations"


@dataclass(frozen=True)
class Rule:
    """A CEL rule for the API server. `field_path` points below the place where the rule stands."""

    rule: str
    message: str
    field_path: str = ""

    def as_schema(self) -> dict[str, str]:
        """Return the entry of x-kubernetes-validations."""
        entry = {"rule": self.rule, "message": self.message}
        return entry | ({"fieldPath": self.field_path} if self.field_path else {})

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add the rule to those of the field's schema."""
        schema = handler(core_schema)
        return schema | {RULES: [*schema.get(RULES, []), self.as_schema()]}


@dataclass(frozen=True)
class NotBuilt:
    """A field of the API that this release refuses, with what to do in its stead.

    `but` lists values that mean "without it" and are therefore welcome.
    """

    instead: str
    but: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """Say that it is refused and what to do."""
        return f"is not built yet in this release; {self.instead}"

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Leave a note from which the generator makes a rule of the parent."""
        note = {"message": self.message, "but": list(self.but)}
        return handler(core_schema) | {NOT_BUILT: note}


@dataclass(frozen=True)
class Extra:
    """Keywords of the CRD's dialect of OpenAPI that go into the field's schema as they are."""

    keywords: dict[str, Any]

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add the keywords."""
        return handler(core_schema) | self.keywords


def map_list(*keys: str) -> Extra:
    """Mark a list whose entries are told apart by these keys: a second one is refused."""
    return Extra({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)})
