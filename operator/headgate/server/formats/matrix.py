"""Models that take one numeric matrix: the shape that xgboost and lightgbm have in common."""

from collections.abc import Callable, Collection, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from headgate.server.formats.base import ModelUnloadableError
from headgate.server.modelcard import ModelCard
from headgate.server.protocol.datatypes import Array
from headgate.server.protocol.signature import ANY_SIZE, InputRules, TensorSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_INPUT: Final = "input-0"
DEFAULT_OUTPUT: Final = "predict"


class MatrixModel:
    """A function from a matrix of numbers to one output of the same datatype."""

    def __init__(self, rules: InputRules, predict: Callable[[Array], Array]) -> None:
        self.rules = rules
        (spec,) = rules.inputs
        self._name = spec.name
        self._predict = predict
        self.outputs = (TensorSpec(DEFAULT_OUTPUT, spec.datatype, (ANY_SIZE,)),)

    def predict(self, tensors: Mapping[str, Array], wanted: Collection[str]) -> Mapping[str, Array]:
        """Return the one output."""
        return {name: self._predict(tensors[self._name]) for name in wanted}


def matrix_rules(
    card: ModelCard, datatype: str, columns: int, *, accepts_infinity: bool
) -> InputRules:
    """Return the one input that the card declares, or the default; it has the model's columns."""
    return InputRules(
        inputs=(_matrix_input(card, datatype, columns),),
        accepts_nan=card.accepts_nan,
        accepts_infinity=accepts_infinity,
    )


def _matrix_input(card: ModelCard, datatype: str, columns: int) -> TensorSpec:
    if card.methods is not None:
        raise ModelUnloadableError("headgate.json: methods is for sklearn models only")
    if card.inputs is None:
        return TensorSpec(DEFAULT_INPUT, datatype, (ANY_SIZE, columns))
    if len(card.inputs) != 1 or card.inputs[0].shape != (ANY_SIZE, columns):
        raise ModelUnloadableError(
            f"headgate.json: inputs: expected one input of shape [-1, {columns}], "
            f"which is what the model was trained on"
        )
    return TensorSpec(card.inputs[0].name, datatype, card.inputs[0].shape)


@contextmanager
def without_sklearn() -> "Iterator[None]":
    """Let a library be imported as if scikit-learn were absent.

    xgboost and lightgbm import it for wrapper classes that a server never uses; that costs
    60 MB and more than half of the start.
    """
    import sys

    absent = "sklearn" not in sys.modules
    if absent:
        sys.modules["sklearn"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules["sklearn"]
