"""Columns that a policy names and a file lacks."""

from typing import Any

import pytest

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.suite.named_columns import check_named_columns, check_times
from tests.unit.jobs.validation.suite.cases import a_dataset, a_policy, numbers, words

REFERENCE = a_dataset(numbers("age", [1, 2]), words("region", ["n", "s"]), name="reference.csv")
CANDIDATE = a_dataset(
    numbers("age", [1, 2]), words("region", ["n", "s"]), numbers("y", [0, 1]), name="candidate.csv"
)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "z"}, "spec.target: candidate.csv has no column 'z'; it has"),
        (
            {"segments": ["regions"]},
            r"spec.segments\[0\]: reference.csv has no column 'regions'; did you mean 'region'\?",
        ),
        ({"sensitive": ["age", "sex"]}, r"spec.sensitive\[1\]: candidate.csv has no column 'sex'"),
        ({"design": {"clusters": "who"}}, "spec.design.clusters: reference.csv has no column"),
        (
            {"predictions": {"column": "age", "scores": ["p"]}},
            r"spec.predictions.scores\[0\]: candidate.csv has no column 'p'",
        ),
        (
            {"checks": [{"quality": {}}, {"drift": {"columns": ["agee"]}}]},
            r"spec.checks\[1\].drift.columns\[0\]: .* did you mean 'age'\?",
        ),
        ({"sensitive": ["a\nb"]}, r"no column 'a\\nb'"),
    ],
)
def test_the_message_names_field_file_column_and_what_is_near(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        check_named_columns(a_policy(**changes), REFERENCE, CANDIDATE)


def test_columns_that_are_there_are_fine() -> None:
    policy = a_policy(segments=["region"], sensitive=["region"], design={"time": "age"})
    check_named_columns(policy, REFERENCE, CANDIDATE)


def test_rows_are_put_in_no_order_by_texts() -> None:
    policy = a_policy({"quality": {}}, design={"time": "region"})
    with pytest.raises(DataError, match=r"spec.design.time: column 'region' of reference.csv is"):
        check_times(policy, REFERENCE, CANDIDATE)


def test_numbers_and_nothing_are_times() -> None:
    for design in ({"time": "age"}, {}):
        check_times(a_policy({"quality": {}}, design=design), REFERENCE, CANDIDATE)
