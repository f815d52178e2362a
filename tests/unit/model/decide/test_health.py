"""What the kubelet reports, told as a reason that a person can act on."""

import json

import pytest

from headgate.core.reasons import Reason
from headgate.model.decide.health import (
    ONLY_WHEN_LOOPING,
    Failure,
    pod_failure,
    told_by,
    waiting_for,
)
from headgate.model.observed import ContainerSeen, PodSeen
from tests.builders.observed import (
    NOW,
    SECOND,
    a_container,
    a_deployment,
    a_failing_pod,
    a_pod,
    an_unready_pod,
)


def failure_of(*pods: PodSeen) -> Failure | None:
    return pod_failure(pods, a_deployment("v2", len(pods)), NOW)


def last_words(reason: str, message: str = "because") -> str:
    return json.dumps({"reason": reason, "message": message})


def of_container(container: ContainerSeen, **pod: object) -> Failure | None:
    return failure_of(an_unready_pod("v2", 1, containers=(container,), **pod))


def test_a_crash_loop_is_seen_at_the_first_back_off() -> None:
    looping = a_container(
        restarts=1, waiting="CrashLoopBackOff", exit_code=139, exit_message="segmentation fault"
    )
    assert of_container(looping) == Failure(
        reason=Reason.CRASH_LOOPING,
        message="pod v2-1, container server: exited 2 times, last with 139: segmentation fault",
    )


def test_a_crash_loop_without_a_word_says_where_to_look() -> None:
    found = failure_of(a_failing_pod("v2"))
    assert found is not None
    assert "kubectl logs --previous" in found.message


def test_restarts_count_though_the_container_runs_at_this_very_moment() -> None:
    found = of_container(a_container(restarts=2, exit_code=1))
    assert found is not None
    assert found.reason is Reason.CRASH_LOOPING


def test_one_restart_is_forgiven() -> None:
    assert of_container(a_container(restarts=1, exit_code=1)) is None


def test_one_failing_pod_among_good_ones_is_enough() -> None:
    found = failure_of(a_pod("v2", 1), a_failing_pod("v2", 2))
    assert found is not None
    assert "pod v2-2" in found.message


def test_a_pod_on_its_way_out_accuses_nobody() -> None:
    assert failure_of(a_failing_pod("v2"), a_pod("v2", 2)) is not None
    leaving = an_unready_pod(
        "v2", 1, leaving=True, containers=(a_container(restarts=9, waiting="CrashLoopBackOff"),)
    )
    assert failure_of(leaving, a_pod("v2", 2)) is None


@pytest.mark.parametrize("waiting", ["ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"])
def test_an_image_that_cannot_be_pulled(waiting: str) -> None:
    container = a_container(waiting=waiting, message='Back-off pulling image "nowhere:1"')
    assert of_container(container) == Failure(
        reason=Reason.IMAGE_PULL_FAILED,
        message=f'pod v2-1, container server: {waiting}: Back-off pulling image "nowhere:1"',
    )


def test_a_first_failed_pull_is_tried_again_before_it_counts() -> None:
    assert of_container(a_container(waiting="ErrImagePull", message="timeout")) is None


@pytest.mark.parametrize("waiting", ["CreateContainerConfigError", "CreateContainerError"])
def test_a_container_that_cannot_be_made_counts_after_some_seconds(waiting: str) -> None:
    """A Secret that is applied together with the version may come a moment later."""
    container = a_container(waiting=waiting, message='secret "models-ro" not found')
    assert of_container(container, created_at=NOW - 9 * SECOND) is None
    assert of_container(container, created_at=NOW - 10 * SECOND) == Failure(
        reason=Reason.CONTAINER_CONFIG_INVALID,
        message=f'pod v2-1, container server: {waiting}: secret "models-ro" not found',
    )


def test_a_wrong_digest_is_certain_at_once() -> None:
    container = a_container(
        "fetch", init=True, exit_code=5, exit_message=last_words("DigestMismatch", "abc, not def")
    )
    assert of_container(container) == Failure(
        reason=Reason.DIGEST_MISMATCH, message="pod v2-1, container fetch: abc, not def"
    )


@pytest.mark.parametrize("reason", ["ArtifactUnavailable", "ArtifactInvalid", "ModelUnloadable"])
def test_what_our_images_say_names_the_reason_once_trying_again_has_not_helped(
    reason: str,
) -> None:
    words = last_words(reason, "404 for https://models.example.com/churn.skops")
    first = a_container("fetch", init=True, restarts=0, exit_code=3, exit_message=words)
    again = a_container(
        "fetch", init=True, restarts=1, waiting="CrashLoopBackOff", exit_message=words
    )
    assert of_container(first) is None
    assert of_container(again) == Failure(
        reason=Reason(reason),
        message="pod v2-1, container fetch: 404 for https://models.example.com/churn.skops",
    )


@pytest.mark.parametrize(
    "words",
    ["", "5", "null", "[]", '"text"', "{", "{}", '{"reason": "x"}', '{"reason": 5, "message": 1}'],
)
def test_other_last_words_are_no_reason(words: str) -> None:
    assert told_by(a_container(exit_message=words)) is None


@pytest.mark.parametrize("reason", ["RolloutComplete", "Promoted", "SpecAccepted", "NoSuchReason"])
def test_a_users_image_cannot_borrow_a_reason_that_is_not_for_servers(reason: str) -> None:
    assert told_by(a_container(exit_message=last_words(reason))) is None


def test_pods_that_are_merely_starting_are_no_failure() -> None:
    starting = an_unready_pod("v2", containers=(a_container(waiting="ContainerCreating"),))
    assert failure_of(starting) is None


def test_pods_that_nobody_may_create_count_after_some_seconds() -> None:
    quota = "exceeded quota: pods=10"
    young = a_deployment("v2", 1, failure=quota, created_at=NOW - 19 * SECOND)
    old = a_deployment("v2", 1, failure=quota, created_at=NOW - 20 * SECOND)
    assert pod_failure((), young, NOW) is None
    assert pod_failure((), old, NOW) == Failure(
        reason=Reason.PODS_NOT_CREATED,
        message="Deployment churn-v2 cannot create pods: exceeded quota: pods=10",
    )


def test_a_version_that_served_for_long_is_not_blamed_for_restarts_that_it_survived() -> None:
    pod = a_pod("v2", containers=(a_container(restarts=40, exit_code=137),))
    found = pod_failure((pod,), None, NOW, restarts_tolerated=ONLY_WHEN_LOOPING)
    assert found is None


def test_what_keeps_pods_from_being_ready_is_told_in_a_few_words() -> None:
    ready = a_pod("v2", 1)
    assert waiting_for((ready,)) == ""
    assert waiting_for((ready, an_unready_pod("v2", 2))) == ""
    stuck = an_unready_pod("v2", 2, unschedulable="0/3 nodes: insufficient memory")
    assert waiting_for((ready, stuck)) == (
        "pod v2-2 cannot be scheduled: 0/3 nodes: insufficient memory"
    )
    pulling = an_unready_pod("v2", 3, containers=(a_container(waiting="ErrImagePull"),))
    assert waiting_for((ready, pulling)) == "pod v2-3, container server: ErrImagePull"
    fetching = (a_container("fetch", init=True), a_container(waiting="PodInitializing"))
    assert waiting_for((an_unready_pod("v2", 4, containers=fetching),)) == ""


def test_no_message_is_longer_than_the_api_server_takes() -> None:
    found = of_container(a_container(waiting="ImagePullBackOff", message="x" * 5000))
    assert found is not None
    assert len(found.message) <= 1024
