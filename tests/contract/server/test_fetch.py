"""The init container's process: it leaves the right artifact, or the reason why not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.artifact_store import ArtifactStore
from tests.builders.artifacts import Artifact, a_tar_gz, an_iris_artifact
from tests.builders.model_server import ModelServer, own_environment

ARTIFACT = a_tar_gz({"model.onnx": b"model", "headgate.json": b"{}"})
LOOPBACK = "127.0.0.0/8"


class Fetch:
    """One run of the fetch, over folders that stay between runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("model", "source", "secret"):
            (folder / name).mkdir()

    def run(
        self, uri: str, artifact: Artifact = ARTIFACT, networks: str = LOOPBACK, **settings: object
    ) -> int:
        """Return the exit code."""
        (self.folder / "termination-log").unlink(missing_ok=True)
        environment = {
            "HEADGATE_ARTIFACT_URI": uri,
            "HEADGATE_ARTIFACT_SHA256": artifact.sha256,
            "HEADGATE_MODEL_DIR": self.folder / "model",
            "HEADGATE_SOURCE_DIR": self.folder / "source",
            "HEADGATE_SECRET_DIR": self.folder / "secret",
            "HEADGATE_TERMINATION_LOG": self.folder / "termination-log",
            "HEADGATE_ALLOWED_NETWORKS": networks,
        }
        done = subprocess.run(
            [sys.executable, "-m", "headgate.server.fetch"],
            env=own_environment(**environment | settings),
            capture_output=True,
            check=False,
            timeout=120,
        )
        return done.returncode

    def secret(self, **values: str) -> None:
        for name, value in values.items():
            (self.folder / "secret" / name).write_text(value)

    def source(self, name: str, content: bytes) -> None:
        path = self.folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    @property
    def left(self) -> list[str]:
        """Names of what the server will find."""
        current = self.folder / "model" / "current"
        return sorted(path.name for path in current.glob("*") if path.name[0] != ".")

    @property
    def reason(self) -> str:
        return str(self._termination()["reason"])

    @property
    def message(self) -> str:
        return str(self._termination()["message"])

    def _termination(self) -> dict[str, str]:
        read: dict[str, str] = json.loads((self.folder / "termination-log").read_text())
        return read


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    return Fetch(tmp_path)


@pytest.fixture
def store() -> Iterator[ArtifactStore]:
    with ArtifactStore({"/m/model.tar.gz": ARTIFACT.content}) as opened:
        yield opened


def test_an_artifact_is_brought_and_unpacked_once(fetch: Fetch, store: ArtifactStore) -> None:
    uri = f"http://{store.address}/m/model.tar.gz"
    assert fetch.run(uri) == 0
    assert fetch.left == ["headgate.json", "model.onnx"]
    # a restarted pod runs its init container again
    assert fetch.run(uri) == 0
    assert len(store.seen) == 1


def test_what_a_cut_run_left_does_no_harm(fetch: Fetch, store: ArtifactStore) -> None:
    stale = fetch.folder / "model" / ".incoming" / "unpacked"
    stale.mkdir(parents=True)
    (stale / "old").write_text("")
    (fetch.folder / "model" / "current").mkdir()
    (fetch.folder / "model" / "current" / "old").write_text("")
    assert fetch.run(f"http://{store.address}/m/model.tar.gz") == 0
    assert fetch.left == ["headgate.json", "model.onnx"]


def several(fetch: Fetch, *entries: dict[str, str]) -> str:
    """Return the setting that lists several fetches, each into a folder of its own."""
    whole = [{"folder": str(fetch.folder / "model" / entry["name"]), **entry} for entry in entries]
    return json.dumps(whole)


def test_several_files_are_brought_each_into_its_own_folder(
    fetch: Fetch, store: ArtifactStore
) -> None:
    # given
    uri = f"http://{store.address}/m/model.tar.gz"
    rows = Artifact("rows.csv", b"a,b\n1,2\n")
    fetch.source("rows.csv", rows.content)
    entries = several(
        fetch,
        {"name": "model", "uri": uri, "sha256": ARTIFACT.sha256},
        {"name": "reference", "uri": "pvc://claim/rows.csv", "sha256": rows.sha256},
    )
    # when
    assert fetch.run("", HEADGATE_FETCHES=entries) == 0
    # then
    folder = fetch.folder / "model"
    assert (folder / "reference" / "current" / "rows.csv").read_bytes() == rows.content
    assert (folder / "model" / "current" / "model.onnx").read_bytes() == b"model"


def test_one_of_several_files_may_be_larger_than_the_others(fetch: Fetch) -> None:
    # given
    rows = Artifact("rows.csv", b"a,b\n1,2\n")
    fetch.source("rows.csv", rows.content)
    entry = {"name": "reference", "uri": "pvc://claim/rows.csv", "sha256": rows.sha256}
    large = several(fetch, {**entry, "mostBytes": "8"})
    # when, then
    assert fetch.run("", HEADGATE_MAX_ARTIFACT_BYTES="7", HEADGATE_FETCHES=large) == 0
    entry["name"] = "candidate"
    small = several(fetch, {**entry, "mostBytes": "7"})
    assert fetch.run("", HEADGATE_FETCHES=small) == 4
    assert "has 8 bytes, more than the limit of 7" in fetch.message


