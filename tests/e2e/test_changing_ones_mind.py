"""Fear: a change in the middle of a rollout leaves something half done."""

from tests.builders.resources import a_canary_of
from tests.e2e.space import QUICK_STEPS, Space

WAITS = a_canary_of({"setWeight": 50}, {"pause": {}})


def test_a_newer_version_takes_the_place_of_one_under_way(space: Space) -> None:
    # given
    space.serve("v1", strategy=WAITS)
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_at_pause("v2")
    # when
    space.create_version("v3")
    space.edit(version="v3")
    # then
    space.wait_at_pause("v3")
    status = space.status()
    assert status["stableVersion"] == "v1"
    assert status["history"][0]["outcome"] == "Superseded"
    space.wait("v2 gone", lambda: not space.pods_of("v2"))
    # and on to the end
    space.edit(strategy=QUICK_STEPS)
    space.wait_until_healthy("v3")


def test_naming_the_stable_version_again_gives_the_rollout_up(space: Space) -> None:
    # given
    space.serve("v1", strategy=WAITS)
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_at_pause("v2")
    # when
    space.edit(version="v1")
    # then
    space.wait_until_healthy("v1")
    assert not space.status().get("rejected")
    space.wait("v2 gone", lambda: not space.pods_of("v2"))


def test_naming_the_version_before_goes_back_to_it(space: Space) -> None:
    # given: steps that nobody is there to promote
    space.serve("v1")
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_until_healthy("v2")
    # when
    space.edit(version="v1", strategy=WAITS)
    # then: it served well just before, so it is not put on trial
    space.wait_until_healthy("v1", seconds=45)


def test_paused_holds_the_rollout_where_it_is(space: Space) -> None:
    # given
    space.serve("v1", strategy=a_canary_of({"setWeight": 50}, {"pause": {"duration": "5s"}}))
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_for_status("v2 has traffic", lambda status: status.get("step") == "1/2")
    # when
    space.edit(paused=True)
    held = space.wait_for_status("paused", lambda status: status["phase"] == "Paused")
    # then
    assert held["step"] == "1/2"
    assert space.condition("Model", "lookup", "Available")["status"] == "True"
    # when
    space.edit(paused=False)
    # then
    space.wait_until_healthy("v2")
