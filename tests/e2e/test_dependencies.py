"""Fear: a version takes traffic before what it needs, or keeps it after."""

from tests.builders.resources import a_canary_of
from tests.e2e.space import MODEL, QUICK_STEPS, Space

NEEDED = "features"


def test_a_version_waits_until_what_it_depends_on_serves(space: Space) -> None:
    # given
    space.create_version("v1", dependsOn=[{"name": "features-v1"}])
    space.create_model("v1")
    # then: a missing name is explained
    waiting = space.wait_for_status(
        "waits", lambda status: "features-v1" in status["message"], seconds=30
    )
    assert "there is no ModelVersion features-v1" in waiting["message"]
    assert not space.pods_of("v1")
    # when
    space.create_version("features-v1", model=NEEDED)
    space.create_model("features-v1", NEEDED)
    # then
    space.wait_until_healthy("features-v1", NEEDED)
    space.wait_until_healthy("v1")


def test_a_cycle_is_explained_and_nothing_starts(space: Space) -> None:
    # given
    space.create_version("v1", dependsOn=[{"name": "features-v1"}])
    space.create_version("features-v1", model=NEEDED, dependsOn=[{"name": "v1"}])
    # when
    space.create_model("v1")
    # then
    message = space.wait(
        "cycle named", lambda: space.condition("ModelVersion", "v1", "Accepted").get("message")
    )
    assert "features-v1" in message
    assert "is a cycle" in message
    accepted = space.wait(
        "not accepted",
        lambda: space.condition("Model", MODEL, "Accepted").get("reason") == "VersionNotAccepted",
    )
    assert accepted
    assert not space.pods_of("v1")


def test_going_back_moves_dependents_first(space: Space) -> None:
    # given: v2 of the one depends on v2 of the other, both promoted
    space.create_version("features-v1", model=NEEDED)
    space.create_model("features-v1", NEEDED)
    space.wait_until_healthy("features-v1", NEEDED)
    space.serve("v1")
    space.create_version("features-v2", model=NEEDED)
    space.edit(NEEDED, version="features-v2")
    space.wait_until_healthy("features-v2", NEEDED)
    space.create_version("v2", dependsOn=[{"name": "features-v2"}])
    space.edit(version="v2")
    space.wait_until_healthy("v2")
    # when
    space.edit(NEEDED, version="features-v1", strategy=QUICK_STEPS)
    # then: the needed one keeps its traffic until its dependent has left
    space.wait(
        "held back",
        lambda: "no longer depends on it" in space.status(NEEDED).get("message", ""),
    )
    assert _weight(space, NEEDED, "features-v2") == 100
    # when
    space.edit(version="v1", strategy=a_canary_of({"setWeight": 50}))
    # then
    space.wait_until_healthy("v1")
    space.wait_until_healthy("features-v1", NEEDED)


def _weight(space: Space, model: str, version: str) -> int:
    versions = space.status(model).get("versions") or []
    return next((int(e["weight"]) for e in versions if e["name"] == version), 0)
