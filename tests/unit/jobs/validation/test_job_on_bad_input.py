"""Bad input in a Job: last words that say why, exit 3, and no report in the log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from headgate.jobs.validation.job import main
from headgate.jobs.validation.run import digest_of_file
from headgate.validation.plan import canonical, plan_digest, plan_of
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.summary import Refusal, read_last_words
from tests.unit.cli.bad_input.rows import CHECKS, a_file, a_table, pickled
from tests.unit.cli.bad_input.test_files import BAD_BYTES, BAD_COLUMNS, BAD_TARGETS
from tests.unit.cli.bad_input.test_models import MODEL, UNRULY, Unruly
from tests.unit.cli.bad_input.test_policies import UNKNOWN

pytestmark = pytest.mark.sweep

NO_CHECK_OF_A_MODEL: Mapping[str, Any] = {"checks": [{"quality": {}}]}
OF_FIELDS = {  # the API server and the policy's own reconciler refuse these
    *("metric of fairness", "test of columns together", "check", "error control"),
    *("bound that is no number", "bound that is NaN", "no check at all", "test of drift"),
    *("test of drift that is nearly one", "test of drift for other rows"),
}


def a_job(folder: Path, spec: Mapping[str, Any], **files: Path) -> dict[str, str]:
    """Return the environment of a Job that fetched these files, good rows where none is given."""
    for seed, side in enumerate(("reference", "candidate"), 1):
        if side not in files:
            (folder / side).mkdir(exist_ok=True)
            files[side] = a_file(folder / side, side, a_table(seed), "parquet")
    policy = ValidationPolicySpec.parse(dict(spec))
    assert isinstance(policy, ValidationPolicySpec), policy
    inputs = {name: digest_of_file(path) for name, path in files.items()}
    plan = plan_of(policy, inputs, "image@sha256:0", {})
    (folder / "plan.json").write_text(canonical(plan))
    return {
        "HEADGATE_PLAN_FILE": str(folder / "plan.json"),
        "HEADGATE_PLAN_DIGEST": plan_digest(plan),
        "HEADGATE_TERMINATION_LOG": str(folder / "termination-log"),
        **{f"HEADGATE_{name.upper()}_DIR": str(path.parent) for name, path in files.items()},
    }


def refused(env: Mapping[str, str], capfd: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Run the Job to its refusal; returns its reason and message."""
    code, printed = main(env), capfd.readouterr()
    told = read_last_words(Path(env["HEADGATE_TERMINATION_LOG"]).read_text())
    assert isinstance(told, Refusal)
    assert (code, printed.out) == (3, "")
    assert "Traceback" not in printed.err
    return told.reason, told.message


@pytest.mark.parametrize("fault", BAD_COLUMNS)
def test_a_column_that_cannot_be_read_is_the_datas_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], fault: str
) -> None:
    spoil, message = BAD_COLUMNS[fault]
    (tmp_path / "data").mkdir()
    path = a_file(tmp_path / "data", "rows", spoil(a_table()), "csv")
    told = refused(a_job(tmp_path, NO_CHECK_OF_A_MODEL, candidate=path), capfd)
    assert told[0] == "DataInvalid"
    assert message.format(file="rows.csv") in told[1]


@pytest.mark.parametrize("fault", BAD_BYTES)
def test_a_file_that_is_broken_is_the_datas_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], fault: str
) -> None:
    name, content, message = BAD_BYTES[fault]
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / name
    path.write_bytes(content if isinstance(content, bytes) else content(tmp_path))
    told = refused(a_job(tmp_path, NO_CHECK_OF_A_MODEL, reference=path), capfd)
    assert told[0] == "DataInvalid"
    assert message in told[1]


@pytest.mark.parametrize("fault", BAD_TARGETS)
def test_a_target_or_answers_that_cannot_be_judged_are_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], fault: str
) -> None:
    spoil, message = BAD_TARGETS[fault]
    (tmp_path / "data").mkdir()
    path = a_file(tmp_path / "data", "candidate", spoil(a_table(2)), "parquet")
    told = refused(a_job(tmp_path, CHECKS["fairness"], candidate=path), capfd)
    assert told[0] in {"DataInvalid", "PolicyInvalid"}
    assert message.format(form="parquet") in told[1]


@pytest.mark.parametrize("name", sorted(set(UNKNOWN) - OF_FIELDS))
def test_what_a_policy_names_and_nothing_has_is_the_policys_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    spec, message = UNKNOWN[name]
    told = refused(a_job(tmp_path, spec), capfd)
    assert told[0] == ("DataInvalid" if name == "pairs that stand twice" else "PolicyInvalid")
    assert message in told[1]


@pytest.mark.parametrize("fault", UNRULY)
def test_a_model_that_gives_no_answers_is_the_models_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], fault: str
) -> None:
    # given
    rows = {name: column for name, column in a_table(2).items() if name in {"x", "k", "t"}}
    rows["k"] = [99 if row == 149 else int(value) for row, value in enumerate(rows["k"])]
    for name in ("reference", "candidate", "model"):
        (tmp_path / name).mkdir()
    model = tmp_path / "model/unruly.joblib"
    model.write_bytes(pickled(Unruly(fault)))
    env = a_job(
        tmp_path,
        {**MODEL, "checks": [{"stability": {}}]},
        reference=a_file(tmp_path / "reference", "reference", rows, "parquet"),
        candidate=a_file(tmp_path / "candidate", "candidate", rows, "parquet"),
        model=model,
    )
    # when
    told = refused({**env, "HEADGATE_FORMAT": "sklearn", "HEADGATE_ALLOW_PICKLE": "true"}, capfd)
    # then
    assert told[0] == "ModelUnusable"
    assert UNRULY[fault].partition("unruly.joblib: ")[2] in told[1]


@pytest.mark.parametrize("side", ["reference", "candidate"])
def test_a_digest_that_does_not_match_is_told_before_the_file_is_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], side: str
) -> None:
    env = a_job(tmp_path, NO_CHECK_OF_A_MODEL)
    (tmp_path / side / f"{side}.parquet").write_bytes(b"PAR1: another file, and a broken one")
    reason, message = refused(env, capfd)
    assert reason == "PlanMismatch"
    assert message.startswith(f"{side}.parquet: has sha256:")
