"""Fears: whatever befalls a validation's Job, it gives a verdict that nobody reached, or hangs."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hack.demo.kubectl import Kubectl
from tests.builders.resources import Manifest
from tests.e2e.space import Space
from tests.e2e.validating import (
    RESOURCES,
    a_data,
    a_validated_version,
    ended,
    rows,
    sha256_of,
    the_pod,
    the_run,
    told,
)

SEAT = "headgate.dev/seat"
ALONE = None
"""Without a Model: the verdict is all that is looked at."""


def a_quota(space: Space, hard: Mapping[str, str]) -> None:
    """Create the namespace's one quota, in the place of the one before."""
    metadata = {"name": "small", "namespace": space.name}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    space.kubectl.run("delete", "quota", "small", "-n", space.name, "--ignore-not-found")
    space.kubectl.apply({**quota, "spec": {"hard": hard}})
    space.wait(
        "the quota counts",
        lambda: "used" in space.kubectl.json("get", "quota", "small", "-n", space.name)["status"],
    )


class SecondNode:
    """A node as the API server knows one, that no kubelet ever speaks for.

    A cluster whose only node is silent evicts nothing: its controllers think that it is they who
    are cut off. So there are two. Pods come here for a seat, which the other one lacks at first.
    """

    name = "silent"

    def __init__(self, kubectl: Kubectl) -> None:
        self.kubectl = kubectl
        self.other = kubectl.json("get", "nodes")["items"][0]["metadata"]["name"]

    def join(self) -> None:
        """Be ready, with room."""
        labels = {"kubernetes.io/hostname": self.name}
        metadata = {"name": self.name, "labels": labels}
        self.kubectl.apply({"apiVersion": "v1", "kind": "Node", "metadata": metadata})
        room = {"cpu": "8", "memory": "16Gi", "pods": "10", "ephemeral-storage": "50Gi", SEAT: "1"}
        self._report("True", "KubeletReady", capacity=room, allocatable=room)

    def run_pod(self, namespace: str, pod: str) -> None:
        """Say that a pod runs, as a kubelet does."""
        status = json.dumps({"status": {"phase": "Running"}})
        self.kubectl.run("patch", "pod", pod, "-n", namespace, "--subresource=status",
                         "--type=merge", "-p", status)  # fmt: skip

    def fall_silent(self) -> None:
        """Be found silent: what the node controller writes after its grace period.

        The other node has a seat from here on.
        """
        self._report("Unknown", "NodeStatusUnknown")
        self._seats_of_other("1")

    def leave(self) -> None:
        self._seats_of_other(None)
        self.kubectl.run("delete", "node", self.name, "--ignore-not-found")

    def _seats_of_other(self, seats: str | None) -> None:
        change = json.dumps(
            {"status": {kind: {SEAT: seats} for kind in ("capacity", "allocatable")}}
        )
        self.kubectl.run("patch", "node", self.other, "--subresource=status", "--type=merge",
                         "-p", change)  # fmt: skip

    def _report(self, ready: str, reason: str, **status: Any) -> None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
        condition = {"type": "Ready", "status": ready, "reason": reason, "message": "", **times}
        change = json.dumps({"status": {"conditions": [condition], **status}})
        self.kubectl.run("patch", "node", self.name, "--subresource=status", "--type=strategic",
                         "-p", change)  # fmt: skip


@pytest.fixture
def second_node(kubectl: Kubectl) -> Iterator[SecondNode]:
    """The only node with a seat, until it falls silent."""
    node = SecondNode(kubectl)
    try:
        node.join()
        yield node
    finally:
        node.leave()


def no_verdict(status: Manifest) -> bool:
    return status["phase"] == "Failed" and "verdict" not in status and "report" not in status


def test_a_run_that_a_quota_forbids_says_so_and_goes_on_when_it_is_lifted(space: Space) -> None:
    # given: no Job may be made
    a_quota(space, {"count/jobs.batch": "0"})
    # when
    a_validated_version(space, model=ALONE)
    # then
    assert "exceeded quota: small" in told(space, "JobRefused")
    # when: a Job may be made, and its pod may not
    a_quota(space, {"requests.memory": "10Mi"})
    message = told(space, "PodsNotCreated")
    # then
    assert "exceeded quota: small" in message
    assert "spec.resources of the policy" in message
    # when
    space.kubectl.run("delete", "quota", "small", "-n", space.name)
    # then
    status = ended(space)
    assert (status["verdict"], status["attempt"]) == ("Pass", 1)


