"""LightGBM models, saved by `Booster.save_model`."""

from pathlib import Path
from typing import Any, cast

from headgate.server.formats.base import LoadedModel, ModelUnloadableError
from headgate.server.formats.matrix import MatrixModel, matrix_rules, without_sklearn
from headgate.server.modelcard import ModelCard
from headgate.server.protocol.datatypes import Array


class LightgbmFormat:
    """Loads .txt; answers with what the objective gives, a probability for binary."""

    suffixes = (".txt",)

    def load(self, path: Path, card: ModelCard, *, allow_pickle: bool) -> LoadedModel:  # noqa: ARG002
        """Load the booster; one thread a prediction, because the server runs several at once."""
        with without_sklearn():
            import lightgbm

        lightgbm.register_logger(_Silent())
        try:
            booster: Any = lightgbm.Booster(model_file=str(path))
            columns = int(booster.num_feature())
        except Exception as error:
            raise ModelUnloadableError(f"{path.name}: lightgbm can't load it: {error}") from error

        def predict(matrix: Array) -> Array:
            return cast("Array", booster.predict(matrix, num_threads=1))

        return MatrixModel(matrix_rules(card, "FP64", columns, accepts_infinity=True), predict)


class _Silent:
    """Takes the library's chatter; its errors arrive as exceptions."""

    def info(self, message: str) -> None:
        """Say nothing."""

    def warning(self, message: str) -> None:
        """Say nothing."""
