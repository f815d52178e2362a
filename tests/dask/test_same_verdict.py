"""The suite on a real scheduler and two workers: the same findings as in one process."""

from pathlib import Path
from typing import Any

import pytest

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.report.json_report import report_json
from headgate.jobs.validation.reports import facts_of
from headgate.validation.policy_types import ValidationPolicySpec
from tests.builders.customers import TARGET, a_file, a_folder, a_model, customers
from tests.builders.validations import FEW_CELLS, Inputs, as_told, carried_out, findings_of
from tests.dask.dask_cluster import DaskCluster
from tests.unit.jobs.validation.suite.cases import a_policy

CHECKS: tuple[dict[str, Any], ...] = (
    {"drift": {"minEffect": 0.1, "multivariate": ["energy"]}},
    {"quality": {}},
    {"performance": {"metric": "accuracy", "min": 0.5, "nonInferiorTo": "stable", "margin": 0.1}},
    {"calibration": {}},
    {"fairness": {}},
    {"stability": {}},
)


def a_whole_policy(**changes: Any) -> ValidationPolicySpec:
    asked = {"target": TARGET, "sensitive": ["gender"], "segments": ["region"], **changes}
    return a_policy(*CHECKS, **asked)


def on(cluster: DaskCluster) -> dict[str, Any]:
    return {"dask": {"schedulerAddress": cluster.address}}


def partitioned(folder: Path) -> Inputs:
    return Inputs(
        reference=a_folder(folder, "before", customers(1, 1500), range(250, 1500, 250)),
        candidate=a_folder(folder, "after", customers(2, 1550, shift=0.2), range(400, 1550, 400)),
        model=a_model(folder),
        stable=a_model(folder, seed=8),
    )


def test_the_whole_suite_finds_on_a_cluster_what_it_finds_in_one_process(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    # given
    inputs = partitioned(tmp_path)
    here = carried_out(a_whole_policy(), inputs)
    # when
    there = carried_out(a_whole_policy(engine=on(cluster)), inputs)
    # then
    expected = [as_told(finding) for finding in findings_of(here).values()]
    assert [as_told(finding) for finding in findings_of(there).values()] == expected
    assert len(expected) > 100


def test_the_same_plan_gives_the_same_bytes_each_time(cluster: DaskCluster, tmp_path: Path) -> None:
    inputs = partitioned(tmp_path)
    policy = a_policy({"drift": {}}, {"stability": {}}, target=TARGET, engine=on(cluster))
    results = [carried_out(policy, inputs) for _ in range(2)]
    first, second = (report_json({}, each.outcome, facts_of(each.case)) for each in results)
    assert first == second


def test_columns_in_cells_are_the_same_as_those_of_a_streaming_process(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    # given: more different numbers than there are edges
    before, after = (customers(seed, 30_000).select(["spend", "tenure"]) for seed in (3, 4))
    inputs = Inputs(
        reference=a_folder(tmp_path, "before", before, [10_000, 20_000]),
        candidate=a_folder(tmp_path, "after", after, [15_000]),
    )
    checks = {"target": None, "predictions": None}
    here = carried_out(a_policy({"drift": {}}, **checks), inputs, FEW_CELLS)
    # when
    there = carried_out(a_policy({"drift": {}}, engine=on(cluster), **checks), inputs)
    # then
    assert there.outcome == here.outcome
    assert there.case.streamed is not None
    assert 10_000 < there.case.streamed.counted.widest < 60_000


def test_a_row_that_no_check_can_read_is_named_as_in_one_process(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    # given
    table = customers(1, 3000)
    spend = table["spend"].to_numpy().copy()
    spend[2_710] = float("inf")
    broken = table.set_column(0, "spend", [spend])
    inputs = Inputs(
        reference=a_folder(tmp_path, "before", table, [1000]),
        candidate=a_folder(tmp_path, "after", broken, [1000, 2000]),
    )
    # when, then
    policy = a_policy({"drift": {}}, target=None, predictions=None, engine=on(cluster))
    with pytest.raises(DataError, match="after: column 'spend' is infinite in row 2711"):
        carried_out(policy, inputs)


def test_csv_is_refused_with_what_to_do(cluster: DaskCluster, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("spend\n1\n2\n")
    inputs = Inputs(reference=a_file(tmp_path, "before", customers(1, 100)), candidate=path)
    policy = a_policy({"drift": {}}, target=None, predictions=None, engine=on(cluster))
    with pytest.raises(DataError, match=r"rows.csv: is read as a whole.*store it as parquet"):
        carried_out(policy, inputs)
