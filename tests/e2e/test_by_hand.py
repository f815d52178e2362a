"""Fear: the rollout does not do what I ask of it."""

import subprocess
import sys

from tests.builders.resources import a_canary_of
from tests.e2e.artifacts import CANNOT_START
from tests.e2e.space import MODEL, Space

TWO_PAUSES = a_canary_of(
    {"setWeight": 30}, {"pause": {}}, {"setWeight": 60}, {"pause": {}}, {"setWeight": 90}
)


def plugin(space: Space, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kubectl headgate as a user does."""
    command = [sys.executable, "-m", "headgate.cli", arguments[0], MODEL, *arguments[1:]]
    target = ["-n", space.name, "--kubeconfig", str(space.kubectl.kubeconfig)]
    return subprocess.run(
        [*command, *target], capture_output=True, text=True, check=False, timeout=60
    )


def test_promote_goes_past_one_pause_and_full_past_all_of_them(space: Space) -> None:
    # given
    space.serve("v1", strategy=TWO_PAUSES)
    space.create_version("v2")
    space.edit(version="v2")
    waiting = space.wait_at_pause("v2")
    assert waiting["step"] == "1/5"
    # when
    done = plugin(space, "promote")
    # then
    assert done.returncode == 0, done.stderr
    assert "goes past the pause" in done.stdout
    space.wait_for_status("second pause", lambda status: status.get("step") == "3/5")
    # when
    done = plugin(space, "promote", "--full")
    # then
    assert done.returncode == 0, done.stderr
    space.wait_until_healthy("v2")


def test_abort_takes_the_version_back_and_retry_lets_it_try_again(space: Space) -> None:
    # given
    space.serve("v1", strategy=TWO_PAUSES)
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_at_pause("v2")
    # when
    done = plugin(space, "abort")
    # then
    assert done.returncode == 0, done.stderr
    assert space.wait_until_rejected("v2")["reason"] == "AbortedByRequest"
    # when
    done = plugin(space, "retry")
    # then
    assert done.returncode == 0, done.stderr
    space.wait_at_pause("v2")
    assert not space.status().get("rejected")


def test_what_cannot_be_done_is_refused_with_a_reason(space: Space) -> None:
    # given
    space.serve("v1")
    # then: by the plugin where it can see that itself
    refused = plugin(space, "abort")
    assert refused.returncode == 1
    assert "no rollout is under way" in refused.stderr
    # and by the operator
    refused = plugin(space, "abort", "--version", "v7")
    assert refused.returncode == 1
    assert "no rollout of it is under way" in refused.stderr


def test_a_request_is_an_annotation_that_needs_no_plugin(space: Space) -> None:
    # given
    space.serve("v1", strategy=TWO_PAUSES)
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_at_pause("v2")
    # when
    request = "promote-full/v2/by-hand-1"
    space.kubectl.run(
        "annotate", "model", MODEL, "-n", space.name, f"headgate.dev/request={request}"
    )
    # then
    space.wait_until_healthy("v2")
    last = space.status()["lastRequest"]
    assert (last["value"], last["outcome"]) == (request, "RequestHandled")


def test_status_shows_a_rollout_that_went_back(space: Space) -> None:
    # given
    space.serve("v1")
    space.create_version("v2", CANNOT_START)
    space.edit(version="v2")
    space.wait_until_rejected("v2")
    # when
    shown = plugin(space, "status").stdout
    # then
    assert f"{space.name}/{MODEL}" in shown
    assert "v2  ModelUnloadable" in shown
    assert "stable" in shown
