"""`headgate validate` on files: four verdicts, and whatever keeps it from one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from headgate.cli.offline import main
from headgate.validation.plan import plan_digest
from tests.unit.jobs.validation.cancer import (
    FEATURES,
    TARGET,
    a_file,
    a_good_model,
    a_poor_model,
    candidate,
    reference,
)

DRIFT = {"drift": {"minEffect": 0.25}}
PERFORMANCE = {"performance": {"metric": "roc_auc", "min": 0.8}}
NOT_WORSE = {"performance": {"metric": "roc_auc", "nonInferiorTo": "stable", "margin": 0.02}}


def a_policy_file(folder: Path, *checks: Mapping[str, Any], **changes: Any) -> Path:
    spec = {
        "target": TARGET,
        "predictions": {"from": "Model"},
        "checks": list(checks or (DRIFT, PERFORMANCE)),
        **changes,
    }
    manifest = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ValidationPolicy",
        "metadata": {"name": "cancer"},
        "spec": spec,
    }
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(manifest))
    return path


def validated(folder: Path, policy: Path, *more: str, **files: Path) -> int:
    given = {
        "reference": files.get("reference") or a_file(folder, "reference.parquet", reference()),
        "candidate": files.get("candidate") or a_file(folder, "candidate.parquet", candidate()),
        "model": files.get("model") or a_good_model(folder),
        **files,
    }
    options = [text for name, path in given.items() for text in (f"--{name}", str(path))]
    return main(["validate", str(policy), *options, "--out", str(folder / "out"), *more])


def report_in(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "out/report.json").read_bytes())
    return report


def test_rows_of_the_same_kind_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = validated(tmp_path, a_policy_file(tmp_path))
    assert (code, report_in(tmp_path)["verdict"]) == (0, "Pass")
    assert "Pass: all 6 checks passed" in capsys.readouterr().out


def test_a_column_that_moved_by_a_deviation_fails_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = a_file(tmp_path, "moved.parquet", candidate(), shift={"mean texture": 1.0})
    code = validated(tmp_path, a_policy_file(tmp_path), candidate=moved)
    assert code == 1
    assert "mean texture" in capsys.readouterr().out


def test_a_version_that_is_worse_than_stable_fails(tmp_path: Path) -> None:
    code = validated(
        tmp_path,
        a_policy_file(tmp_path, NOT_WORSE),
        model=a_poor_model(tmp_path),
        stable=a_good_model(tmp_path),
    )
    assert code == 1


def test_a_version_is_not_worse_than_itself(tmp_path: Path) -> None:
    code = validated(tmp_path, a_policy_file(tmp_path, NOT_WORSE), stable=a_good_model(tmp_path))
    assert code == 0


def test_twenty_rows_are_too_few_to_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = a_file(tmp_path, "few.parquet", slice(285, 305))
    code = validated(tmp_path, a_policy_file(tmp_path), candidate=few)
    assert code == 2
    assert "too little data to decide, none failed" in capsys.readouterr().out


def test_the_plan_is_there_and_the_report_names_its_digest(tmp_path: Path) -> None:
    validated(tmp_path, a_policy_file(tmp_path))
    plan = json.loads((tmp_path / "out/plan.json").read_bytes())
    assert report_in(tmp_path)["planDigest"] == plan_digest(plan)
    assert set(plan["inputs"]) == {"reference", "candidate", "model"}


def test_the_plan_is_written_before_the_data_is_opened(tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and no more")
    code = validated(tmp_path, a_policy_file(tmp_path), candidate=broken)
    assert code == 3
    assert (tmp_path / "out/plan.json").exists()


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    # given
    policy = a_policy_file(tmp_path, DRIFT, PERFORMANCE, {"stability": {}})
    validated(tmp_path, policy)
    first = [(tmp_path / f"out/report.{kind}").read_bytes() for kind in ("json", "html")]
    # when
    validated(tmp_path, policy)
    # then
    assert first == [(tmp_path / f"out/report.{kind}").read_bytes() for kind in ("json", "html")]


def test_the_page_stands_alone(tmp_path: Path) -> None:
    validated(tmp_path, a_policy_file(tmp_path))
    page = (tmp_path / "out/report.html").read_text()
    assert "<script" not in page
    assert not [mark for mark in ('src="', 'href="http', "url(http", "@import") if mark in page]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "bening"}, "spec.target: candidate.parquet has no column 'bening'; did you"),
        ({"segments": ["region"]}, "spec.segments[0]: reference.parquet has no column 'region'"),
        (
            {"checks": [{"performance": {"metric": "roc_aux", "min": 0.8}}]},
            "spec.checks[0].performance.metric: 'roc_aux' is no metric",
        ),
        ({"checks": [{"drifft": {}}]}, "spec.checks[0].drifft: is not a known field"),
        ({"alpha": 2}, "spec.alpha: "),
        ({"checks": [{"fairness": {}}]}, "spec.checks[0].fairness: needs spec.sensitive"),
        ({"checks": [{"residuals": {}}]}, "spec.checks[0].residuals: is for regressions"),
        ({"engine": {"ray": {"address": "x"}}}, "spec.engine.ray: "),
    ],
)
def test_a_policy_that_does_not_fit_is_one_line_that_names_the_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], message: str
) -> None:
    code = validated(tmp_path, a_policy_file(tmp_path, **changes))
    told = capsys.readouterr().err.splitlines()
    assert code == 3
    assert [message in line for line in told] == [True]


def test_every_problem_of_a_policy_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = a_policy_file(tmp_path, alpha=7, backoffLimit=-1)
    assert validated(tmp_path, policy) == 3
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a manifest of a ValidationPolicy"),
        ("a: [", "is not one YAML document"),
        ("kind: Pod\napiVersion: v1\n", "apiVersion: is 'v1'"),
        ("apiVersion: headgate.dev/v1alpha1\nkind: Model\n", "kind: is 'Model'"),
        ("a: 1\n---\nb: 2\n", "is not one YAML document"),
    ],
)
def test_what_is_no_policy_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(text)
    assert validated(tmp_path, policy) == 3
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["reference", "candidate", "model", "stable"])
def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    code = validated(tmp_path, a_policy_file(tmp_path), **{name: tmp_path / "gone.parquet"})
    assert code == 3
    assert "gone.parquet: cannot be read" in capsys.readouterr().err


def test_without_a_model_the_policy_cannot_run_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = a_file(tmp_path, "rows.parquet", candidate())
    given = ["--reference", str(data), "--candidate", str(data), "--out", str(tmp_path / "out")]
    assert main(["validate", str(a_policy_file(tmp_path)), *given]) == 3
    assert "spec.predictions: from: Model runs the model" in capsys.readouterr().err


def test_an_out_folder_that_cannot_be_made_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file is in the way")
    assert validated(tmp_path, a_policy_file(tmp_path)) == 3
    assert "plan.json: cannot be written" in capsys.readouterr().err


def test_answers_may_come_from_a_column(tmp_path: Path) -> None:
    # given
    n = candidate().stop - candidate().start
    answers = a_file(tmp_path, "answered.parquet", candidate(), answer=[1] * (n - 1) + [0])
    policy = a_policy_file(
        tmp_path,
        {"performance": {"metric": "accuracy", "min": 0.95}},
        predictions={"column": "answer"},
    )
    # when
    code = validated(tmp_path, policy, candidate=answers)
    # then
    assert code == 1


EXPLANATIONS = {"explanations": {"minEffect": 0.3}}


def test_a_version_is_explained_and_the_report_says_what_matters(tmp_path: Path) -> None:
    code = validated(tmp_path, a_policy_file(tmp_path, EXPLANATIONS))
    report = report_in(tmp_path)
    (explained,) = report["explanations"]
    html = (tmp_path / "out/report.html").read_text()
    assert (code, report["verdict"]) == (0, "Pass")
    assert explained["method"].startswith("shap.LinearExplainer")
    assert {each["feature"] for each in explained["meanAbsolute"]} == set(FEATURES)
    sizes = [each["reference"] for each in explained["meanAbsolute"]]
    assert sizes == sorted(sizes, reverse=True)
    assert "How much features matter" in html
    assert "What features add to class 1: candidate rows" in html


def test_twice_gives_the_same_explanations_and_pictures(tmp_path: Path) -> None:
    policy = a_policy_file(tmp_path, EXPLANATIONS)
    found = []
    for _ in range(2):
        validated(tmp_path, policy, "--explain", "permutation")
        found.append([(tmp_path / f"out/report.{kind}").read_bytes() for kind in ("json", "html")])
    assert found[0] == found[1]


def test_the_way_of_explaining_is_part_of_the_plan(tmp_path: Path) -> None:
    validated(tmp_path, a_policy_file(tmp_path, EXPLANATIONS), "--explain", "permutation")
    report = report_in(tmp_path)
    assert report["plan"]["explain"] == "Permutation"
    assert "on the model's answers" in report["explanations"][0]["method"]


def test_a_way_of_explaining_that_does_not_fit_is_no_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = validated(tmp_path, a_policy_file(tmp_path, EXPLANATIONS), "--explain", "tree")
    assert code == 3
    told = capsys.readouterr().err
    assert told.startswith("error: spec.explainability.method (--explain): is Tree, which takes ")
    assert not (tmp_path / "out/report.json").exists()


def test_a_comparison_without_the_stable_version_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = a_policy_file(tmp_path, NOT_WORSE)
    assert validated(tmp_path, policy) == 3
    assert "--stable: is missing, and spec.checks[0].performance" in capsys.readouterr().err
    assert validated(tmp_path, policy, "--first") == 0


def test_codes_that_are_wholly_replaced_are_drift(tmp_path: Path) -> None:
    # given: 60 codes, and 60 others of the same length
    for name, first in (("before", 1000), ("after", 2000)):
        rows = "".join(f"P{first + row % 60}\n" for row in range(2000))
        (tmp_path / f"{name}.csv").write_text(f"code\n{rows}")
    policy = a_policy_file(tmp_path, {"drift": {}}, target=None, predictions=None)
    files = {"reference": tmp_path / "before.csv", "candidate": tmp_path / "after.csv"}
    # when
    options = [text for role, file in files.items() for text in (f"--{role}", str(file))]
    code = main(["validate", str(policy), *options, "--out", str(tmp_path / "out")])
    # then
    assert code == 1
