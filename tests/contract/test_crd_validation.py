"""What the API server refuses and accepts of both kinds, whether or not the operator runs."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders.apiserver import ApiServer
from tests.builders.bad_specs import BAD_SPECS, Bad
from tests.builders.good_specs import GOOD_SPECS
from tests.builders.resources import Manifest, a_model, a_model_version, an_artifact
from tests.builders.witness import Witness

pytestmark = pytest.mark.apiserver
CRDS = Path(__file__).resolve().parents[2] / "crds"


@pytest.fixture(scope="module")
def witness(api: ApiServer) -> Witness:
    user = Witness(api.kubeconfig)
    user.install(sorted(CRDS.glob("headgate.dev_*.yaml")))
    return user


@pytest.mark.parametrize("bad", BAD_SPECS, ids=str)
def test_a_bad_spec_is_refused_with_its_path_and_reason(witness: Witness, bad: Bad) -> None:
    answer = witness.create(bad.manifest, dry_run=True)
    assert answer.code == 422, answer
    assert bad.path in answer.message
    assert bad.says in answer.message
    assert "evaluation error" not in answer.message, answer.message


@pytest.mark.parametrize("manifest", GOOD_SPECS.values(), ids=GOOD_SPECS.keys())
def test_an_unusual_but_good_spec_is_accepted(witness: Witness, manifest: Manifest) -> None:
    answer = witness.create(manifest, dry_run=True)
    assert answer.accepted, answer.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("spec: {version: a, strategie: {}}", 'unknown field "spec.strategie"'),
        ("spec: {version: a, rollback: {keepwarm: 1}}", 'unknown field "spec.rollback.keepwarm"'),
        ("spec: {version: a, version: b}", 'key "version" already set in map'),
        ("spec: {version: a, analysis: {errorRatio: {max: .nan}}}", "unsupported value: NaN"),
        ("spec: {version: a, analysis: {errorRatio: {max: .inf}}}", "unsupported value: +Inf"),
        ("spec: {version: 3}", "spec.version"),
        ("spec: {version: a, replicas: '3'}", "spec.replicas"),
        ("spec: {version: a, strategy: {recreate: }}", "one without settings is written with {}"),
        ("spec: ", "spec"),
        ("", "spec"),
    ],
)
def test_a_text_that_says_something_else_than_meant_is_refused(
    witness: Witness, text: str, says: str
) -> None:
    head = "apiVersion: headgate.dev/v1alpha1\nkind: Model\nmetadata: {name: churn}\n"
    answer = witness.create_text("Model", "default", head + text)
    assert not answer.accepted
    assert says in answer.message


def test_a_field_written_twice_in_json_is_refused(witness: Witness) -> None:
    text = (
        '{"apiVersion": "headgate.dev/v1alpha1", "kind": "Model", "metadata": {"name": "churn"},'
        ' "spec": {"version": "a", "version": "b"}}'
    )
    answer = witness.create_text("Model", "default", text, content_type="application/json")
    assert answer.code == 400
    assert 'duplicate field "spec.version"' in answer.message


def test_a_spec_of_a_megabyte_is_refused(witness: Witness) -> None:
    answer = witness.create(a_model(version="a" * 1_000_000), dry_run=True)
    assert answer.code == 422
    assert "spec.version: Too long" in answer.message


def test_a_version_cannot_depend_on_itself(witness: Witness) -> None:
    manifest = a_model_version("churn-v1", dependsOn=[{"name": "churn-v1"}])
    answer = witness.create(manifest, dry_run=True)
    assert answer.code == 422
    assert "spec.dependsOn" in answer.message
    assert "must not depend on itself" in answer.message


@pytest.mark.parametrize(
    "change",
    [
        {"artifact": an_artifact("https://models.example.com/other.skops")},
        {"version": "1.0.1"},
        {"model": "other"},
        {"lineage": {"gitCommit": "4f2c1d9"}},
        {"runtime": {"builtin": {"allowPickle": True}}},
    ],
    ids=lambda change: f"its {next(iter(change))}",
)
def test_a_version_cannot_be_changed(
    witness: Witness, namespace: str, change: dict[str, Any]
) -> None:
    # given
    version = a_model_version(namespace=namespace)
    assert witness.create(version).accepted
    # when
    answer = witness.patch(version, {"spec": change})
    # then
    assert answer.code == 422
    assert "spec is immutable: create a new ModelVersion" in answer.message


def test_a_version_can_be_labelled_and_applied_again(witness: Witness, namespace: str) -> None:
    version = a_model_version(namespace=namespace)
    assert witness.create(version).accepted
    assert witness.patch(version, {"metadata": {"labels": {"team": "a"}}}).accepted
    assert witness.patch(version, {"spec": version["spec"]}).accepted


def test_a_model_can_be_changed(witness: Witness, namespace: str) -> None:
    model = a_model(namespace=namespace)
    assert witness.create(model).accepted
    change = {"version": "churn-v2", "strategy": {"recreate": {}}}
    assert witness.patch(model, {"spec": change}).accepted


def test_a_change_to_a_bad_spec_is_refused_and_nothing_changes(
    witness: Witness, namespace: str
) -> None:
    model = a_model(namespace=namespace)
    assert witness.create(model).accepted
    assert witness.patch(model, {"spec": {"strategy": {"blueGreen": {}}}}).code == 422
    kept = witness.patch(model, {}).body
    assert "strategy" not in kept["spec"]
