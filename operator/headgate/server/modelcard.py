"""`headgate.json`, the optional file beside a model that says how it wants to be served."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from headgate.server.layout import CARD_FILE
from headgate.server.protocol.datatypes import DATATYPES
from headgate.server.protocol.signature import ANY_SIZE, TensorSpec

METHODS: Final = ("predict", "predict_proba", "decision_function")
_MAX_CARD_BYTES: Final = 1024 * 1024


class CardError(Exception):
    """`headgate.json` can't be followed; the message starts with the field."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """How a model wants to be served; every field has a default that the format chooses."""

    file: str | None = None
    inputs: tuple[TensorSpec, ...] | None = None
    methods: tuple[str, ...] | None = None
    accepts_nan: bool = True
    warmup: Mapping[str, Any] | None = field(default=None, hash=False)


def read_card(folder: Path) -> ModelCard:
    """Read the folder's card; a folder without one has the default card."""
    path = folder / CARD_FILE
    if not path.is_file():
        return ModelCard()
    if path.stat().st_size > _MAX_CARD_BYTES:
        raise CardError(f"{CARD_FILE}: is larger than {_MAX_CARD_BYTES} bytes")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CardError(f"{CARD_FILE}: is not valid JSON: {error}") from None
    return parse_card(document)


def parse_card(document: object) -> ModelCard:
    """Return the card that a JSON document describes; unknown fields are refused."""
    if not isinstance(document, dict):
        raise CardError(f"{CARD_FILE}: expected an object")
    if unknown := sorted(document.keys() - _FIELDS):
        raise CardError(
            f"{CARD_FILE}: unknown fields {', '.join(unknown)}; known are {', '.join(_FIELDS)}"
        )
    warmup = document.get("warmup")
    if warmup is not None and not isinstance(warmup, dict):
        raise CardError("warmup: expected an infer request as an object")
    return ModelCard(
        file=_optional(document, "file", str),
        inputs=_inputs(document.get("inputs")),
        methods=_methods(document.get("methods")),
        accepts_nan=_optional(document, "accepts_nan", bool) is not False,
        warmup=warmup,
    )


_FIELDS: Final = ("file", "inputs", "methods", "accepts_nan", "warmup")


def _optional[T](document: dict[str, Any], name: str, kind: type[T]) -> T | None:
    value = document.get(name)
    if value is not None and not isinstance(value, kind):
        raise CardError(f"{name}: expected {'a string' if kind is str else 'true or false'}")
    return value


def _methods(given: object) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given or len(set(map(str, given))) != len(given):
        raise CardError("methods: expected a list of different methods")
    for index, method in enumerate(given):
        if method not in METHODS:
            raise CardError(f"methods[{index}]: expected one of {', '.join(METHODS)}")
    return tuple(given)


def _inputs(given: object) -> tuple[TensorSpec, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        raise CardError("inputs: expected a list of inputs")
    specs = tuple(_input(item, f"inputs[{index}]") for index, item in enumerate(given))
    names = [spec.name for spec in specs]
    if len(set(names)) != len(names):
        raise CardError("inputs: two have the same name")
    return specs


def _input(item: object, where: str) -> TensorSpec:
    if not isinstance(item, dict) or item.keys() != {"name", "datatype", "shape"}:
        raise CardError(f"{where}: expected an object with name, datatype and shape")
    name, datatype, shape = item["name"], item["datatype"], item["shape"]
    if not isinstance(name, str) or not name:
        raise CardError(f"{where}.name: expected a string")
    if datatype not in DATATYPES:
        raise CardError(f"{where}.datatype: expected one of {', '.join(DATATYPES)}")
    if not isinstance(shape, list) or not shape or shape[0] != ANY_SIZE:
        raise CardError(f"{where}.shape: expected a list that starts with -1, the number of rows")
    if any(type(size) is not int or size < 1 for size in shape[1:]):
        raise CardError(f"{where}.shape: expected sizes of at least 1 after the first")
    return TensorSpec(name, datatype, tuple(shape))
