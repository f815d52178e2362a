"""Fear: a Model that follows its versions takes one that was not let through, or goes back to an
older one, because the operator died in between.
"""

from typing import Any

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.resources import MODEL_VERSIONS, MODELS
from tests.builders.resources import a_model, a_model_version
from tests.builders.validation import VALIDATION
from tests.faults.conftest import NewNamespace
from tests.faults.story import STEPS, Story, a_story

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(300)]
TRACK = {"policy": "NewestValidated"}


async def a_version(story: Story, name: str, validated: str, reason: str) -> None:
    """Create a version, and say of it what its own reconciler would."""
    manifest = a_model_version(
        name, story.namespace, version=f"{name[1:]}.0.0", validation=VALIDATION
    )
    made = await story.kube.create(MODEL_VERSIONS, story.namespace, manifest)
    condition = {
        "type": "Validated",
        "status": validated,
        "reason": reason,
        "message": f"{name}-run",
        "lastTransitionTime": "2026-11-24T00:00:00Z",
    }
    await story.kube.patch_status(
        MODEL_VERSIONS,
        story.namespace,
        name,
        {"conditions": [condition]},
        previous={},
        resource_version=made["metadata"]["resourceVersion"],
    )


async def the_status(story: Story) -> dict[str, Any]:
    model = await story.kube.get(MODELS, story.namespace, "churn")
    status: dict[str, Any] = model["status"]
    return status


@pytest.mark.parametrize("dies_after", [None, 1, 2, 9, 12, 14])
async def test_the_newest_validated_version_is_taken_and_the_others_are_passed_over(
    kube: KubeClient, new_namespace: NewNamespace, dies_after: int | None
) -> None:
    # given
    story = a_story(kube, await new_namespace())
    story.goes_back_to = "v1"
    if dies_after is not None:
        story.faulty.crash_after(dies_after)
    model = a_model(
        namespace=story.namespace, version=None, track=TRACK, replicas=2, strategy=STEPS
    )
    await kube.create(MODELS, story.namespace, model)
    # when: one is validated, and one that came later is not
    await a_version(story, "v1", "True", "PolicyPassed")
    await a_version(story, "v2", "False", "PolicyFailed")
    await story.until_nothing_happens()
    # then
    status = await the_status(story)
    assert (status["phase"], status["stableVersion"]) == ("Healthy", "v1")
    assert "v2 is passed over: v2-run" in status["message"]
    # when: the next one fails under traffic
    await a_version(story, "v3", "True", "PolicyPassed")
    await story.until_nothing_happens()
    # then: what served does so again, and v3 is not taken twice
    status = await the_status(story)
    assert (status["stableVersion"], status["tracked"]["version"]) == ("v1", "v3")
    assert [entry["name"] for entry in status["rejected"]] == ["v3"]
    # when: a good one comes, and is deleted once it serves
    await a_version(story, "v4", "True", "PolicyPassed")
    await story.until_nothing_happens()
    assert (await the_status(story))["stableVersion"] == "v4"
    made = await kube.get(MODEL_VERSIONS, story.namespace, "v4")
    await kube.delete(MODEL_VERSIONS, story.namespace, "v4", uid=made["metadata"]["uid"])
    await story.until_nothing_happens()
    # then
    status = await the_status(story)
    assert (status["stableVersion"], status["tracked"]["version"]) == ("v4", "v4")
    assert status["versions"][0]["weight"] + status["versions"][-1]["weight"] == 100
