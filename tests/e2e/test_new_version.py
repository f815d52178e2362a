"""Fear: a new version, or more of it, costs requests."""

from hack.demo.load import Load
from tests.builders.resources import a_canary_of
from tests.e2e.space import MODEL, Space

FEWEST_REQUESTS = 100


def test_a_new_version_takes_over_step_by_step_and_no_request_is_lost(space: Space) -> None:
    # given
    steps = a_canary_of(
        {"setWeight": 33}, {"pause": {"duration": "3s"}}, {"analysis": {"minRequests": 60}}
    )
    space.serve("v1", replicas=2, strategy=steps)
    load = space.start_load(rate=80)
    # when
    space.create_version("v2")
    space.edit(version="v2")
    # then: on the way both answer, in about the shares of their pods
    sharing = space.wait_for_status(
        "traffic shared", lambda status: {e["share"] for e in status["versions"]} == {33, 67}
    )
    assert {e["name"]: e["weight"] for e in sharing["versions"]} == {"v1": 67, "v2": 33}
    space.wait_until_healthy("v2")
    _wait_until_v2_answers_alone(space, load)
    # and nothing is lost
    record = load.stop()
    assert not record.failures_outside([])
    assert record.of("v1").requests > FEWEST_REQUESTS
    assert record.of("v2").requests > FEWEST_REQUESTS
    # and the version before is kept warm, its history told
    versions = {entry["name"]: entry for entry in space.status()["versions"]}
    assert versions["v1"]["replicas"] == 1
    assert [e["outcome"] for e in space.status()["history"]] == ["Promoted", "Promoted"]
    assert {"StepCompleted", "Promoted"} <= space.reasons_of_events()


def test_scaling_up_and_down_loses_no_request(space: Space) -> None:
    # given
    space.serve("v1", replicas=2)
    load = space.start_load(rate=80)
    for replicas in (4, 2):
        # when: as kubectl scale and autoscalers do
        space.kubectl.run("scale", "model", MODEL, "-n", space.name, f"--replicas={replicas}")
        # then
        _wait_until_scaled(space, replicas)
    assert not load.stop().failures_outside([])


def test_a_pod_that_is_deleted_costs_no_request(space: Space) -> None:
    # given
    space.serve("v1", replicas=2)
    load = space.start_load(rate=80)
    doomed = space.pods_of("v1")[0]["metadata"]["name"]
    # when
    space.kubectl.run("delete", "pod", doomed, "-n", space.name, "--wait=true")
    # then
    space.wait_until_healthy("v1")
    assert not load.stop().failures_outside([])


def _wait_until_v2_answers_alone(space: Space, load: Load) -> None:
    def look() -> bool:
        return load.record.at - load.record.of("v1").last > 2

    space.wait("v1 no longer answering", look, seconds=20)


def _wait_until_scaled(space: Space, replicas: int) -> None:
    def pods_are_as_many() -> bool:
        return len(space.all("Pod", {"headgate.dev/model": MODEL})) == replicas

    space.wait(f"{replicas} pods and no more", pods_are_as_many)
    space.wait_for_status(
        f"{replicas} ready",
        lambda status: (
            status["phase"] == "Healthy" and status["versions"][0]["readyReplicas"] == replicas
        ),
    )
