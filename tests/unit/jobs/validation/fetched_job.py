"""A Job whose inputs were fetched, as its process finds them."""

import json
from collections.abc import Mapping
from pathlib import Path

from headgate.jobs.validation.job import main
from headgate.jobs.validation.run import digest_of_file
from headgate.modelversion.types import ExplainMethod
from headgate.validation.plan import canonical, plan_digest, plan_of
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.summary import Refusal, Summary, read_last_words
from tests.unit.jobs.validation.cancer import a_file, a_good_model, candidate, reference


def fetched(folder: Path, name: str) -> Path:
    """Return the folder into which an init container brings one input."""
    current = folder / name / "current"
    current.mkdir(parents=True)
    (current / ".fetched-sha256").write_text("...")
    return current


def a_job(
    folder: Path,
    policy: ValidationPolicySpec,
    *,
    explain: ExplainMethod = ExplainMethod.AUTO,
) -> dict[str, str]:
    """Return the environment of a Job whose inputs were fetched."""
    files = {
        "reference": a_file(fetched(folder, "reference"), "rows.parquet", reference()),
        "candidate": a_file(fetched(folder, "candidate"), "rows.parquet", candidate()),
    }
    a_good_model(fetched(folder, "model"))
    inputs = {name: digest_of_file(path) for name, path in files.items()}
    plan = plan_of(policy, inputs, "image@sha256:0", {}, explain)
    (folder / "plan.json").write_text(canonical(plan))
    return {
        "HEADGATE_PLAN_FILE": str(folder / "plan.json"),
        "HEADGATE_PLAN_DIGEST": plan_digest(plan),
        "HEADGATE_REFERENCE_DIR": str(folder / "reference"),
        "HEADGATE_CANDIDATE_DIR": str(folder / "candidate"),
        "HEADGATE_MODEL_DIR": str(folder / "model"),
        "HEADGATE_FORMAT": "sklearn",
        "HEADGATE_ALLOW_PICKLE": "false",
        "HEADGATE_STABLE_DIR": "",
        "HEADGATE_TERMINATION_LOG": str(folder / "termination-log"),
    }


def with_plan(env: Mapping[str, str], **inputs: str) -> dict[str, str]:
    """Return the environment with other digests in the plan."""
    file = Path(env["HEADGATE_PLAN_FILE"])
    plan = json.loads(file.read_text())
    plan["inputs"] |= inputs
    file.write_text(canonical(plan))
    return {**env, "HEADGATE_PLAN_DIGEST": plan_digest(plan)}


def last_words(env: Mapping[str, str]) -> Summary | Refusal | None:
    return read_last_words(Path(env["HEADGATE_TERMINATION_LOG"]).read_text())


def refusal_of(env: Mapping[str, str]) -> Refusal:
    assert main(env) == 3
    told = last_words(env)
    assert isinstance(told, Refusal)
    return told
