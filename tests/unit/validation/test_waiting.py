"""What a run says while its attempt does not go on, and what it still knows when that ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.validation.decide import Do, Refused, RunPlan, after_refusal, decide
from headgate.validation.observed import RunContainer, RunObserved
from headgate.validation.projections import project_job, project_run_pod
from headgate.validation.status import status_of
from headgate.validation.waiting import unexplained
from tests.builders.observed import NOW
from tests.builders.validation import a_job, a_planned_run, a_run_pod, a_run_seen, an_ended

QUOTA = "exceeded quota: small, requested: cpu=250m, used: cpu=1, limited: cpu=1"
EARLIER = (NOW - timedelta(minutes=1)).isoformat()
PLACED = {"phase": "Pending", "created_at": EARLIER, "node": "worker"}


def told_by(seen: RunObserved) -> RunPlan:
    return decide(seen, NOW, backoff_limit=1)


def seen_later(before: RunObserved, **changes: Any) -> RunObserved:
    """Return the next look at a run, after what the first look told was written."""
    return a_run_seen(status=status_of(before, told_by(before), NOW), **changes)


def a_waiting(reason: str, message: str = "") -> RunContainer:
    return RunContainer(
        name="fetch", image="example.com/jobs:9", waiting=reason, waiting_message=message
    )


def test_a_pod_that_a_quota_refuses_is_told_with_the_quota_and_the_way_out() -> None:
    plan = told_by(a_planned_run(job=a_job(created_at=EARLIER), refusal=QUOTA))
    assert (plan.do, plan.reason) == (Do.WAIT, Reason.PODS_NOT_CREATED)
    assert QUOTA in plan.message
    assert "spec.resources of the policy" in plan.message


def test_a_refusal_stays_told_between_two_looks_at_events() -> None:
    before = a_planned_run(job=a_job(created_at=EARLIER), refusal=QUOTA)
    plan = told_by(seen_later(before, job=a_job(created_at=NOW.isoformat())))
    assert (plan.reason, QUOTA in plan.message) == (Reason.PODS_NOT_CREATED, True)


def test_a_refusal_is_no_longer_told_when_the_pod_is_there() -> None:
    before = a_planned_run(job=a_job(created_at=EARLIER), refusal=QUOTA)
    plan = told_by(seen_later(before, job=a_job(), pod=a_run_pod()))
    assert (plan.reason, plan.message) == (Reason.JOB_RUNNING, "attempt 1 runs")


@pytest.mark.parametrize(
    ("pod", "reason", "says"),
    [
        (
            a_run_pod(phase="Pending", unschedulable="0/1 nodes: Insufficient memory."),
            Reason.UNSCHEDULABLE,
            "Insufficient memory",
        ),
        (
            a_run_pod(a_waiting("ImagePullBackOff"), **PLACED),
            Reason.IMAGE_PULL_FAILED,
            "example.com/jobs:9",
        ),
        (a_run_pod(leaving=True, disrupted="EvictionByEvictionAPI"), Reason.EVICTED, "evicted"),
        (
            a_run_pod(leaving=True, disrupted="DeletionByTaintManager", node="worker"),
            Reason.NODE_LOST,
            "node worker",
        ),
    ],
)
def test_what_keeps_a_pod_back_has_a_reason_of_its_own(pod: Any, reason: Reason, says: str) -> None:
    plan = told_by(a_planned_run(job=a_job(), pod=pod))
    assert (plan.do, plan.reason) == (Do.WAIT, reason)
    assert says in plan.message


def test_two_words_for_one_missing_image_are_told_as_one() -> None:
    messages = {
        told_by(a_planned_run(job=a_job(), pod=a_run_pod(a_waiting(word), **PLACED))).message
        for word in ("ErrImagePull", "ImagePullBackOff")
    }
    assert len(messages) == 1


def test_an_input_that_is_not_there_is_told_by_the_nodes_word() -> None:
    pod = a_run_pod(a_waiting("PodInitializing"), **PLACED)
    plan = told_by(a_planned_run(job=a_job(), pod=pod, refusal='configmap "typo" not found'))
    assert (plan.reason, "typo" in plan.message) == (Reason.POD_NOT_STARTED, True)


@pytest.mark.parametrize(
    ("pod", "refusal", "word"),
    [
        (None, QUOTA, "exceeded quota"),
        (a_run_pod(phase="Pending", unschedulable="Insufficient cpu."), "", "Insufficient cpu"),
        (a_run_pod(a_waiting("ErrImagePull"), **PLACED), "", "cannot get image"),
    ],
)
def test_a_timeout_still_knows_why_the_pod_never_ran(pod: Any, refusal: str, word: str) -> None:
    # given
    before = a_planned_run(job=a_job(created_at=EARLIER), pod=pod, refusal=refusal)
    # when: the Job controller has deleted the pod
    late = seen_later(before, job=a_job(failed=True, reason="DeadlineExceeded"))
    plan = told_by(late)
    # then
    assert (plan.do, plan.reason) == (Do.RETRY, Reason.TIMED_OUT)
    assert word in plan.message
    assert "give spec.timeout" not in plan.message


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("EvictionByEvictionAPI", Reason.EVICTED),
        ("DeletionByTaintManager", Reason.NODE_LOST),
        ("DeletionByPodGC", Reason.NODE_LOST),
    ],
)
def test_why_a_pod_was_taken_away_is_known_when_it_is_gone(word: str, reason: Reason) -> None:
    before = a_planned_run(job=a_job(), pod=a_run_pod(leaving=True, disrupted=word))
    plan = told_by(seen_later(before, job=a_job(failed=True)))
    assert (plan.do, plan.reason) == (Do.RETRY, reason)


def test_a_pod_that_somebody_deletes_is_lost_and_no_failure_of_its_program() -> None:
    pod = a_run_pod(an_ended(143), phase="Failed", leaving=True)
    plan = told_by(a_planned_run(job=a_job(failed=True), pod=pod))
    assert (plan.do, plan.reason) == (Do.RETRY, Reason.POD_LOST)


def test_a_job_whose_pod_never_ends_has_failed_all_the_same() -> None:
    # given: as Kubernetes leaves it while the node does not answer
    raw = {
        "metadata": {"namespace": "default", "name": "j", "uid": "u"},
        "status": {
            "conditions": [
                {"type": "FailureTarget", "status": "True", "reason": "BackoffLimitExceeded"}
            ]
        },
    }
    # then
    job = project_job(raw).seen
    assert (job.failed, job.reason) == (True, "BackoffLimitExceeded")


def test_a_pod_is_read_with_its_job_its_node_and_what_took_it_away() -> None:
    raw = {
        "metadata": {
            "namespace": "default",
            "name": "p",
            "uid": "u",
            "labels": {
                "batch.kubernetes.io/job-name": "j",
                "batch.kubernetes.io/controller-uid": "of-the-job",
            },
        },
        "spec": {"nodeName": "worker"},
        "status": {
            "phase": "Running",
            "conditions": [
                {
                    "type": "DisruptionTarget",
                    "status": "True",
                    "reason": "DeletionByTaintManager",
                    "message": "Taint manager: deleting due to NoExecute taint",
                }
            ],
            "containerStatuses": [{"name": "validate", "state": {"running": {}}}],
        },
    }
    pod = project_run_pod(raw).seen
    assert (pod.job, pod.job_uid, pod.node) == ("j", "of-the-job", "worker")
    assert (pod.disrupted, "NoExecute" in pod.disruption) == ("DeletionByTaintManager", True)


@pytest.mark.parametrize(
    ("job", "pod", "expected"),
    [
        (a_job(created_at=NOW.isoformat()), None, None),
        (a_job(created_at=EARLIER), None, "uid-job"),
        (a_job(created_at=EARLIER, failed=True), None, None),
        (a_job(created_at=EARLIER), a_run_pod(a_waiting(""), **PLACED), "uid-pod"),
        (a_job(created_at=EARLIER), a_run_pod(a_waiting("ErrImagePull"), **PLACED), None),
        (a_job(created_at=EARLIER), a_run_pod(RunContainer(name="f", started=True)), None),
    ],
)
def test_events_are_asked_for_only_where_nothing_else_explains(
    job: Any, pod: Any, expected: str | None
) -> None:
    assert unexplained(a_planned_run(job=job, pod=pod), NOW) == expected


def test_a_pod_that_does_not_come_is_looked_for_ever_more_rarely() -> None:
    waits = []
    for seconds in (0, 10, 600):
        created = (NOW - timedelta(seconds=seconds)).isoformat()
        plan = told_by(a_planned_run(job=a_job(created_at=created)))
        assert plan.wake_at is not None
        waits.append((plan.wake_at - NOW).total_seconds())
    assert waits == [2, 5, 30]


def refused_after(elapsed: timedelta) -> RunPlan:
    seen = a_planned_run()
    status = seen.status.model_copy(update={"started_at": NOW - elapsed})
    refused = Refused(
        what="Job j", reason=Reason.JOB_REFUSED, message="quota jobs is used up", remedy="Make room"
    )
    return after_refusal(
        a_run_seen(status=status), refused, NOW, timeout=timedelta(minutes=30), backoff_limit=0
    )


@pytest.mark.parametrize(("minutes", "seconds"), [(0, 10), (1, 30), (29, 300)])
def test_a_job_that_is_refused_is_tried_again_ever_more_rarely(minutes: int, seconds: int) -> None:
    plan = refused_after(timedelta(minutes=minutes))
    assert (plan.do, plan.reason) == (Do.WAIT, Reason.JOB_REFUSED)
    assert "quota jobs is used up" in plan.message
    assert plan.wake_at == NOW + timedelta(seconds=seconds)


def test_a_job_that_is_refused_for_a_whole_timeout_ends_the_attempt() -> None:
    plan = refused_after(timedelta(minutes=30))
    assert (plan.do, plan.reason) == (Do.GIVE_UP, Reason.JOB_REFUSED)


def test_times_are_read_as_the_api_server_writes_them() -> None:
    written = a_job(created_at="2020-01-01T00:00:00Z")
    assert unexplained(a_planned_run(job=written), datetime.fromisoformat(NOW.isoformat())) == (
        "uid-job"
    )


def test_every_failed_attempt_stays_in_status_with_its_reason() -> None:
    # given
    seen = a_planned_run(job=a_job(failed=True), pod=a_run_pod(phase="Failed", reason="Evicted"))
    once = status_of(seen, decide(seen, NOW, backoff_limit=1), NOW)
    # when: the second attempt ends too
    again = a_run_seen(
        status=once.model_copy(update={"next_attempt_at": None}), job=a_job(failed=True)
    )
    status = status_of(again, decide(again, NOW, backoff_limit=1), NOW)
    # then
    found = [(entry.attempt, entry.reason) for entry in status.failed_attempts]
    assert found == [(1, "Evicted"), (2, "PodLost")]
    assert status.phase == "Failed"
