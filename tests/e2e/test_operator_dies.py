"""Fear: the operator dies in the middle, and so does the rollout."""

import pytest

from hack.demo.installation import NAMESPACE, wait_until_rolled_out
from hack.demo.kubectl import Kubectl
from tests.builders.resources import a_canary_of
from tests.e2e.artifacts import FAILS_ONE_IN_FIVE
from tests.e2e.space import MODEL, Space

FOUR_STEPS = a_canary_of(
    {"setWeight": 30},
    {"pause": {"duration": "3s"}},
    {"setWeight": 60},
    {"pause": {"duration": "3s"}},
)


@pytest.fixture
def both_replicas(kubectl: Kubectl) -> Kubectl:
    """Two ready replicas of the operator, before and after."""
    wait_until_rolled_out(kubectl)
    return kubectl


def kill_the_leader(kubectl: Kubectl) -> str:
    """Kill the replica that holds the Lease, without a chance to say good-bye; return its name."""
    lease = kubectl.json("get", "lease", "headgate-operator", "-n", NAMESPACE)
    holder = str(lease["spec"]["holderIdentity"])
    kubectl.run("delete", "pod", holder, "-n", NAMESPACE, "--grace-period=0", "--force")
    return holder


def test_a_rollout_goes_on_after_the_operator_was_killed(
    space: Space, both_replicas: Kubectl
) -> None:
    # given
    space.serve("v1", strategy=FOUR_STEPS)
    load = space.start_load(rate=40)
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_for_status("first step done", lambda status: status.get("step") == "1/4")
    # when
    kill_the_leader(both_replicas)
    # then
    space.wait_until_healthy("v2")
    assert not load.stop().failures_outside([])
    # and no step was taken twice
    steps = [e["note"] for e in space.all("Event") if e["reason"] == "StepCompleted"]
    assert len(steps) == len(set(steps)) == 4
    wait_until_rolled_out(both_replicas)


def test_a_failing_version_goes_back_in_time_although_the_operator_was_killed(
    space: Space, both_replicas: Kubectl
) -> None:
    # given
    space.serve("v1", replicas=2, strategy=a_canary_of({"setWeight": 50}, {"pause": {}}))
    load = space.start_load(rate=80)
    space.create_version("v3", FAILS_ONE_IN_FIVE)
    space.edit(version="v3")
    # when: killed as soon as users feel it
    space.wait("first bad answer", lambda: load.record.of("v3").failures > 0)
    kill_the_leader(both_replicas)
    # then
    space.wait_until_rejected("v3", seconds=30)
    space.wait(
        "v3's answers over", lambda: load.record.at - load.record.of("v3").last > 5, seconds=20
    )
    record = load.stop()
    assert not record.failures_outside(["v3"])
    seconds = record.of("v3").seconds_to_return
    assert seconds is not None
    assert seconds <= 20
    assert space.status()["stableVersion"] == "v1"
    wait_until_rolled_out(both_replicas)


def test_what_serves_goes_on_serving_while_no_operator_runs(
    space: Space, both_replicas: Kubectl
) -> None:
    # given
    space.serve("v1", replicas=2)
    load = space.start_load(rate=40)
    scale = ("scale", "deployment", "headgate-operator", "-n", NAMESPACE)
    try:
        # when
        both_replicas.run(*scale, "--replicas=0")
        both_replicas.run("wait", "--for=delete", "pod", "-n", NAMESPACE, "-l",
                          "app.kubernetes.io/name=headgate-operator", "--timeout=30s")  # fmt: skip
        doomed = space.pods_of("v1")[0]["metadata"]["name"]
        space.kubectl.run("delete", "pod", doomed, "-n", space.name, "--wait=true")
        space.create_version("v2")
        space.edit(version="v2")
    finally:
        both_replicas.run(*scale, "--replicas=2")
    # then: it catches up with what was changed meanwhile
    wait_until_rolled_out(both_replicas)
    space.wait_until_healthy("v2")
    assert not load.stop().failures_outside([])
    assert space.get("Model", MODEL)
