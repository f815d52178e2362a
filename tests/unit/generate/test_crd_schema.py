"""The generated CRDs: nothing without a limit or a description, and no drift from the types."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hack.generate.crd import build_crd, crd_yaml
from hack.generate.generate import drift, wanted_files
from hack.generate.kinds import KINDS, Kind
from hack.generate.structural import Schema, structural_schema
from headgate.core.resource import ResourceModel

ROOT = Path(__file__).resolve().parents[3]
EACH_KIND = [pytest.param(kind, id=kind.kind) for kind in KINDS]


def _fields(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    yield path, schema
    for name, field in schema.get("properties", {}).items():
        yield from _fields(field, f"{path}.{name}")
    if "items" in schema:
        yield from _fields(schema["items"], f"{path}[]")
    if "additionalProperties" in schema:
        yield from _fields(schema["additionalProperties"], f"{path}.*")


def _object(kind: Kind) -> Schema:
    schema: Schema = build_crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


@pytest.mark.parametrize("kind", EACH_KIND)
def test_every_field_has_words_for_kubectl_explain(kind: Kind) -> None:
    for part in ("spec", "status"):
        silent = [
            path
            for path, field in _fields(_object(kind)["properties"][part], part)
            if "description" not in field and not path.endswith(("[]", ".*"))
        ]
        assert not silent


@pytest.mark.parametrize("kind", EACH_KIND)
def test_everything_that_can_grow_has_a_limit(kind: Kind) -> None:
    unlimited = []
    for path, field in _fields(_object(kind)["properties"]["spec"], "spec"):
        bounded = {
            "string": "maxLength" in field or "enum" in field,
            "array": "maxItems" in field,
            "integer": "minimum" in field and "maximum" in field,
            "number": "minimum" in field and "maximum" in field,
        }.get(
            field.get("type", ""), "additionalProperties" not in field or "maxProperties" in field
        )
        if not bounded:
            unlimited.append(path)
    assert not unlimited


@pytest.mark.parametrize("kind", EACH_KIND)
def test_the_schema_is_structural(kind: Kind) -> None:
    for path, field in _fields(_object(kind), ""):
        assert not field.keys() & {"$ref", "allOf", "oneOf", "const", "title", "$defs"}, path
        untyped = ("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields")
        assert "type" in field or any(field.get(mark) for mark in untyped), path
        assert field.get("additionalProperties") is not False, path


@pytest.mark.parametrize("kind", EACH_KIND)
def test_equal_types_give_equal_files(kind: Kind) -> None:
    assert crd_yaml(kind) == crd_yaml(kind)


@pytest.mark.parametrize("kind", EACH_KIND)
def test_a_row_of_kubectl_get_leaves_room_for_the_message(kind: Kind) -> None:
    shown = [column for column in kind.columns if column.priority == 0]
    assert shown[-1].path == ".status.message"  # the last column may run over, and no other does
    assert len(shown) <= 6


def test_crds_and_reference_fit_the_types() -> None:
    assert drift(ROOT) == ""


def test_drift_is_shown_as_a_diff(tmp_path: Path) -> None:
    for name, text in wanted_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert drift(tmp_path) == ""
    crd = tmp_path / "crds" / "headgate.dev_models.yaml"
    crd.write_text(crd.read_text().replace("maxItems: 50", "maxItems: 51"))
    changed = [line for line in drift(tmp_path).splitlines() if line[0] in "+-"]
    assert [line.split() for line in changed[2:]] == [
        ["-", "maxItems:", "51"],
        ["+", "maxItems:", "50"],
    ]


def test_a_field_of_two_types_is_not_generated() -> None:
    class Torn(ResourceModel):
        either: int | str

    with pytest.raises(ValueError, match="a field has one type"):
        structural_schema(Torn, defaults=True)