def test_of_several_files_the_one_that_fails_is_named_with_its_field(
    fetch: Fetch, store: ArtifactStore
) -> None:
    # given
    store.authorization = "Bearer other"
    entry = {
        "name": "candidate",
        "uri": f"http://{store.address}/m/model.tar.gz",
        "sha256": ARTIFACT.sha256,
        "secretField": "spec.validation.data.candidate.secretRef",
    }
    # when
    assert fetch.run("", HEADGATE_FETCHES=several(fetch, entry)) == 3
    # then
    assert fetch.message.startswith("candidate: http://")
    assert "credentials (spec.validation.data.candidate.secretRef) are missing" in fetch.message


def test_another_digest_is_told_with_both(fetch: Fetch, store: ArtifactStore) -> None:
    expected = Artifact("x", b"other")
    assert fetch.run(f"http://{store.address}/m/model.tar.gz", expected) == 5
    assert fetch.reason == "DigestMismatch"
    assert f"has sha256 {ARTIFACT.sha256}, expected {expected.sha256}" in fetch.message
    assert fetch.left == []


def test_a_store_that_stumbles_is_asked_again(fetch: Fetch, store: ArtifactStore) -> None:
    store.failures = [503, 500]
    assert fetch.run(f"http://{store.address}/m/model.tar.gz") == 0
    assert len(store.seen) == 3


def test_a_store_that_stays_down_is_given_up(fetch: Fetch, store: ArtifactStore) -> None:
    store.failures = [503] * 9
    assert fetch.run(f"http://{store.address}/m/model.tar.gz") == 3
    assert fetch.reason == "ArtifactUnavailable"
    assert "answered 503" in fetch.message
    assert "(3 attempts)" in fetch.message


def test_a_body_that_breaks_off_is_never_taken_for_the_whole(
    fetch: Fetch, store: ArtifactStore
) -> None:
    store.cut_after = 10
    assert fetch.run(f"http://{store.address}/m/model.tar.gz") == 3
    assert f"ended after 10 of {len(ARTIFACT.content)} bytes" in fetch.message


def test_what_is_not_there_is_not_asked_for_again(fetch: Fetch, store: ArtifactStore) -> None:
    assert fetch.run(f"http://{store.address}/m/other.tar.gz") == 3
    assert "answered 404" in fetch.message
    assert len(store.seen) == 1


@pytest.mark.parametrize(
    ("secret", "header"),
    [
        ({"username": "ann", "password": "pw\n"}, "Basic YW5uOnB3"),
        ({"token": "t-1\n"}, "Bearer t-1"),
    ],
)
def test_credentials_come_from_the_secret(
    fetch: Fetch, store: ArtifactStore, secret: dict[str, str], header: str
) -> None:
    store.authorization = header
    uri = f"http://{store.address}/m/model.tar.gz"
    assert fetch.run(uri) == 3
    assert "credentials (artifact.secretRef) are missing" in fetch.message
    fetch.secret(**secret)
    assert fetch.run(uri) == 0


def test_credentials_that_are_refused_are_told(fetch: Fetch, store: ArtifactStore) -> None:
    store.authorization = "Bearer other"
    fetch.secret(token="t-1")  # noqa: S106
    assert fetch.run(f"http://{store.address}/m/model.tar.gz") == 3
    assert "credentials (artifact.secretRef) were refused" in fetch.message
    assert "t-1" not in fetch.message


def test_redirects_are_followed_on_the_same_host_only(fetch: Fetch, store: ArtifactStore) -> None:
    store.redirects = {
        "/near": "/m/model.tar.gz",
        "/far": "http://169.254.169.254/latest/meta-data",
        "/up": f"https://{store.address}/m/model.tar.gz",
        "/loop": "/loop",
    }
    assert fetch.run(f"http://{store.address}/near") == 0
    for path, message in {
        "/far": "redirects to http://169.254.169.254; only the same host is followed",
        "/up": f"redirects to https://{store.address}; only the same host is followed",
        "/loop": "redirects more than 5 times",
    }.items():
        assert fetch.run(f"http://{store.address}{path}", Artifact("x", b"other")) == 3
        assert message in fetch.message


@pytest.mark.parametrize(
    ("host", "because"),
    [
        ("127.0.0.1:9", "is this pod itself"),
        ("localhost:9", "is this pod itself"),
        ("[::ffff:127.0.0.1]:9", "is this pod itself"),
        ("2130706433:9", "is this pod itself"),
        ("0:9", "is this pod itself"),
        ("169.254.169.254", "is link-local"),
    ],
)
def test_the_pods_own_places_are_refused_however_they_are_written(
    fetch: Fetch, host: str, because: str
) -> None:
    assert fetch.run(f"http://{host}/latest", networks="") == 3
    assert because in fetch.message
    assert "attempts" not in fetch.message


