"""Attributions of any model by its answers alone: features are exchanged with those of other rows.

Up to six features exactly, over all their subsets (Shapley 1953); more by one drawn order there and
back, whose parts add up exactly (Castro, Gomez, Tejada 2009, Computers and Operations Research 36,
1726; Mitchell et al. 2022, JMLR 23, 43).
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import Answers, Model, ModelError
from headgate.jobs.validation.data.dataset import Column, Dataset, Floats, Texts, shown
from headgate.jobs.validation.explain.again import by_output
from headgate.jobs.validation.explain.attributions import Attributions, Link, Scale
from headgate.jobs.validation.explain.sklearn_steps import second_or_all

MOST_ASKED: Final = 4_000_000
"""Questions to the model about one file: seconds to a few minutes, by the model."""
_LEAST_ROWS: Final = 50
_EXACT_UP_TO: Final = 6
_SEEDS: Final = 2**32
_TOLERANCE: Final = 1e-5
"""A model in single precision answers a row a little otherwise among other rows."""


def affordable_rows(features: int, background: int) -> int:
    """Return how many rows `MOST_ASKED` questions explain, against so many background rows."""
    return max(_LEAST_ROWS, MOST_ASKED // max(1, _questions(features) * background))


def _questions(features: int) -> int:
    """Return how often a row is asked about, for each row of the background."""
    return int(2**features) if features <= _EXACT_UP_TO else 2 * features + 1


@dataclass(frozen=True, kw_only=True)
class _Mixed:
    """Rows whose cells come from several: a cell is told by the index of the row it is taken from.

    That way texts and categories go in as the model takes them.
    """

    model: Model
    rows: Dataset

    def __call__(self, places: Any) -> Floats:
        """Return (m,) or (m, classes) answers to rows of (m, features) indices."""
        indices = np.asarray(places).astype(np.int64)
        columns = {
            name: self.rows.columns[name].take(indices[:, place])
            for place, name in enumerate(self.model.inputs)
        }
        mixed = Dataset(name=self.rows.name, columns=columns, rows=len(indices))
        found = numbers_of(self.model.answer(mixed))
        return found[:, 0] if found.shape[1] == 1 else found


def numbers_of(answers: Answers) -> Floats:
    """Return (n, 1) numbers, places of labels or the second class's chances, or (n, classes)."""
    if answers.scores is None:
        return answers.values[:, None]
    return second_or_all(answers.scores)


def attributed(model: Model, rows: Dataset, background: Dataset, *, seed: int) -> Attributions:
    """Return the attributions of n rows to the model's answers, held against the background's.

    Features take the values of background rows in turn, in an order that `seed` draws.
    """
    from shap.explainers import ExactExplainer, PermutationExplainer
    from shap.maskers import Independent

    mixed = _Mixed(model=model, rows=joined(background, rows, model.inputs))
    count = len(model.inputs)
    places = np.repeat(np.arange(background.rows + rows.rows, dtype=np.float64), count)
    cells = places.reshape(-1, count)
    masker = Independent(cells[: background.rows], max_samples=background.rows)
    if count <= _EXACT_UP_TO:
        method = "shap.ExactExplainer on the model's answers: all subsets of features"
        found = ExactExplainer(mixed, masker)(cells[background.rows :], silent=True)
    else:
        method = "shap.PermutationExplainer on the model's answers: one order there and back a row"
        state = np.random.get_state()  # noqa: NPY002  (shap seeds numpy's global generator)
        explainer = PermutationExplainer(mixed, masker, seed=seed % _SEEDS)
        asked = _questions(count)
        found = explainer(cells[background.rows :], max_evals=asked, silent=True)
        np.random.set_state(state)  # noqa: NPY002
    answers = model.answer(rows)
    output = numbers_of(answers)
    labels_only = answers.scores is None and bool(model.known)
    note = "the model gives no probabilities: the place of its class is explained"
    return Attributions(
        features=model.inputs,
        values=by_output(found.values, rows.rows),
        base=np.asarray(found.base_values, dtype=np.float64).reshape(rows.rows, -1),
        output=output,
        scale=Scale.NUMBER if answers.scores is None else Scale.PROBABILITY,
        link=Link.IDENTITY,
        tolerance=_TOLERANCE,
        method=f"{method}, against {background.rows} reference rows",
        note=note if labels_only else "",
        classes=_places(answers),
    )


def _places(answers: Answers) -> tuple[int, ...]:
    """Return which class each output is: answers have all of them, in order."""
    if answers.scores is None:
        return ()
    count = answers.scores.shape[1]
    return (1,) if count == 2 else tuple(range(count))  # noqa: PLR2004


def joined(first: Dataset, second: Dataset, names: tuple[str, ...]) -> Dataset:
    """Return the rows of both, in some columns.

    Raises ModelError for a column that is of another kind, or has other categories, in the second.
    """
    columns = {name: _joined(first, second, name) for name in names}
    mixed = f"rows that mix {first.name} and {second.name}"
    return Dataset(name=mixed, columns=columns, rows=first.rows + second.rows)


def _joined(first: Dataset, second: Dataset, name: str) -> Column:
    one, two = first.columns[name], second.columns[name]
    if (one.kind, one.categories) != (two.kind, two.categories):
        raise ModelError(
            f"{second.name}: column {shown(name)} is {two.kind}, and {one.kind} in {first.name}:"
            " rows that mix both cannot be made, which explaining this model takes"
        )
    texts = None
    if one.texts is not None and two.texts is not None:
        codes = np.where(two.texts.codes < 0, -1, two.texts.codes + len(one.texts.distinct))
        texts = Texts(
            codes=np.concatenate([one.texts.codes, codes]).astype(np.int32),
            distinct=np.concatenate([one.texts.distinct, two.texts.distinct]),
        )
    return replace(
        one,
        values=np.concatenate([one.values, two.values]),
        missing=np.concatenate([one.missing, two.missing]),
        texts=texts,
    )
