"""Fears: an unproven version gets traffic; a run is lost, or its verdict is not what it seems."""

import pytest

from headgate.cli.cluster import Runs
from headgate.cli.requests import RequestError
from headgate.cli.runs import approve as approved
from tests.builders.resources import Manifest
from tests.builders.validation import a_policy
from tests.e2e.space import MODEL, Space
from tests.e2e.validating import POLICY, RESOURCES, a_validated_version, ended, rows, the_run


def test_a_version_serves_only_after_its_validation_has_passed(space: Space) -> None:
    # when
    a_validated_version(space)
    # then: no pod of it before the verdict
    space.wait("the run is planned", lambda: (the_run(space).get("status") or {}).get("planDigest"))
    if not (the_run(space).get("status") or {}).get("verdict"):
        assert space.pods_of("v1") == []
        assert space.status().get("stableVersion") is None
    status = ended(space)
    assert status["verdict"] == "Pass", status
    space.wait_until_healthy("v1")
    # and: the whole report is there, by its digest
    report = status["report"]
    kept = space.kubectl.run(
        "get", "configmap", report["configMap"], "-n", space.name, "-o", "json"
    )
    assert "report.json.gz" in kept
    assert "report.html.gz" in kept


def test_a_version_that_fails_its_validation_never_gets_a_pod(space: Space) -> None:
    # given
    space.serve("v0")
    # when
    a_validated_version(space, "v1", candidate=rows(2, shift=15))
    status = ended(space)
    # then
    assert (status["phase"], status["verdict"]) == ("Succeeded", "Fail")
    assert status["failures"][0]["subject"] == "age"
    space.wait_for_status("the Model says so", lambda s: s["phase"] == "Degraded")
    assert space.status()["stableVersion"] == "v0"
    assert space.pods_of("v1") == []
    assert len(space.all("Job")) == 1, "a verdict is not tried again"


def test_data_that_is_not_what_the_version_names_gives_no_verdict(space: Space) -> None:
    a_validated_version(space, reference_sha256="0" * 64)
    status = ended(space)
    assert status["phase"] == "Failed"
    assert status.get("verdict") is None
    assert status["lastFailure"]["reason"] == "DigestMismatch"
    assert space.pods_of("v1") == []


def test_data_that_cannot_be_read_is_told_with_its_row(space: Space) -> None:
    broken = rows(2).splitlines()
    broken[7] = "forty,north"
    a_validated_version(space, candidate="\n".join(broken) + "\n")
    status = ended(space)
    assert (status["phase"], status["lastFailure"]["reason"]) == ("Failed", "DataInvalid")
    assert "forty" in status["message"]
    assert "age" in status["message"]


def test_a_job_without_memory_is_tried_again_and_then_given_up(space: Space) -> None:
    # given
    tight = {"requests": {"cpu": "100m", "memory": "24Mi"}, "limits": {"memory": "24Mi"}}
    # when
    a_validated_version(space, policy={"resources": tight, "backoffLimit": 1})
    status = ended(space)
    # then
    assert status["phase"] == "Failed"
    assert status["attempt"] == 2
    assert status["lastFailure"]["reason"] == "OutOfMemory"


def test_a_pod_that_is_deleted_in_its_work_is_made_again(space: Space) -> None:
    # given
    a_validated_version(space)
    pod = space.wait(
        "the Job's pod",
        lambda: space.all("Pod", {"headgate.dev/attempt": "1"}),
    )[0]
    # when
    space.kubectl.run("delete", "pod", pod["metadata"]["name"], "-n", space.name, "--now")
    # then
    status = ended(space)
    assert (status["phase"], status["verdict"]) == ("Succeeded", "Pass")


