"""Files whose rows are not in memory: the same findings, and the same words where it cannot be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headgate.jobs.validation.data.answers import ModelError
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.model_source import ModelSource
from headgate.jobs.validation.data.parquet_table import open_table
from headgate.jobs.validation.finding import Outcome
from headgate.jobs.validation.parts.engine import LocalEngine
from headgate.jobs.validation.streamed_case import Streaming, streamed_case
from headgate.jobs.validation.suite import runner
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.modelversion.types import ExplainMethod
from headgate.validation.policy_types import ValidationPolicySpec
from tests.builders.customers import TARGET, a_file, a_model, customers
from tests.builders.validations import (
    FEW_CELLS,
    MANY_CELLS,
    Inputs,
    as_told,
    carried_out,
    findings_of,
)
from tests.unit.jobs.validation.suite.cases import a_policy


def in_silence(_done: int, _total: int, _what: str) -> None:
    pass


def a_drift_policy(**changes: Any) -> ValidationPolicySpec:
    return a_policy({"drift": {}}, **{"target": None, "predictions": None, **changes})


def a_whole_policy() -> ValidationPolicySpec:
    return a_policy(
        {"drift": {"multivariate": ["energy"]}},
        {"quality": {}},
        {"explanations": {}},
        {"performance": {"metric": "accuracy", "min": 0.5, "nonInferiorTo": "stable"}},
        {"calibration": {}},
        {"fairness": {}},
        {"stability": {}},
        target=TARGET,
        sensitive=["gender"],
        segments=["region"],
    )


def two_files(folder: Path, before: Any = None, after: Any = None, **more: Path) -> Inputs:
    return Inputs(
        reference=a_file(folder, "before", customers(1, 2000) if before is None else before),
        candidate=a_file(
            folder, "after", customers(2, 2100, shift=0.2) if after is None else after
        ),
        **more,
    )


def with_value(table: Any, name: str, row: int, value: Any) -> Any:
    values = table[name].to_pylist()
    values[row] = value
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, pa.array(values, table.schema.field(name).type))


def streamed(
    policy: ValidationPolicySpec, inputs: Inputs, *, cells: int, limits: ReadLimits = FEW_CELLS
) -> Outcome:
    """Return what is found in parts of so many cells."""
    case = streamed_case(
        Streaming(
            policy=policy,
            explain=ExplainMethod.AUTO,
            tables=(open_table(inputs.reference, "before"), open_table(inputs.candidate, "after")),
            seed=5,
            model=None if inputs.model is None else ModelSource(path=inputs.model),
            stable=None,
            limits=limits,
            engine=LocalEngine(),
            progress=in_silence,
            part_cells=cells,
        )
    )
    return runner.run(case, progress=in_silence)


def test_the_whole_suite_finds_part_by_part_what_it_finds_in_memory(tmp_path: Path) -> None:
    # given
    inputs = two_files(tmp_path, model=a_model(tmp_path), stable=a_model(tmp_path, seed=8))
    in_memory = carried_out(a_whole_policy(), inputs, MANY_CELLS)
    # when
    in_parts = carried_out(a_whole_policy(), inputs, FEW_CELLS)
    # then
    expected = [as_told(finding) for finding in findings_of(in_memory).values()]
    assert [as_told(finding) for finding in findings_of(in_parts).values()] == expected
    assert in_parts.case.streamed is not None
    assert len(expected) > 100


def test_answers_in_columns_of_the_data_are_judged_as_in_memory(tmp_path: Path) -> None:
    # given
    before, after = customers(1, 1500), customers(2, 1600)
    random = np.random.default_rng(4)

    def answered(table: Any) -> Any:
        values = table["spend"].to_numpy() + random.normal(size=table.num_rows) / 3
        return table.append_column("y_hat", pa.array(values))

    inputs = two_files(tmp_path, answered(before), answered(after))
    policy = a_policy(
        {"performance": {"metric": "r2", "min": 0.5}},
        {"residuals": {}},
        target="spend",
        predictions={"column": "y_hat"},
        segments=["active"],
    )
    in_memory = findings_of(carried_out(policy, inputs, MANY_CELLS))
    # when
    in_parts = findings_of(carried_out(policy, inputs, FEW_CELLS))
    # then
    assert [as_told(each) for each in in_parts.values()] == [
        as_told(each) for each in in_memory.values()
    ]


def test_odd_columns_are_told_of_as_in_memory(tmp_path: Path) -> None:
    # given
    half = [None, *range(999)]
    before = customers(1, 1000).append_column("flag", pa.array([1, 0] * 500))
    before = before.append_column("empty", pa.nulls(1000)).append_column("old", pa.array(half))
    before = before.append_column("unit", pa.array([7] * 1000))
    before = before.append_column("kind", pa.array(["x", "y"] * 500).dictionary_encode())
    before = before.append_column("mixed", pa.array(range(1000)))
    before = before.append_column("whole", pa.array(range(1000)))
    before = before.append_column("day", pa.array(range(1000), pa.date32()))
    after = customers(2, 1000).append_column("flag", pa.array([True, False] * 500))
    after = after.append_column("empty", pa.array(["now", "there"] * 500))
    after = after.append_column("new", pa.array(half)).append_column("unit", pa.array([7] * 1000))
    after = after.append_column("kind", pa.array(["x", "z"] * 500).dictionary_encode())
    after = after.append_column("mixed", pa.array([f"text {n}" for n in range(1000)]))
    after = after.append_column("whole", pa.array([n / 2 for n in range(1000)]))
    after = after.append_column("day", pa.array(range(1000), pa.timestamp("ms")))
    inputs = two_files(tmp_path, before, after)
    policy = a_policy(
        {"drift": {}}, {"quality": {}}, target=None, predictions=None, segments=["region"]
    )
    in_memory = findings_of(carried_out(policy, inputs, MANY_CELLS))
    # when
    in_parts = findings_of(carried_out(policy, inputs, FEW_CELLS))
    # then
    assert [as_told(each) for each in in_parts.values()] == [
        as_told(each) for each in in_memory.values()
    ]


def test_it_makes_no_difference_how_rows_are_parted(tmp_path: Path) -> None:
    inputs = two_files(tmp_path, model=a_model(tmp_path))
    policy = a_policy(
        {"drift": {}}, {"quality": {}}, {"stability": {}}, target=TARGET, segments=["region"]
    )
    first, second = (streamed(policy, inputs, cells=cells) for cells in (1_200, 100_000))
    assert [as_told(each) for each in first.findings] == [as_told(each) for each in second.findings]


def test_more_numbers_than_edges_agree_with_memory_within_what_is_said(tmp_path: Path) -> None:
    # given
    columns = ["spend", "tenure"]
    before, after = customers(1, 20_000).select(columns), customers(2, 25_000).select(columns)
    inputs = two_files(tmp_path, before, after)
    policy = a_drift_policy()
    in_memory = findings_of(carried_out(policy, inputs, MANY_CELLS))
    # when
    in_parts = findings_of(carried_out(policy, inputs, FEW_CELLS))
    # then
    assert in_parts.keys() == in_memory.keys()
    for key, finding in in_parts.items():
        found, exact = finding.measured, in_memory[key].measured
        assert found.effect is not None
        assert exact.effect is not None
        assert found.pvalue is not None
        assert exact.pvalue is not None
        assert exact.effect - 1e-3 < found.effect <= exact.effect
        assert found.pvalue >= exact.pvalue
        assert finding.verdict is in_memory[key].verdict


def test_what_fits_is_read_as_before_and_says_nothing_of_parts(tmp_path: Path) -> None:
    result = carried_out(a_drift_policy(), two_files(tmp_path))
    assert result.case.streamed is None
    assert result.outcome.notes == ()


def test_what_does_not_fit_says_how_it_was_read(tmp_path: Path) -> None:
    notes = carried_out(a_drift_policy(), two_files(tmp_path), FEW_CELLS).outcome.notes
    assert (
        "before.parquet (2,000 rows) and after.parquet (2,100) were read part by part" in (notes[0])
    )
    assert "2,000 and 2,100 rows, drawn by the plan's seed" in notes[1]


def test_an_infinity_is_named_by_its_row_in_the_whole_file(tmp_path: Path) -> None:
    inputs = two_files(tmp_path, after=with_value(customers(2, 2100), "spend", 1876, np.inf))
    with pytest.raises(DataError, match=r"after: column 'spend' is infinite in row 1877:"):
        streamed(a_drift_policy(), inputs, cells=1_200)


def test_a_huge_whole_number_is_named_by_its_row_in_the_whole_file(tmp_path: Path) -> None:
    inputs = two_files(tmp_path, after=with_value(customers(2, 2100), "age", 1876, 2**60))
    with pytest.raises(DataError, match=r"after: column 'age': row 1877 is 1152921504606846976"):
        streamed(a_drift_policy(), inputs, cells=1_200)


def test_a_row_that_the_model_cannot_take_is_named_in_the_whole_file(tmp_path: Path) -> None:
    after = with_value(customers(2, 2100), "spend", 1876, None)
    inputs = two_files(tmp_path, after=after, model=a_model(tmp_path))
    policy = a_policy({"stability": {}}, target=TARGET)
    with pytest.raises(ModelError, match="row 1877"):
        streamed(policy, inputs, cells=1_200)


def test_a_column_that_is_text_in_a_few_rows_only_is_so_in_all(tmp_path: Path) -> None:
    # given: two texts in all rows but the last ones, which have 1200
    few = [*["yes", "no"] * 500, *[f"because {n}" for n in range(1200)]]
    table = pa.table({"why": few})
    inputs = two_files(tmp_path, table, table)
    # when
    (found,) = streamed(a_drift_policy(), inputs, cells=100).findings
    # then
    assert found.measured.test == "ks"
    assert found.measured.message.endswith("of the lengths of its texts alone")


@pytest.mark.parametrize("design", [{"clusters": "visits"}, {"time": "joined"}])
def test_rows_that_belong_together_are_exchanged_together_as_in_memory(
    tmp_path: Path, design: dict[str, str]
) -> None:
    # given
    columns = {"columns": ["spend", "income", "region"]}
    policy = a_policy(
        {"drift": columns}, target=None, predictions=None, design=design, segments=["gender"]
    )
    inputs = two_files(tmp_path)
    in_memory = findings_of(carried_out(policy, inputs, MANY_CELLS))
    # when
    in_parts = findings_of(carried_out(policy, inputs, FEW_CELLS))
    # then
    assert {key: as_told(each) for key, each in in_parts.items()} == {
        key: as_told(each) for key, each in in_memory.items()
    }
    assert ("drift", "spend", "gender=f", "ks-clustered") in in_parts


@pytest.mark.parametrize("test", ["anderson-darling", "chi2", "psi"])
def test_a_test_that_the_policy_asks_for_is_done_on_whole_columns_as_in_memory(
    tmp_path: Path, test: str
) -> None:
    # given
    policy = a_policy(
        {"drift": {"test": test, "columns": "all", "multivariate": ["energy"]}},
        target=None,
        predictions=None,
        segments=["gender"],
    )
    inputs = two_files(tmp_path)
    in_memory = findings_of(carried_out(policy, inputs, MANY_CELLS))
    # when
    in_parts = findings_of(carried_out(policy, inputs, FEW_CELLS))
    # then
    assert {key: as_told(each) for key, each in in_parts.items()} == {
        key: as_told(each) for key, each in in_memory.items()
    }
    assert test in {each.measured.test for each in in_parts.values()}


def test_pairs_are_found_and_compared_as_in_memory(tmp_path: Path) -> None:
    # given
    table = customers(1, 1500)
    names = pa.array([f"customer {place}" for place in range(1500)])
    before = table.append_column("customer", names)
    after = customers(2, 1500).append_column("customer", names.take(pa.array(range(1499, -1, -1))))
    policy = a_policy(
        {"drift": {"columns": ["spend", "region"]}},
        target=None,
        predictions=None,
        design={"pairs": "customer"},
    )
    inputs = two_files(tmp_path, before, after)
    in_memory = findings_of(carried_out(policy, inputs, MANY_CELLS))
    # when
    in_parts = findings_of(carried_out(policy, inputs, FEW_CELLS))
    # then
    assert {key: as_told(each) for key, each in in_parts.items()} == {
        key: as_told(each) for key, each in in_memory.items()
    }
    assert len(in_parts) == 3


def test_rows_that_belong_together_and_are_too_many_are_refused(tmp_path: Path) -> None:
    policy = a_drift_policy(design={"clusters": "region"})
    few = replace(FEW_CELLS, max_rows=2_050)
    told = "spec.design.clusters needs whole columns, and after.parquet has 2100 rows"
    with pytest.raises(DataError, match=told):
        carried_out(policy, two_files(tmp_path), few)


def test_a_column_that_is_not_there_is_told_before_rows_are_read(tmp_path: Path) -> None:
    broken = with_value(customers(1, 2000), "spend", 0, np.inf)
    policy = a_drift_policy(segments=["regoin"])
    with pytest.raises(PolicyMismatchError, match=r"spec.segments\[0\].*did you mean 'region'"):
        carried_out(policy, two_files(tmp_path, broken), FEW_CELLS)


def test_more_columns_row_by_row_than_can_be_kept_are_listed(tmp_path: Path) -> None:
    policy = a_drift_policy(segments=["region", "visits"])
    few = replace(FEW_CELLS, max_cells=3_000)
    told = "2000 rows of 2 columns that the policy needs row by row .'visits', 'region'."
    with pytest.raises(DataError, match=told):
        carried_out(policy, two_files(tmp_path), few)


def test_more_rows_than_are_read_in_parts_are_refused(tmp_path: Path) -> None:
    few = replace(FEW_CELLS, max_streamed_rows=1_999)
    with pytest.raises(DataError, match="has 2000 rows, and at most 1999 are read part by part"):
        carried_out(a_drift_policy(), two_files(tmp_path), few)


def test_csv_beside_parquet_that_outgrows_memory_is_to_be_stored_as_parquet(
    tmp_path: Path,
) -> None:
    path = tmp_path / "after.csv"
    path.write_text("spend\n1\n2\n")
    inputs = replace(two_files(tmp_path), candidate=path)
    told = r"after.csv: is read as a whole, and before.parquet outgrows memory: store it as parquet"
    with pytest.raises(DataError, match=told):
        carried_out(a_drift_policy(), inputs, FEW_CELLS)
