"""Fear: nothing comes up, and nobody says why."""

from tests.e2e.artifacts import CANNOT_START, GOOD
from tests.e2e.space import MODEL, Space


def test_a_first_version_comes_up_serves_and_says_so_everywhere(space: Space) -> None:
    # when
    space.serve("v1", replicas=2)
    # then: it answers under the Model's name, also in a namespace for restricted pods only
    load = space.start_load(rate=20, seconds=30)
    space.wait("answers", lambda: load.record.of("v1").requests >= 10, seconds=20)
    assert load.record.of("v1").failures == 0
    # and the status, the version's status and the Events tell it
    status = space.status()
    assert status["url"] == f"http://{MODEL}.{space.name}.svc"
    assert status["versions"] == [
        {"name": "v1", "weight": 100, "share": 100, "replicas": 2, "readyReplicas": 2}
    ]
    for kind in ("Accepted", "Available", "Healthy"):
        assert space.condition("Model", MODEL, kind)["status"] == "True"
    verified = space.wait(
        "digest verified",
        lambda: space.condition("ModelVersion", "v1", "ArtifactVerified").get("status") == "True",
    )
    assert verified
    version = space.get("ModelVersion", "v1") or {}
    assert version["status"]["artifactDigest"] == f"sha256:{GOOD.sha256}"
    space.wait("events", lambda: space.reasons_of_events() >= {"RolloutStarted", "Promoted"})


def test_a_first_version_that_cannot_start_says_why_and_gives_way_to_one_that_can(
    space: Space,
) -> None:
    # given
    space.create_version("v1", CANNOT_START)
    space.create_model("v1")
    # then
    degraded = space.wait_for_status("degraded", lambda status: status["phase"] == "Degraded")
    assert "model.onnx" in degraded["message"]
    assert "no" in degraded["message"]
    assert space.condition("Model", MODEL, "Healthy")["reason"] == "ModelUnloadable"
    assert space.condition("Model", MODEL, "Available")["status"] == "False"
    # when
    space.create_version("v2")
    space.edit(version="v2")
    # then
    space.wait_until_healthy("v2")