def test_a_pod_that_cannot_start_says_why_and_ends_by_its_timeout(space: Space) -> None:
    # given: more memory than any node has
    huge = {"requests": {"cpu": "100m", "memory": "900Ti"}}
    # when
    a_validated_version(
        space, policy={"resources": huge, "timeout": "8s", "backoffLimit": 0}, model=ALONE
    )
    # then
    assert "Insufficient memory" in told(space, "Unschedulable")
    status = ended(space)
    assert no_verdict(status)
    assert status["lastFailure"]["reason"] == "TimedOut"
    assert "Insufficient memory" in status["message"]


def test_an_input_that_is_not_there_is_named_and_waited_for(space: Space) -> None:
    # given
    text = rows(1)
    later = {"uri": "configmap://later/rows.csv", "sha256": sha256_of(text)}
    a_validated_version(space, reference=later, model=ALONE)
    assert 'configmap "later" not found' in told(space, "PodNotStarted")
    # when
    a_data(space, "later", text)
    # then
    assert ended(space, seconds=180)["verdict"] == "Pass"


def test_an_image_that_the_node_does_not_get_is_named(space: Space) -> None:
    # given
    a_validated_version(space, policy={"timeout": "12s", "backoffLimit": 0}, model=ALONE)
    pod = the_pod(space)["metadata"]["name"]
    # when: a pod's image is one of the few things of it that can be changed
    nowhere = [{"name": "validate", "image": "registry.invalid/jobs:none"}]
    change = json.dumps({"spec": {"containers": nowhere}})
    space.kubectl.run("patch", "pod", pod, "-n", space.name, "-p", change)
    # then
    assert "registry.invalid/jobs:none" in told(space, "ImagePullFailed")
    status = ended(space)
    assert no_verdict(status)
    assert "registry.invalid/jobs:none" in status["message"]


def test_an_evicted_pod_counts_as_a_failed_attempt_and_is_made_again(space: Space) -> None:
    # given
    a_validated_version(space, model=ALONE)
    pod = the_pod(space)["metadata"]["name"]
    # when
    path = f"/api/v1/namespaces/{space.name}/pods/{pod}/eviction"
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": space.name},
    }
    space.kubectl.run("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
    # then
    status = ended(space)
    assert (status["verdict"], status["attempt"]) == ("Pass", 2)
    assert [entry["reason"] for entry in status["failedAttempts"]] == ["Evicted"]
    run = the_run(space)["metadata"]["name"]
    space.wait("an Event says so", lambda: "Evicted" in space.reasons_of_events(run))


def test_a_job_that_somebody_deletes_is_made_again(space: Space) -> None:
    # given
    a_validated_version(space, model=ALONE)
    job = the_pod(space)["metadata"]["labels"]["batch.kubernetes.io/job-name"]
    # when
    space.kubectl.run("delete", "job", job, "-n", space.name)
    # then
    assert ended(space)["verdict"] == "Pass"


def test_an_attempt_on_a_node_that_is_lost_is_given_up_and_another_one_gives_the_verdict(
    space: Space, second_node: SecondNode
) -> None:
    # given: the pod is at work on a node
    seated = {"requests": RESOURCES["requests"], "limits": {**RESOURCES["limits"], SEAT: "1"}}
    a_validated_version(space, model=ALONE, policy={"resources": seated})
    space.wait("the pod has a node", lambda: the_pod(space)["spec"].get("nodeName"))
    pod = the_pod(space)
    assert pod["spec"]["nodeName"] == second_node.name
    second_node.run_pod(space.name, pod["metadata"]["name"])
    # when
    second_node.fall_silent()
    # then: the pod never ends, as nobody is there to end it, and the attempt has
    told(space, "WaitingToRetry", seconds=90)
    status = the_run(space)["status"]
    assert status["lastFailure"]["reason"] == "NodeLost"
    assert second_node.name in status["lastFailure"]["message"]
    assert "verdict" not in status
    assert the_pod(space)["status"]["phase"] == "Running"
    # and
    status = ended(space)
    assert (status["verdict"], status["attempt"]) == ("Pass", 2)
    assert [entry["reason"] for entry in status["failedAttempts"]] == ["NodeLost"]
