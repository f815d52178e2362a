"""What the API server refuses of policies and runs, whether or not the operator runs."""

from pathlib import Path

import pytest

from tests.builders.apiserver import ApiServer
from tests.builders.bad_policies import BY_SCHEMA
from tests.builders.bad_specs import Bad
from tests.builders.validation import a_policy, a_run
from tests.builders.witness import Witness

pytestmark = pytest.mark.apiserver
CRDS = Path(__file__).resolve().parents[2] / "crds"


@pytest.fixture(scope="module")
def witness(api: ApiServer) -> Witness:
    user = Witness(api.kubeconfig)
    user.install(sorted(CRDS.glob("headgate.dev_*.yaml")))
    return user


@pytest.mark.parametrize("bad", BY_SCHEMA, ids=str)
def test_a_bad_policy_is_refused_with_its_path_and_reason(witness: Witness, bad: Bad) -> None:
    answer = witness.create(bad.manifest, dry_run=True)
    assert answer.code == 422, answer
    assert bad.path in answer.message
    assert bad.says in answer.message
    assert "evaluation error" not in answer.message, answer.message


@pytest.mark.parametrize(
    "columns", ["all", ["age"], ["name with 'quotes'", "and\nnewlines"]], ids=["all", "one", "odd"]
)
def test_columns_are_all_or_a_list(witness: Witness, columns: object) -> None:
    answer = witness.create(a_policy(checks=[{"drift": {"columns": columns}}]), dry_run=True)
    assert answer.accepted, answer.message


def test_a_run_cannot_be_changed(witness: Witness) -> None:
    # given
    run = a_run("churn-v3-once")
    assert witness.create(run).accepted
    # when
    answer = witness.patch(run, {"spec": {"policyRef": {"name": "another"}}})
    # then
    assert "spec is immutable" in answer.message
