"""Status, scale, defaults, names and columns of both kinds, as the API server serves them."""

from pathlib import Path

import pytest

from hack.generate.kinds import KINDS, Kind
from headgate.model.status_types import ModelStatus
from headgate.model.types import ModelSpec
from headgate.modelversion.status_types import ModelVersionStatus
from headgate.modelversion.types import ModelVersionSpec
from tests.builders.apiserver import ApiServer
from tests.builders.good_specs import LONGEST_NAME
from tests.builders.resources import Manifest, a_model, a_model_version, a_version_spec
from tests.builders.validation import a_run
from tests.builders.witness import GROUP, Witness

pytestmark = pytest.mark.apiserver
CRDS = Path(__file__).resolve().parents[2] / "crds"


@pytest.fixture(scope="module")
def witness(api: ApiServer) -> Witness:
    user = Witness(api.kubeconfig)
    user.install(sorted(CRDS.glob("headgate.dev_*.yaml")))
    return user


def test_the_api_server_finds_nothing_wrong_with_the_crds(witness: Witness) -> None:
    for kind in KINDS:
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{kind.plural}.headgate.dev"
        conditions = {c["type"]: c for c in witness.get(path).body["status"]["conditions"]}
        assert conditions["NamesAccepted"]["status"] == "True"
        assert conditions["Established"]["status"] == "True"
        assert "NonStructuralSchema" not in conditions


def test_both_kinds_are_known_by_their_short_names_and_category(witness: Witness) -> None:
    resources = {r["name"]: r for r in witness.get(GROUP).body["resources"]}
    assert resources["models"]["shortNames"] == ["mdl"]
    assert resources["modelversions"]["shortNames"] == ["mv"]
    assert resources["models"]["categories"] == ["headgate"]
    assert resources["modelversions"]["categories"] == ["headgate"]


@pytest.mark.parametrize(
    "manifest", [a_model(LONGEST_NAME), a_model_version(LONGEST_NAME)], ids=lambda m: m["kind"]
)
def test_a_name_may_have_253_characters(
    witness: Witness, namespace: str, manifest: Manifest
) -> None:
    metadata = manifest["metadata"] | {"namespace": namespace}
    assert len(metadata["name"]) == 253
    assert witness.create(manifest | {"metadata": metadata}).accepted


def test_a_status_sent_by_a_user_is_dropped(witness: Witness, namespace: str) -> None:
    forged = a_model(namespace=namespace) | {"status": {"phase": "Healthy"}}
    answer = witness.create(forged)
    assert answer.accepted
    assert "status" not in answer.body


def test_kubectl_scale_reads_and_writes_replicas(witness: Witness, namespace: str) -> None:
    # given
    model = a_model(namespace=namespace)
    assert witness.create(model).accepted
    status = {"replicas": 2, "selector": "headgate.dev/model=churn"}
    assert witness.patch(model, {"status": status}, subresource="/status").accepted
    # when
    scaled = witness.patch(model, {"spec": {"replicas": 5}}, subresource="/scale")
    # then
    assert scaled.body["spec"] == {"replicas": 5}
    assert scaled.body["status"] == status
    assert witness.patch(model, {}).body["spec"]["replicas"] == 5


def test_kubectl_scale_knows_the_default_of_replicas(witness: Witness, namespace: str) -> None:
    model = a_model(namespace=namespace)
    assert witness.create(model).accepted
    assert witness.patch(model, {}, subresource="/scale").body["spec"] == {"replicas": 1}


def test_the_columns_of_a_model_tell_whether_it_is_fine_and_why_not(
    witness: Witness, namespace: str
) -> None:
    model = a_model(namespace=namespace)
    assert witness.create(model).accepted
    status = {
        "phase": "Progressing",
        "stableVersion": "churn-v1",
        "canaryVersion": "churn-v2",
        "step": "2/4",
        "canaryWeight": 10,
        "message": "waits 30s at 10%",
        "url": "http://churn.team-a.svc",
    }
    assert witness.patch(model, {"status": status}, subresource="/status").accepted
    row = witness.table(model)
    row.pop("Age")
    assert row == {
        "Name": "churn",
        "Phase": "Progressing",
        "Stable": "churn-v1",
        "Canary": "churn-v2",
        "Step": "2/4",
        "Weight": 10,
        "Message": "waits 30s at 10%",
        "URL": "http://churn.team-a.svc",
    }


