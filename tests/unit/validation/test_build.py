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


def fetched(**changes: Any) -> list[dict[str, str]]:
    """Return what the init container is told to fetch."""
    (container,) = the_pod(**changes)["initContainers"]
    found: list[dict[str, str]] = json.loads(container["env"][0]["value"])
    return found


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
    assert [entry["name"] for entry in fetched()] == ["model", "reference", "candidate"]
    assert {entry["sha256"] for entry in fetched()} == {SHA256}


def test_the_stable_version_comes_along_where_it_is_compared_with() -> None:
    stable = a_version_spec(artifact=an_artifact("https://models.example.com/old.skops"))
    entry = next(each for each in fetched(stable_spec=stable) if each["name"] == "stable")
    assert entry["uri"] == "https://models.example.com/old.skops"


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
    (entry,) = (each for each in fetched(version=version) if "secret" in each)
    assert (entry["name"], entry["secret"]) == ("reference", "/secret/reference")
    assert entry["secretField"] == "spec.validation.data.reference.secretRef"


def test_credentials_do_not_reach_the_container_that_runs_the_model() -> None:
    # given
    data = DATA | {"reference": {"uri": "s3://b/a", "sha256": SHA256, "secretRef": {"name": "s"}}}
    version = a_version_spec(validation=VALIDATION | {"data": data})
    # then
    mounts = {mount["name"] for mount in the_container(version=version)["volumeMounts"]}
    assert not {name for name in mounts if name.endswith(("-secret", "-source"))}


def test_a_pod_leaves_a_node_that_does_not_answer_sooner_than_by_default() -> None:
    patience = {each["key"]: each["tolerationSeconds"] for each in the_pod()["tolerations"]}
    assert patience == {
        "node.kubernetes.io/not-ready": 30,
        "node.kubernetes.io/unreachable": 30,
    }


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


def test_data_may_be_larger_than_a_model() -> None:
    most = {entry["name"]: entry.get("mostBytes") for entry in fetched()}
    gibibytes = str(64 * 1024**3)
    assert most == {"model": None, "reference": gibibytes, "candidate": gibibytes}


def test_a_model_that_is_not_run_is_not_fetched() -> None:
    version = a_version_spec(
        runtime={"container": {"image": "example.com/own:1"}},
        artifact=None,
        validation=VALIDATION,
    )
    container = the_container(version=version)
    assert "HEADGATE_MODEL_DIR" not in {each["name"] for each in container["env"]}
