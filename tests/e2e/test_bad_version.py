"""Fear: a bad version stays, or takes the good one down with it."""

import time

from tests.builders.resources import a_canary_of
from tests.e2e.artifacts import CANNOT_START, FAILS_ONE_IN_FIVE, GOOD, HARMLESS
from tests.e2e.space import MODEL, Space, server_image

ONE_STEP = a_canary_of({"setWeight": 50}, {"pause": {}})


def test_a_version_that_fails_under_load_goes_back_and_only_its_own_answers_failed(
    space: Space,
) -> None:
    # given
    space.serve("v1", replicas=2, strategy=ONE_STEP)
    load = space.start_load(rate=80)
    # when
    space.create_version("v3", FAILS_ONE_IN_FIVE)
    space.edit(version="v3")
    # then: it is named, with figures
    rejection = space.wait_until_rejected("v3")
    assert rejection["reason"] == "ErrorRatioExceeded"
    assert "requests with an error" in rejection["message"]
    space.wait(
        "no answer of v3 any more",
        lambda: load.record.at - load.record.of("v3").last > 5,
        seconds=20,
    )
    record = load.stop()
    assert not record.failures_outside(["v3"])
    seconds = record.of("v3").seconds_to_return
    assert seconds is not None
    assert seconds <= 10
    # and it is told where people look, while nothing edited the spec
    status = space.status()
    assert (status["phase"], status["stableVersion"]) == ("Degraded", "v1")
    assert space.condition("Model", MODEL, "RolledBack")["status"] == "True"
    assert space.condition("Model", MODEL, "Available")["status"] == "True"
    assert (space.get("Model", MODEL) or {})["spec"]["version"] == "v3"
    assert "ErrorRatioExceeded" in space.reasons_of_events()
    # and its pods go
    space.wait("v3's pods gone", lambda: not space.pods_of("v3"))


def test_a_crash_looping_version_is_rejected_within_30_seconds_without_any_setting(
    space: Space,
) -> None:
    # given
    space.serve("v1", strategy=None)
    # when
    space.create_version("v4", CANNOT_START)
    begun = time.monotonic()
    space.edit(version="v4")
    # then
    rejection = space.wait_until_rejected("v4", seconds=30)
    assert time.monotonic() - begun <= 30
    assert rejection["reason"] == "ModelUnloadable"
    assert space.status()["stableVersion"] == "v1"


def test_somebody_elses_server_that_exits_is_called_crash_looping(space: Space) -> None:
    # given
    space.serve("v1")
    # when
    script = "import sys; sys.exit('no licence found')"
    space.create_container_version("v2", server_image(), command=["python", "-c", script])
    space.edit(version="v2")
    # then: with its own last words
    rejection = space.wait_until_rejected("v2", seconds=45)
    assert rejection["reason"] == "CrashLooping"
    assert "no licence found" in rejection["message"]


def test_an_image_that_cannot_be_pulled_is_rejected(space: Space) -> None:
    # given
    space.serve("v1")
    # when
    space.create_container_version("v2", "registry.invalid/nobody/nothing:1")
    space.edit(version="v2")
    # then
    rejection = space.wait_until_rejected("v2", seconds=60)
    assert rejection["reason"] == "ImagePullFailed"
    assert "registry.invalid/nobody/nothing:1" in rejection["message"]


def test_an_artifact_of_another_digest_is_never_loaded(space: Space) -> None:
    # given
    space.serve("v1")
    # when
    space.create_version("v2", GOOD, sha256="0" * 64)
    space.edit(version="v2")
    # then
    rejection = space.wait_until_rejected("v2", seconds=30)
    assert rejection["reason"] == "DigestMismatch"
    assert GOOD.sha256 in rejection["message"]
    verified = space.condition("ModelVersion", "v2", "ArtifactVerified")
    assert (verified["status"], verified["reason"]) == ("False", "DigestMismatch")
    assert (space.get("ModelVersion", "v2") or {})["status"]["phase"] == "Rejected"


def test_a_rejected_version_is_tried_again_only_when_the_spec_changes(space: Space) -> None:
    # given
    space.serve("v1")
    space.create_version("v2", CANNOT_START)
    space.edit(version="v2")
    space.wait_until_rejected("v2")
    first = space.rejection("v2") or {}
    # when: scale and pause are no reason to hope
    space.edit(replicas=2, paused=True)
    space.wait_for_status(
        "scaled", lambda status: any(e["replicas"] == 2 for e in status["versions"])
    )
    space.edit(paused=False)
    space.wait_for_status("seen", lambda status: status["phase"] == "Degraded")
    # then
    assert (space.rejection("v2") or {})["at"] == first["at"]
    # when: another setting of the rollout may be one
    space.edit(progressDeadlineSeconds=700)
    # then
    space.wait(
        "tried and rejected anew",
        lambda: (space.rejection("v2") or first)["at"] != first["at"],
    )


def test_a_version_that_fails_after_its_promotion_goes_back_within_the_window(
    space: Space,
) -> None:
    # given: promoted while nobody asked for the key that it fails on
    steps = a_canary_of({"setWeight": 50}, {"analysis": {"minRequests": 50}})
    space.serve("v1", strategy=steps, rollback={"window": "10m", "keepWarm": 1})
    harmless = space.start_load(rate=60, keys=HARMLESS)
    space.create_version("v3", FAILS_ONE_IN_FIVE)
    space.edit(version="v3")
    space.wait_until_healthy("v3")
    # when
    load = space.start_load(rate=60)
    # then: the one kept warm takes over at once
    rejection = space.wait_until_rejected("v3", seconds=30)
    assert "v1 before it" in rejection["message"]
    space.wait(
        "v3's answers over", lambda: load.record.at - load.record.of("v3").last > 5, seconds=20
    )
    for each in (harmless, load):
        assert not each.stop().failures_outside(["v3"])
    assert space.status()["stableVersion"] == "v1"
    assert space.status()["history"][0]["outcome"] == "ReturnedTo"
