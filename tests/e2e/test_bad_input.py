"""Fear: a slip in a spec takes down what serves."""

import pytest

from hack.demo.kubectl import KubectlError
from tests.builders.resources import a_canary_of
from tests.e2e.space import MODEL, Space


def test_a_spec_that_the_api_server_refuses_says_which_field_and_changes_nothing(
    space: Space,
) -> None:
    # given
    space.serve("v1")
    before = space.get("Model", MODEL)
    # when
    for wrong, told in (
        ({"replicas": -1}, "spec.replicas"),
        ({"strategy": a_canary_of({"setWeight": 101})}, "setWeight"),
        ({"strategy": {"blueGreen": {}, "canary": None}}, "blueGreen"),
        ({"version": None}, "exactly one of version and track"),
    ):
        with pytest.raises(KubectlError, match=told):
            space.edit(**wrong)
    # then
    assert space.get("Model", MODEL) == before


def test_a_version_that_does_not_exist_or_belongs_to_another_disturbs_nobody(
    space: Space,
) -> None:
    # given
    space.serve("v1")
    pods = {pod["metadata"]["uid"] for pod in space.pods_of("v1")}
    space.create_version("other-v1", model="other")
    for version, reason in (
        ("v9", "VersionNotFound"),
        ("other-v1", "VersionOfAnotherModel"),
    ):
        # when
        space.edit(version=version)
        # then
        _wait_until_refused(space, reason)
        assert space.condition("Model", MODEL, "Available")["status"] == "True"
        assert "spec.version" in space.status()["message"]
    assert {pod["metadata"]["uid"] for pod in space.pods_of("v1")} == pods
    # and all is well when the slip is mended
    space.edit(version="v1")
    space.wait_until_healthy("v1")


def test_a_version_cannot_be_edited(space: Space) -> None:
    space.create_version("v1")
    with pytest.raises(KubectlError, match="spec is immutable"):
        space.kubectl.merge("modelversion", space.name, "v1", {"spec": {"version": "9.9.9"}})


def _wait_until_refused(space: Space, reason: str) -> None:
    space.wait(reason, lambda: space.condition("Model", MODEL, "Accepted").get("reason") == reason)