def test_too_little_data_waits_for_a_person_who_is_named(space: Space) -> None:
    # given
    a_validated_version(space, candidate=rows(2, count=30), policy={"onInconclusive": "Approval"})
    assert ended(space)["verdict"] == "Inconclusive"
    space.wait(
        "it waits for approval",
        lambda: (space.get("ModelVersion", "v1") or {})["status"]["phase"] == "AwaitingApproval",
    )
    assert space.pods_of("v1") == []
    name = the_run(space)["metadata"]["name"]
    # when: a name alone, of a report that nobody says to have read
    annotate = ("annotate", "--overwrite", "validationrun", name, "-n", space.name)
    space.kubectl.run(*annotate, "headgate.dev/approved-by=Eve")
    refused = space.wait(
        "it is refused",
        lambda: (
            space.condition("ValidationRun", name, "Approved").get("status") == "False"
            and space.condition("ValidationRun", name, "Approved")
        ),
    )
    # then
    assert "names no report" in refused["message"]
    # when
    assert "approved by Ada Lovelace" in approve(space, name, "Ada Lovelace", "a small region")
    # then
    space.wait_until_healthy("v1", MODEL)
    assert "Ada Lovelace" in space.condition("ModelVersion", "v1", "Validated")["message"]
    given = (space.get("ModelVersion", "v1") or {})["status"]["approval"]
    assert (given["by"], given["why"], given["run"]) == ("Ada Lovelace", "a small region", name)
    # when: somebody would rather have been asked
    space.kubectl.run(*annotate, "headgate.dev/approved-by=Eve")
    with pytest.raises(RequestError, match="was approved by Ada Lovelace"):
        approve(space, name, "Eve", "me too")
    # then
    assert the_run(space)["status"]["approval"]["by"] == "Ada Lovelace"


def approve(space: Space, run: str, by: str, why: str) -> str:
    """Approve a run as `kubectl headgate approve` does."""
    return approved(Runs(str(space.kubectl.kubeconfig), None, space.name), run, by, why)


def test_a_run_waits_for_its_policy_and_goes_on_when_it_comes(space: Space) -> None:
    # given
    a_validated_version(space, policy={"checks": [{"performance": {"metric": "r2", "min": 0.1}}]})
    space.wait(
        "it says what is wrong",
        lambda: "target" in (the_run(space).get("status") or {}).get("message", ""),
    )
    # when
    space.kubectl.apply(
        a_policy(
            POLICY,
            space.name,
            resources=RESOURCES,
            checks=[
                {"drift": {"minEffect": 0.25}},
            ],
        )
    )
    # then
    assert ended(space)["verdict"] == "Pass"


def again_of(space: Space, version: str) -> list[Manifest]:
    """Return the statuses of the scheduled runs of a version that have ended."""
    runs = space.all("ValidationRun", {"headgate.dev/version": version})
    found = [run.get("status") or {} for run in runs if run["spec"]["trigger"] == "Schedule"]
    return [status for status in found if status.get("phase") in {"Succeeded", "Failed"}]


def test_track_takes_the_newest_validated_version_and_passes_over_a_rejected_one(
    space: Space,
) -> None:
    # given
    a_validated_version(space, model={"version": None, "track": {"policy": "NewestValidated"}})
    space.wait_until_healthy("v1", seconds=150)
    # when: a newer one fails its validation
    a_validated_version(space, "v2", candidate=rows(2, shift=15), model=None)
    assert ended(space, "v2")["verdict"] == "Fail"
    # then
    space.wait_for_status("it is passed over", lambda s: "v2 is passed over" in s["message"])
    assert space.status()["stableVersion"] == "v1"
    assert space.pods_of("v2") == []
    # when: a newer one passes
    a_validated_version(space, "v3", model=None)
    # then
    space.wait_until_healthy("v3", seconds=150)
    assert space.status()["tracked"]["version"] == "v3"


def test_a_version_that_fails_its_scheduled_validation_gives_way_to_the_one_before(
    space: Space,
) -> None:
    # given: a policy that lets nearly everything through, once a minute
    lenient, strict = ({"checks": [{"drift": {"minEffect": bound}}]} for bound in (0.9, 0.25))
    often = {"schedule": {"every": "1m"}}
    space.serve("v1")
    a_validated_version(space, "v2", candidate=rows(2, shift=15), policy=lenient | often)
    space.wait_until_healthy("v2", seconds=150)
    # when
    space.kubectl.apply(a_policy(POLICY, space.name, resources=RESOURCES, **strict, **often))
    # then
    rejection = space.wait("v2 gives way", lambda: space.rejection("v2"), 180)
    assert rejection["reason"] == "RevalidationFailed"
    space.wait_for_status("v1 serves again", lambda s: s["stableVersion"] == "v1")
    assert again_of(space, "v2")[0]["verdict"] == "Fail"
    assert space.condition("ModelVersion", "v2", "Validated")["status"] == "True"
    assert space.condition("ModelVersion", "v2", "StillValid")["status"] == "False"
    space.wait("an Event says so", lambda: "RevalidationFailed" in space.reasons_of_events())
