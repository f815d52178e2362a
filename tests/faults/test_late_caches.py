"""Caches that are behind the cluster: the story ends the same, and nobody is cut off on the way."""

import pytest

from headgate.kube.client import KubeClient
from tests.faults.conftest import NewNamespace
from tests.faults.operator_under_test import Lag
from tests.faults.story import EXPECTED, a_story

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(600)]


@pytest.mark.parametrize("changes", [1, 2, 5, 20])
async def test_by_some_changes(changes: int, kube: KubeClient, new_namespace: NewNamespace) -> None:
    story = a_story(kube, await new_namespace(), Lag(changes))
    assert await story.tell() == EXPECTED


@pytest.mark.parametrize("changes", [1, 5])
async def test_that_do_not_even_know_our_own_writes(
    changes: int, kube: KubeClient, new_namespace: NewNamespace
) -> None:
    """Stale statuses: a pass that works from one must fail on its version, not undo what was."""
    story = a_story(kube, await new_namespace(), Lag(changes, remembers=False))
    assert await story.tell() == EXPECTED


async def test_and_a_crash_while_they_are(kube: KubeClient, new_namespace: NewNamespace) -> None:
    for write in (5, 15, 25):
        story = a_story(kube, await new_namespace(), Lag(3))
        story.faulty.crash_after(write)
        assert await story.tell() == EXPECTED