def test_the_columns_of_a_version_tell_what_it_gets(witness: Witness, namespace: str) -> None:
    version = a_model_version(namespace=namespace)
    assert witness.create(version).accepted
    status = {
        "phase": "Rejected",
        "message": "DigestMismatch: sha256 is 00…, not 9f…",
        "serving": {"weight": 0, "readyReplicas": 1},
    }
    assert witness.patch(version, {"status": status}, subresource="/status").accepted
    row = witness.table(version)
    row.pop("Age")
    assert row == {
        "Name": "churn-v1",
        "Model": "churn",
        "Version": "1.0.0",
        "Phase": "Rejected",
        "Weight": 0,
        "Ready": 1,
        "Reason": "DigestMismatch: sha256 is 00…, not 9f…",
    }


def test_versions_can_be_selected_by_their_model(witness: Witness, namespace: str) -> None:
    for name, model in (("a-v1", "a"), ("b-v1", "b")):
        assert witness.create(a_model_version(name, namespace, model=model)).accepted
    path = f"{GROUP}/namespaces/{namespace}/modelversions"
    found = witness.get(path, fieldSelector="spec.model=b").body["items"]
    assert [version["metadata"]["name"] for version in found] == ["b-v1"]


def test_the_defaults_of_the_api_server_are_those_of_the_types(
    witness: Witness, namespace: str
) -> None:
    # what the API server fills in changes nothing for the operator
    sent = a_model(namespace=namespace, strategy={"canary": {}}, rollback={}, analysis={})
    stored = witness.create(sent).body["spec"]
    assert ModelSpec.parse(stored) == ModelSpec.parse(sent["spec"])
    version = a_model_version(namespace=namespace)
    stored = witness.create(version).body["spec"]
    assert ModelVersionSpec.parse(stored) == a_version_spec()


def test_a_part_that_was_left_out_stays_absent(witness: Witness, namespace: str) -> None:
    # absent has a meaning: no strategy is "canary with the default steps", whatever those become
    stored = witness.create(a_model(namespace=namespace)).body["spec"]
    assert "strategy" not in stored
    assert "traffic" not in stored
    assert "analysis" not in stored


def test_an_empty_status_is_stored_and_read_back_as_it_was(
    witness: Witness, namespace: str
) -> None:
    model, version = a_model(namespace=namespace), a_model_version(namespace=namespace)
    for manifest, status in ((model, ModelStatus()), (version, ModelVersionStatus())):
        assert witness.create(manifest).accepted
        change = {"status": status.dump()}
        stored = witness.patch(manifest, change, subresource="/status")
        assert stored.accepted, stored.message
        assert stored.body["status"] == status.dump()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_example_of_the_reference_is_accepted(witness: Witness, kind: Kind) -> None:
    text = kind.example.replace("namespace: team-a", "namespace: default")
    answer = witness.create_text(kind.kind, "default", text)
    assert answer.accepted, answer.message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_kubectl_explain_has_words_for_every_field(witness: Witness, kind: Kind) -> None:
    document = witness.get(f"/openapi/v3{GROUP}").body
    schema = document["components"]["schemas"][f"dev.headgate.v1alpha1.{kind.kind}"]
    assert schema["properties"]["spec"]["description"]
    for name, field in schema["properties"]["spec"]["properties"].items():
        assert field.get("description"), name


@pytest.mark.parametrize("kind", ["run", "version"])
def test_an_approval_that_was_recorded_is_never_changed_or_taken_back(
    witness: Witness, namespace: str, kind: str
) -> None:
    # given
    manifest = a_run(namespace=namespace)
    approval = {"by": "Ada", "at": "2026-01-02T03:04:05Z", "report": f"sha256:{'1' * 64}"}
    if kind == "version":
        manifest, approval = a_model_version(namespace=namespace), {**approval, "run": "r"}
    assert witness.create(manifest).accepted
    given = witness.patch(manifest, {"status": {"approval": approval}}, subresource="/status")
    assert given.accepted, given.message
    # then
    for change in ({**approval, "by": "Eve"}, None):
        answer = witness.patch(manifest, {"status": {"approval": change}}, subresource="/status")
        assert not answer.accepted
        assert "status.approval" in answer.message
        assert "stays as it was written" in answer.message
    other = witness.patch(manifest, {"status": {"message": "x"}}, subresource="/status")
    assert other.accepted, other.message


def test_a_verdict_that_was_written_is_never_changed(witness: Witness, namespace: str) -> None:
    # given
    run = a_run(namespace=namespace)
    assert witness.create(run).accepted
    assert witness.patch(run, {"status": {"verdict": "Fail"}}, subresource="/status").accepted
    # when
    answer = witness.patch(run, {"status": {"verdict": "Pass"}}, subresource="/status")
    # then
    assert not answer.accepted
    assert "delete the run to have it made anew" in answer.message
