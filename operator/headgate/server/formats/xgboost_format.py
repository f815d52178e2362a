"""XGBoost models, saved by `Booster.save_model` or a wrapper's `save_model`."""

from pathlib import Path
from typing import Any, Final, cast

from headgate.server.formats.base import LoadedModel, ModelUnloadableError
from headgate.server.formats.matrix import MatrixModel, matrix_rules, without_sklearn
from headgate.server.modelcard import ModelCard
from headgate.server.protocol.datatypes import Array

_TREES: Final = frozenset({"gbtree", "dart"})


class XgboostFormat:
    """Loads .json and .ubj; answers with what the objective gives, a probability for logistic."""

    suffixes = (".json", ".ubj")

    def load(self, path: Path, card: ModelCard, *, allow_pickle: bool) -> LoadedModel:  # noqa: ARG002
        """Load the booster; one thread a prediction, because the server runs several at once."""
        with without_sklearn():
            import xgboost

        try:
            booster = xgboost.Booster(model_file=str(path))
            booster.set_param({"nthread": 1})
            kind = booster.save_config()
            columns = int(booster.num_features())
        except Exception as error:
            raise ModelUnloadableError(
                f"{path.name}: xgboost can't load it: {_first_line(error)}"
            ) from error
        if columns == 0:
            raise ModelUnloadableError(f"{path.name}: holds no trained model")
        predict = _Prediction(booster, in_place=_booster_name(kind) in _TREES)
        return MatrixModel(matrix_rules(card, "FP32", columns, accepts_infinity=False), predict)


class _Prediction:
    """Predicts in place (thread safe) where the booster can; `gblinear` can't."""

    def __init__(self, booster: Any, *, in_place: bool) -> None:
        self._booster = booster
        self._in_place = in_place
        best = booster.attr("best_iteration")
        # what xgboost's own wrappers do after early stopping
        self._iterations = (0, int(best) + 1) if best is not None else (0, 0)

    def __call__(self, matrix: Array) -> Array:
        if self._in_place:
            result = self._booster.inplace_predict(
                matrix, iteration_range=self._iterations, validate_features=False
            )
        else:
            import xgboost

            data = xgboost.DMatrix(matrix, nthread=1)
            result = self._booster.predict(data, validate_features=False)
        return cast("Array", result)


def _booster_name(config: str) -> str:
    import json

    return str(json.loads(config)["learner"]["gradient_booster"]["name"])


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
