"""Fears: a file that is not the one that was named decides; a password shows where many look."""

import hashlib
import io
import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from hack.demo.installation import NAMESPACE as OPERATOR_NAMESPACE
from tests.builders.resources import Manifest
from tests.builders.validation import a_policy
from tests.e2e.space import Space
from tests.e2e.store import Store, claim
from tests.e2e.validating import POLICY, RESOURCES, a_data, ended, rows, the_pod, the_run

WRONG = "not-the-password-at-all"
CHECKS = {"checks": [{"drift": {"minEffect": 0.25}}], "resources": RESOURCES, "backoffLimit": 0}


def parquet(text: str) -> bytes:
    """Return the rows of a CSV as parquet."""
    table = pa.csv.read_csv(io.BytesIO(text.encode()))
    file = io.BytesIO()
    pa.parquet.write_table(table, file)
    return file.getvalue()


REFERENCE, CANDIDATE = rows(1), rows(2)
FILES = {"data/reference.parquet": parquet(REFERENCE), "data/candidate.csv": CANDIDATE.encode()}


def named(uri: str, content: bytes, secret: str = "") -> Manifest:
    """Return how a version names a file."""
    ref: Manifest = {"uri": uri, "sha256": hashlib.sha256(content).hexdigest()}
    return ref | ({"secretRef": {"name": secret}} if secret else {})


def a_version_on(space: Space, name: str, reference: Manifest, candidate: Manifest) -> None:
    """Create a version that is validated on these two files."""
    data = {"reference": reference, "candidate": candidate}
    space.create_version(name, validation={"policyRef": {"name": POLICY}, "data": data})


@pytest.fixture
def store(space: Space) -> Store:
    """Both files on a server of the namespace, with a Secret that opens it and one that fails."""
    made = Store(space.kubectl, space.name)
    made.start(FILES)
    space.kubectl.apply(made.secret("reader"), made.secret("intruder", password=WRONG))
    space.kubectl.apply(a_policy(POLICY, space.name, **CHECKS))
    return made


def test_files_come_from_an_object_store_and_a_web_server_with_credentials(
    space: Space, store: Store
) -> None:
    # when: parquet on one side, CSV on the other
    reference, candidate = "data/reference.parquet", "data/candidate.csv"
    a_version_on(
        space,
        "v1",
        named(store.s3(reference), FILES[reference], "reader"),
        named(store.http(candidate), FILES[candidate], "reader"),
    )
    # then
    status = ended(space, "v1")
    assert status.get("verdict") == "Pass", status
    plan = json.loads(status["plan"])
    digest = hashlib.sha256(FILES[reference]).hexdigest()
    assert plan["inputs"]["reference"] == f"sha256:{digest}"
    assert nothing_tells(space, store.login.password)


def test_files_come_from_a_claim_and_a_configmap(space: Space) -> None:
    content = FILES["data/reference.parquet"]
    space.kubectl.apply(a_policy(POLICY, space.name, **CHECKS))
    with claim(space.kubectl, space.name, "datasets", {"reference.parquet": content}) as name:
        # when
        a_version_on(
            space,
            "v1",
            named(f"pvc://{name}/reference.parquet", content),
            a_data(space, "candidate", CANDIDATE),
        )
        # then
        status = ended(space, "v1")
    assert status.get("verdict") == "Pass", status


def test_what_cannot_be_fetched_as_named_gives_a_reason_and_no_verdict(
    space: Space, store: Store
) -> None:
    # given
    path, other = "data/reference.parquet", "data/candidate.csv"
    good, digest = named(store.http(other), FILES[other], "reader"), FILES[path]
    bad = {
        "other-bytes": named(store.s3(path), b"something else", "reader"),
        "wrong-key": named(store.s3(path), digest, "intruder"),
        "wrong-password": named(store.http(path), digest, "intruder"),
        "no-secret": named(store.http(path), digest),
        "nobody-there": named(store.nobody(path), digest),
        "no-object": named(store.s3("data/none.parquet"), digest, "reader"),
    }
    # when
    for name, reference in bad.items():
        a_version_on(space, name, reference, good)
    statuses = {name: ended(space, name) for name in bad}
    # then
    reasons = {name: status["lastFailure"]["reason"] for name, status in statuses.items()}
    unavailable = dict.fromkeys(bad, "ArtifactUnavailable")
    assert reasons == unavailable | {"other-bytes": "DigestMismatch"}
    for name, status in statuses.items():
        assert (status["phase"], status.get("verdict")) == ("Failed", None)
        assert "reference: " in status["message"], name
    field = "spec.validation.data.reference.secretRef"
    assert f"({field}) were refused" in statuses["wrong-password"]["message"]
    assert f"({field}) are missing" in statuses["no-secret"]["message"]
    assert nothing_tells(space, store.login.password, WRONG)


def nothing_tells(space: Space, *secrets: str) -> bool:
    """Return whether no secret shows in an object other than Secrets, an Event, or a log."""
    kinds = "mv,vrun,vpol,jobs,pods,configmaps,events"
    pods = [pod["metadata"]["name"] for pod in space.all("Pod", {"headgate.dev/attempt": "1"})]
    assert pods
    of_operator = ("-n", OPERATOR_NAMESPACE, "-l", "app.kubernetes.io/name=headgate-operator")
    commands = [
        ("get", kinds, "-n", space.name, "-o", "json"),
        ("logs", *of_operator, "--tail=-1"),
        *(("logs", pod, "-n", space.name, "-c", "fetch") for pod in pods),
    ]
    told = [space.kubectl.run(*command) for command in commands]
    return not [secret for secret in secrets if any(secret in text for text in told)]


def test_a_validation_s_pod_has_no_token_no_rights_and_no_writable_root(space: Space) -> None:
    # given: a namespace that admits only restricted pods
    space.kubectl.apply(a_policy(POLICY, space.name, **CHECKS))
    # when
    a_version_on(
        space,
        "v1",
        a_data(space, "reference", REFERENCE),
        a_data(space, "candidate", CANDIDATE),
    )
    pod = the_pod(space, "v1")
    # then
    spec = pod["spec"]
    containers = [*spec["initContainers"], *spec["containers"]]
    mounts = {m["mountPath"] for each in containers for m in each["volumeMounts"]}
    assert spec["automountServiceAccountToken"] is False
    assert not {path for path in mounts if "serviceaccount" in path}
    assert not [v for v in spec["volumes"] if "projected" in v or "hostPath" in v]
    for container in containers:
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert containers[-1]["resources"] == RESOURCES
    # and: the result came back all the same
    assert ended(space, "v1")["verdict"] == "Pass"
    account = f"system:serviceaccount:{space.name}:{spec['serviceAccountName']}"
    rights = space.kubectl.run("auth", "can-i", "--list", f"--as={account}", "-n", space.name)
    assert "headgate.dev" not in rights
    assert "configmaps" not in rights
    assert the_run(space, "v1")["status"]["report"]["configMap"]