def test_more_than_the_limit_is_refused(fetch: Fetch, store: ArtifactStore) -> None:
    limit = len(ARTIFACT.content) - 1
    uri = f"http://{store.address}/m/model.tar.gz"
    assert fetch.run(uri, HEADGATE_MAX_ARTIFACT_BYTES=limit) == 4
    assert fetch.reason == "ArtifactInvalid"
    assert f"more than the limit of {limit}" in fetch.message


def test_what_is_no_archive_is_refused(fetch: Fetch) -> None:
    broken = Artifact("m.tar.gz", b"garbage")
    fetch.source("m.tar.gz", broken.content)
    assert fetch.run("pvc://claim/m.tar.gz", broken) == 4
    assert "can't be unpacked as tar.gz" in fetch.message


def test_a_claim_gives_a_file_below_its_root(fetch: Fetch) -> None:
    fetch.source("a/b/model.tar.gz", ARTIFACT.content)
    assert fetch.run("pvc://claim/a/b/model.tar.gz") == 0
    assert fetch.left == ["headgate.json", "model.onnx"]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("pvc://claim", "names a claim but no file"),
        ("pvc://claim/a", "is a folder; expected an archive or a model file"),
        ("pvc://claim/none", "isn't there"),
        ("pvc://claim/out/termination-log", "leads out of its volume"),
        ("configmap://m/none", "isn't there; the ConfigMap has a, out"),
    ],
)
def test_a_mounted_file_that_is_not_there_is_told(fetch: Fetch, uri: str, message: str) -> None:
    fetch.source("a/x", b"")
    (fetch.folder / "source" / "out").symlink_to(fetch.folder)
    assert fetch.run(uri) == 3
    assert message in fetch.message


def mounted_as_kubernetes_does(fetch: Fetch, **keys: bytes) -> None:
    for name, content in keys.items():
        fetch.source(f"..2026/{name}", content)
        (fetch.folder / "source" / name).symlink_to(Path("..data") / name)
    (fetch.folder / "source" / "..data").symlink_to("..2026")


def test_the_only_key_of_a_configmap_needs_no_name(fetch: Fetch) -> None:
    model = Artifact("model_onnx", b"\x08\x01")
    mounted_as_kubernetes_does(fetch, model_onnx=model.content)
    assert fetch.run("configmap://iris", model) == 0
    assert fetch.left == ["model_onnx"]


def test_among_keys_of_a_configmap_one_must_be_named(fetch: Fetch) -> None:
    mounted_as_kubernetes_does(fetch, one=ARTIFACT.content, two=b"2")
    assert fetch.run("configmap://iris") == 3
    assert "has 2 keys (one, two): name one as configmap://NAME/KEY" in fetch.message
    assert fetch.run("configmap://iris/one") == 0


def test_an_object_store_is_read_with_the_secrets_key(fetch: Fetch, store: ArtifactStore) -> None:
    store.contents["/bucket/m/model.tar.gz"] = ARTIFACT.content
    fetch.secret(
        AWS_ACCESS_KEY_ID="id-1",
        AWS_SECRET_ACCESS_KEY="key",  # noqa: S106
        AWS_ENDPOINT_URL=f"http://{store.address}",
    )
    assert fetch.run("s3://bucket/m/model.tar.gz") == 0
    assert fetch.left == ["headgate.json", "model.onnx"]
    _, headers = store.seen[0]
    assert (
        "Credential=id-1/"
        in {name.lower(): value for name, value in headers.items()}["authorization"]
    )


def test_an_object_store_without_a_key_is_read_without_a_signature(
    fetch: Fetch, store: ArtifactStore
) -> None:
    store.contents["/bucket/m.tar.gz"] = ARTIFACT.content
    fetch.secret(AWS_ENDPOINT_URL=f"http://{store.address}")
    # identities of the node or the environment are never borrowed
    borrowed = {"AWS_ACCESS_KEY_ID": "other", "AWS_SECRET_ACCESS_KEY": "other"}
    assert fetch.run("s3://bucket/m.tar.gz", **borrowed) == 0  # type: ignore[arg-type]
    _, headers = store.seen[0]
    assert "authorization" not in {name.lower() for name in headers}


def test_an_object_that_is_not_there_is_told(fetch: Fetch, store: ArtifactStore) -> None:
    fetch.secret(AWS_ENDPOINT_URL=f"http://{store.address}")
    assert fetch.run("s3://bucket/none") == 3
    assert "s3://bucket/none can't be read" in fetch.message


def test_an_object_store_may_not_be_the_pod_itself(fetch: Fetch, store: ArtifactStore) -> None:
    fetch.secret(AWS_ENDPOINT_URL=f"http://{store.address}")
    assert fetch.run("s3://bucket/m.tar.gz", networks="") == 3
    assert "which is this pod itself" in fetch.message


def test_what_was_fetched_is_served(fetch: Fetch, tmp_path: Path) -> None:
    artifact = an_iris_artifact("onnx")
    fetch.source("model.tar.gz", artifact.content)
    assert fetch.run("configmap://iris/model.tar.gz", artifact) == 0
    settings = {"HEADGATE_MODEL_DIR": str(fetch.folder / "model")}
    with ModelServer(tmp_path / "s", {}, "onnx", **settings) as server:
        assert server.get("/v2/models/iris/ready").status == 200
