"""Fear: two versions at once, where only one may run."""

from tests.builders.resources import Manifest
from tests.e2e.artifacts import CANNOT_START, FAILS_ONE_IN_FIVE
from tests.e2e.space import Space

RECREATE: Manifest = {"recreate": {}}


def test_recreate_replaces_the_version(space: Space) -> None:
    # given
    space.serve("v1", strategy=RECREATE)
    # when
    space.create_version("v2")
    space.edit(version="v2")
    # then
    space.wait_until_healthy("v2")
    assert space.status()["history"][0]["outcome"] == "Promoted"


def test_recreate_goes_back_when_the_new_version_cannot_start(space: Space) -> None:
    # given
    space.serve("v1", strategy=RECREATE)
    # when
    space.create_version("v2", CANNOT_START)
    space.edit(version="v2")
    # then
    space.wait_until_rejected("v2")
    space.wait_for_status(
        "v1 serves again",
        lambda status: any(
            entry["name"] == "v1" and entry["share"] == 100 for entry in status["versions"]
        ),
    )


def test_a_version_that_fails_right_after_recreate_goes_back(space: Space) -> None:
    # given: no step at which the two could have been compared
    space.serve("v1", strategy=RECREATE)
    load = space.start_load(rate=60)
    # when
    space.create_version("v3", FAILS_ONE_IN_FIVE)
    space.edit(version="v3")
    # then: judged by what v1 answered while it served
    assert space.wait_until_rejected("v3", seconds=90)["reason"] == "ErrorRatioExceeded"
    space.wait(
        "v1 answers again",
        lambda: load.record.of("v1").last > load.record.of("v3").last,
        seconds=60,
    )
    assert load.record.of("v3").failures
