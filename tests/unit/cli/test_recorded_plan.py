"""`headgate validate --plan`: a run carried out once more, and whatever would make it another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headgate.cli.offline import main
from headgate.validation.plan import canonical
from tests.unit.cli.test_validate import DRIFT, PERFORMANCE, a_policy_file, validated
from tests.unit.jobs.validation.cancer import a_file, candidate

IMAGE = "registry.example.com/jobs@sha256:0123"


@pytest.fixture(scope="module")
def a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run's files; its report is that of a Job with an image."""
    folder = tmp_path_factory.mktemp("run")
    validated(folder, a_policy_file(folder, DRIFT, PERFORMANCE))
    plan = json.loads((folder / "out/plan.json").read_text()) | {"image": IMAGE}
    (folder / "job.json").write_text(canonical(plan))
    assert again(folder, "job.json", "first") == 0
    return folder


def again(folder: Path, plan: str, out: str, **files: str) -> int:
    names = {
        "reference": "reference.parquet",
        "candidate": "candidate.parquet",
        "model": "model.tar.gz",
    }
    given = {**names, "model": a_model_in(folder), **files}
    options = [text for name, file in given.items() for text in (f"--{name}", str(folder / file))]
    where = ["--plan", str(folder / plan), "--out", str(folder / out)]
    return main(["validate", *where, *options])


def a_model_in(folder: Path) -> str:
    return next(path.name for path in folder.iterdir() if path.name.startswith("good"))


def test_the_plan_in_a_report_gives_the_same_report_byte_by_byte(a_run: Path) -> None:
    code = again(a_run, "first/report.json", "second")
    assert code == 0
    reports = [(a_run / out / "report.json").read_bytes() for out in ("first", "second")]
    assert reports[0] == reports[1]
    assert json.loads(reports[1])["plan"]["image"] == IMAGE


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"candidate": "reference.parquet"}, "reference.parquet: has sha256:"),
        ({"stable": "reference.parquet"}, "--stable: the plan has no such input"),
    ],
)
def test_other_inputs_than_the_plans_are_refused(
    a_run: Path, files: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert again(a_run, "first/report.json", "second", **files) == 3
    assert told in capsys.readouterr().err


def test_a_model_of_other_bytes_is_refused(a_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_file(a_run, "other.parquet", candidate())
    assert again(a_run, "first/report.json", "second", model="other.parquet") == 3
    assert "other.parquet: has sha256:" in capsys.readouterr().err


def _other_version(plan: dict[str, Any]) -> None:
    plan["versions"]["numpy"] = "1.0.0"


def _other_schema(plan: dict[str, Any]) -> None:
    plan["schema"] = "headgate.dev/plan/v0"


def _no_policy(plan: dict[str, Any]) -> None:
    plan["policy"] = {"checks": [{"gravity": {}}]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_other_version, "the plan was made for numpy 1.0.0 ("),
        (_other_schema, "the plan is not of schema headgate.dev/plan/v1"),
        (_no_policy, "gravity"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_here_is_refused(
    a_run: Path,
    change: Callable[[dict[str, Any]], None],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # given
    plan = json.loads((a_run / "job.json").read_text())
    change(plan)
    (a_run / "changed.json").write_text(canonical(plan))
    # when
    code = again(a_run, "changed.json", "second")
    # then
    assert code == 3
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", "{", '"text"', "\udcff"])
def test_a_file_that_holds_no_plan_is_refused_with_what_does(
    a_run: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (a_run / "no.json").write_bytes(content.encode(errors="surrogateescape"))
    assert again(a_run, "no.json", "second") == 3
    assert "name the run's report.json" in capsys.readouterr().err


def test_policy_and_plan_exclude_each_other(
    a_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = a_policy_file(a_run)
    code = validated(a_run, policy, "--plan", str(a_run / "job.json"))
    assert code == 3
    assert "give either POLICY.yaml or --plan FILE" in capsys.readouterr().err
