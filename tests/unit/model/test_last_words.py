"""What a container said before it ended, from the kubelet's report to the reason of a rejection."""

import json

from headgate.core.reasons import Reason
from headgate.model.decide.health import told_by
from headgate.model.projections import project_pod
from tests.builders.resources import Manifest


def a_pod_that_said(message: str) -> Manifest:
    ended = {"exitCode": 4, "message": message}
    status = {"name": "fetch", "restartCount": 1, "lastState": {"terminated": ended}}
    return {
        "metadata": {"namespace": "team-a", "name": "pod", "uid": "u", "resourceVersion": "1"},
        "status": {"initContainerStatuses": [status]},
    }


def test_the_longest_message_of_our_own_servers_is_read_whole() -> None:
    """Cut anywhere it is no JSON, and the version would be said to crash for no reason."""
    long = "x" * 1000
    said = json.dumps({"reason": "ArtifactInvalid", "message": long})
    (container,) = project_pod(a_pod_that_said(said)).seen.containers
    told = told_by(container)
    assert told is not None
    assert (told.reason, told.message) == (Reason.ARTIFACT_INVALID, long)


def test_what_others_say_is_kept_no_longer_than_the_kubelet_keeps_it() -> None:
    (container,) = project_pod(a_pod_that_said("y" * 50_000)).seen.containers
    assert len(container.exit_message) <= 4096
