"""What a run's Job looks like, and where its report is kept."""

import base64
import json
import os
from typing import Any

from headgate.validation.build import (
    MAX_CONFIG_MAP,
    build_job,
    build_report,
    fitting,
    inputs_of,
    job_name,
)
from tests.builders.resources import SHA256, a_version_spec, an_artifact
from tests.builders.validation import (
    DATA,
    RUN_UID,
    VALIDATION,
    a_planned_run,
    a_policy_spec,
    a_run_seen,
)


def the_pod(**changes: Any) -> Any:
    job = build_job(a_planned_run(**changes), a_policy_spec())
    return job["spec"]["template"]["spec"]


def the_container(**changes: Any) -> Any:
    return the_pod(**changes)["containers"][0]


def test_a_job_makes_one_attempt_and_ends_with_its_run() -> None:
    job = build_job(a_planned_run(attempt=2), a_policy_spec())
    assert job["spec"]["backoffLimit"] == 0
    assert job["metadata"]["ownerReferences"][0]["uid"] == RUN_UID
    assert job["metadata"]["name"] == job_name(a_run_seen().name, 2)


def test_the_pod_gets_no_token_and_is_restricted() -> None:
    pod = the_pod()
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_everything_that_is_read_is_fetched_and_checked_first() -> None:
    names = [container["name"] for container in the_pod()["initContainers"]]
    assert names == ["fetch-model", "fetch-reference", "fetch-candidate"]


def test_the_stable_version_comes_along_where_it_is_compared_with() -> None:
    stable = a_version_spec(artifact=an_artifact("https://models.example.com/old.skops"))
    names = [container["name"] for container in the_pod(stable_spec=stable)["initContainers"]]
    assert "fetch-stable" in names


def test_inputs_are_named_by_their_digests() -> None:
    assert inputs_of(a_run_seen()) == dict.fromkeys(
        ("model", "reference", "candidate"), f"sha256:{SHA256}"
    )


def test_the_pod_has_the_recorded_plan_itself() -> None:
    seen = a_planned_run()
    template = build_job(seen, a_policy_spec())["spec"]["template"]
    assert template["metadata"]["annotations"]["headgate.dev/plan"] == seen.status.plan


def test_a_secret_is_mounted_and_never_shown() -> None:
    # given
    data = DATA | {
        "reference": {
            "uri": "s3://bucket/a.parquet",
            "sha256": SHA256,
            "secretRef": {"name": "reader"},
        }
    }
    version = a_version_spec(validation=VALIDATION | {"data": data})
    # when
    pod = the_pod(version=version)
    # then
    volume = next(each for each in pod["volumes"] if each["name"] == "reference-secret")
    assert volume == {"name": "reference-secret", "secret": {"secretName": "reader"}}


def test_no_two_volumes_share_a_name() -> None:
    names = [volume["name"] for volume in the_pod()["volumes"]]
    assert len(names) == len(set(names))


def test_the_policy_says_what_the_pod_may_use() -> None:
    policy = a_policy_spec(resources={"limits": {"memory": "8Gi"}}, timeout="5m")
    job = build_job(a_planned_run(), policy)
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == {"limits": {"memory": "8Gi"}}
    assert job["spec"]["activeDeadlineSeconds"] == 300


def test_the_run_s_own_timeout_goes_before_the_policy_s() -> None:
    seen = a_planned_run()
    spec = seen.spec.model_copy(update={"timeout": None})
    assert spec.timeout is None
    assert build_job(seen, a_policy_spec())["spec"]["activeDeadlineSeconds"] == 1800


def test_equal_runs_give_equal_jobs() -> None:
    one, other = (build_job(a_planned_run(), a_policy_spec()) for _ in range(2))
    assert json.dumps(one) == json.dumps(other)


def test_a_report_s_name_tells_its_content() -> None:
    seen = a_planned_run()
    one, other = (build_report(seen, {"json": content}) for content in (b"a", b"b"))
    assert one["metadata"]["name"] != other["metadata"]["name"]
    assert base64.b64decode(one["binaryData"]["report.json.gz"]) == b"a"
    assert one["immutable"] is True


def test_a_report_that_is_too_large_loses_its_pictures_and_not_its_figures() -> None:
    large = os.urandom(MAX_CONFIG_MAP)
    assert fitting({"json": b"small", "html": large}) == {"json": b"small"}


def test_a_model_that_is_not_run_is_not_fetched() -> None:
    version = a_version_spec(
        runtime={"container": {"image": "example.com/own:1"}},
        artifact=None,
        validation=VALIDATION,
    )
    container = the_container(version=version)
    assert "HEADGATE_MODEL_DIR" not in {each["name"] for each in container["env"]}
