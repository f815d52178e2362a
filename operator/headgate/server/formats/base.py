"""What every format offers the server, whatever library is behind it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from headgate.server.modelcard import ModelCard
from headgate.server.protocol.datatypes import Array
from headgate.server.protocol.signature import InputRules, TensorSpec


class LoadedModel(Protocol):
    """A model in memory; `predict` is called from several threads at once."""

    @property
    def rules(self) -> InputRules:
        """What it accepts."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What it answers with, as far as that is known before the first prediction."""

    def predict(self, tensors: Mapping[str, Array], wanted: Collection[str]) -> Mapping[str, Array]:
        """Return the wanted outputs; tensors already fit `rules`."""


class Format(Protocol):
    """How to load one kind of model file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File names that hold such a model end like this."""

    def load(self, path: Path, card: ModelCard, *, allow_pickle: bool) -> LoadedModel:
        """Load it, or raise ModelUnloadableError with what the author of the model can do."""


class ModelUnloadableError(Exception):
    """The artifact holds no model that can serve; the message says what and why."""
