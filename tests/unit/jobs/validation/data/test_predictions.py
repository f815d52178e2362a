from collections.abc import Sequence
from typing import Any

import pytest

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.predictions import column_answers
from headgate.jobs.validation.data.task import Task
from headgate.validation.policy_types import Predictions
from tests.unit.jobs.validation.data.builders import a_dataset


def answers(
    *,
    classes: Sequence[str] = ("no", "yes"),
    scores: Sequence[str] = (),
    task: Task = Task.CLASSIFICATION,
    column: str = "y",
    **columns: Sequence[Any],
) -> Answers:
    named = Predictions(column=column, scores=tuple(scores))
    return column_answers(a_dataset("c.csv", **columns), named, classes, task)


@pytest.mark.parametrize(
    ("classes", "given", "places"),
    [
        (("no", "yes"), ["yes", "no"], [1, 0]),
        (("no", "yes"), [1, 0], [1, 0]),
        (("0", "1"), [1.0, 0.0], [1, 0]),
        (("0", "1"), [True, False], [1, 0]),
        (("0", "1"), ["1", "0"], [1, 0]),
        (("false", "true"), [1, 0], [1, 0]),
        (("1", "9", "10"), [10, 1, 9], [2, 0, 1]),
        (("0.5", "1"), [0.5, 1.0], [0, 1]),
    ],
)
def test_answers_are_places_in_the_classes(
    classes: Sequence[str], given: Sequence[Any], places: list[int]
) -> None:
    assert answers(classes=classes, y=given).values.tolist() == places


def test_scores_are_put_side_by_side_in_the_classes_order() -> None:
    given = answers(y=["no", "yes"], p=[0.75, 0.25], q=[0.25, 0.75], scores=("p", "q"))
    assert given.scores is not None
    assert given.scores.tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_scores_that_were_rounded_are_made_to_add_up() -> None:
    given = answers(y=["no", "yes"], p=[0.67, 0.5], q=[0.34, 0.5], scores=("p", "q"))
    assert given.scores is not None
    assert given.scores.sum(axis=1).tolist() == pytest.approx([1, 1], abs=1e-15)
    assert given.scores[1].tolist() == [0.5, 0.5]


def test_a_regressions_answers_are_numbers() -> None:
    given = answers(y=[0.5, 3], task=Task.REGRESSION)
    assert (given.values.tolist(), given.scores) == ([0.5, 3], None)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"y": ["no", "maybe"]}, "column 'y': row 2 is 'maybe', which is no class of the target"),
        ({"y": ["no", None]}, "column 'y': row 2 has no answer"),
        ({"y": [0.25, 0.75]}, "row 1 is '0.25', which .* belong into spec.predictions.scores"),
        ({"z": ["no", "yes"]}, "has no column 'y'; it has 'z'"),
        ({"y": ["no", "yes"], "scores": ("p",), "p": [0, 1]}, "names 1 columns, .* has 2 classes"),
        ({"y": ["no", "yes"], "scores": ("p", "q")}, "has no column 'p', 'q'"),
        ({"y": ["no", "yes"], "scores": ("p", "q"), "p": [0.5, 1.5], "q": [0.5, 0]},
         "column 'p': row 2 is 1.5, and a probability is from 0 to 1"),
        ({"y": ["no", "yes"], "scores": ("p", "q"), "p": [0.5, 1], "q": [0.5, -0.5]},
         "column 'q': row 2 is -0.5"),
        ({"y": ["no", "yes"], "scores": ("p", "q"), "p": [None, 1], "q": [0.5, 0]},
         "column 'p': row 1 has no score"),
        ({"y": ["no", "yes"], "scores": ("p", "q"), "p": ["a", "b"], "q": [0.5, 0]},
         "column 'p' is categorical, and scores are numbers"),
        ({"y": ["no", "yes"], "scores": ("p", "q"), "p": [0.5, 0.5], "q": [0.5, 0.1]},
         "columns 'p', 'q': row 2 adds up to 0.6"),
        ({"y": ["a", "b"], "task": Task.REGRESSION}, "is categorical, and the answers of a regr"),
        ({"y": [1, 2], "task": Task.REGRESSION, "scores": ("y",)}, "scores: are for classificat"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_by_column_and_row(
    columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        answers(**columns)
