"""The Job's process: from the environment to its last words."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from headgate.jobs.validation.job import main
from headgate.jobs.validation.run import digest_of_file
from headgate.modelversion.types import ExplainMethod
from headgate.validation.plan import canonical, plan_digest
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.run_types import RunVerdict
from headgate.validation.summary import (
    Summary,
    digest_of_packed,
    failures_in,
    read_report,
)
from tests.unit.jobs.validation.cancer import TARGET, a_file
from tests.unit.jobs.validation.fetched_job import a_job, last_words, refusal_of, with_plan
from tests.unit.jobs.validation.suite.cases import a_policy


def a_policy_of_stability(**changes: Any) -> ValidationPolicySpec:
    return a_policy({"stability": {"maxFlip": 0.1}}, **{"target": TARGET, **changes})


def test_a_verdict_is_handed_back_with_both_reports(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # given
    env = a_job(tmp_path, a_policy_of_stability())
    # when
    code = main(env)
    # then
    told, reports = last_words(env), read_report(capfd.readouterr().out)
    assert code == 0
    assert isinstance(told, Summary)
    assert told.verdict is RunVerdict.PASS
    assert told.plan_digest == env["HEADGATE_PLAN_DIGEST"]
    assert told.report_digest == digest_of_packed(reports["json"])
    assert told.html_digest == digest_of_packed(reports["html"])


def test_a_failing_version_ends_with_0_too_and_its_report_begins_with_what_failed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    env = a_job(tmp_path, a_policy({"stability": {"noise": 2, "maxFlip": 0.001}}, target=TARGET))
    code, told = main(env), last_words(env)
    assert code == 0
    assert isinstance(told, Summary)
    assert told.verdict is RunVerdict.FAIL
    failures = failures_in(read_report(capfd.readouterr().out)["json"])
    assert [failure.check for failure in failures] == ["stability"]


def test_another_plan_than_the_recorded_one_is_not_carried_out(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability())
    (tmp_path / "plan.json").write_text("{}")
    assert refusal_of(env).reason == "PlanMismatch"


def test_a_plan_of_another_release_is_not_carried_out(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability())
    plan = {"schema": "headgate.dev/plan/v0"}
    (tmp_path / "plan.json").write_text(canonical(plan))
    told = refusal_of({**env, "HEADGATE_PLAN_DIGEST": plan_digest(plan)})
    assert (told.reason, "schema" in told.message) == ("PlanMismatch", True)


def test_data_that_is_not_the_plans_is_not_opened(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability())
    (tmp_path / "candidate/current/rows.parquet").write_bytes(b"PAR1: not even parquet")
    told = refusal_of(env)
    assert told.reason == "PlanMismatch"
    assert "and the plan says sha256:" in told.message


def test_broken_data_is_the_datas_fault(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability())
    broken = tmp_path / "candidate/current/rows.parquet"
    broken.write_bytes(b"PAR1: not even parquet")
    told = refusal_of(with_plan(env, candidate=digest_of_file(broken)))
    assert told.reason == "DataInvalid"
    assert "candidate rows.parquet" in told.message


def test_a_column_that_is_not_there_is_the_policys_fault(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability(target="malignant"))
    told = refusal_of(env)
    assert told.reason == "PolicyInvalid"
    assert told.message.startswith("spec.target: ")


def test_a_model_that_cannot_be_loaded_is_the_models_fault(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability())
    (tmp_path / "model/current/good.skops").write_bytes(b"PK")
    assert refusal_of(env).reason == "ModelUnusable"


def test_a_way_of_explaining_that_does_not_fit_is_the_versions_fault(tmp_path: Path) -> None:
    policy = a_policy({"explanations": {}}, target=TARGET)
    told = refusal_of(a_job(tmp_path, policy, explain=ExplainMethod.TREE))
    assert told.reason == "ModelUnusable"
    assert told.message.startswith("spec.explainability.method (--explain): is Tree")


def test_two_files_where_one_was_fetched_are_named(tmp_path: Path) -> None:
    env = a_job(tmp_path, a_policy_of_stability())
    (tmp_path / "reference/current/more.csv").write_text("a\n1\n")
    told = refusal_of(env)
    assert told.message == "reference: expected one file of data, got more.csv, rows.parquet"


def test_an_archive_of_parquet_files_is_one_table(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # given: what the fetcher leaves of an archive whose digest it has checked
    env = with_plan(a_job(tmp_path, a_policy_of_stability()), reference="sha256:abc")
    folder = tmp_path / "reference/current"
    a_file(folder, "more.parquet", slice(0, 100))
    (folder / ".fetched-sha256").write_text("abc")
    # when
    code = main(env)
    # then
    report = json.loads(gzip.decompress(read_report(capfd.readouterr().out)["json"]))
    assert code == 0
    assert report["facts"]["rows"] == {"reference": 385, "candidate": 284}


def test_an_archive_that_is_not_the_plans_is_not_opened(tmp_path: Path) -> None:
    env = with_plan(a_job(tmp_path, a_policy_of_stability()), reference="sha256:abc")
    folder = tmp_path / "reference/current"
    a_file(folder, "more.parquet", slice(0, 100))
    (folder / ".fetched-sha256").write_text("def")
    told = refusal_of(env)
    assert told.reason == "PlanMismatch"
    assert "has sha256:def, and the plan says sha256:abc" in told.message


def test_an_environment_that_lacks_a_variable_is_internal(tmp_path: Path) -> None:
    log = {"HEADGATE_TERMINATION_LOG": str(tmp_path / "termination-log")}
    told = refusal_of(log)
    assert told.reason == "Internal"
    assert "HEADGATE_PLAN_FILE" in told.message


def test_without_a_place_for_last_words_the_exit_code_still_tells(tmp_path: Path) -> None:
    assert main({"HEADGATE_TERMINATION_LOG": str(tmp_path / "gone/termination-log")}) == 3
