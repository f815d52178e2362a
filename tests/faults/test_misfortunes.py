"""A crash or a failed call at each write of a whole story in turn: it ends the same every time.

The story is a rollout that is promoted and one that goes back (story.py), told once for each of
its writes and each misfortune, several at a time, each in a namespace of its own.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.errors import Conflict, Throttled, Unavailable
from tests.builders.faults import FaultyKube
from tests.faults.conftest import NewNamespace
from tests.faults.story import EXPECTED, Story, a_story

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(900)]
AT_ONCE = 4

type Befall = Callable[[FaultyKube, int], None]


def dies_after(kube: FaultyKube, write: int) -> None:
    kube.crash_after(write)


def loses_the_answer(kube: FaultyKube, write: int) -> None:
    kube.lose_answer_of(write)


def is_refused(kube: FaultyKube, write: int) -> None:
    """Three answers in turn, so that each write meets one and each kind meets many writes."""
    errors = (
        Conflict(409, "Conflict", "the object has been modified"),
        Unavailable(500, "InternalError", "etcd has no leader"),
        Throttled(429, "TooManyRequests", "later", retry_after=1.0),
    )
    kube.fail_at(write, errors[write % len(errors)])


@pytest.fixture
async def without_misfortune(kube: KubeClient, new_namespace: NewNamespace) -> Story:
    story = a_story(kube, await new_namespace())
    assert await story.tell() == EXPECTED
    return story


async def test_at_rest_further_looks_write_nothing(without_misfortune: Story) -> None:
    story = without_misfortune
    before = len(story.faulty.writes)
    for _ in range(3):
        story.operator.start()  # a restart looks at everything anew
        await story.until_nothing_happens()
    assert story.faulty.writes[before:] == []


@pytest.mark.parametrize(
    "befall", [dies_after, loses_the_answer, is_refused], ids=lambda f: f.__name__
)
async def test_at_each_write_in_turn(
    befall: Befall,
    kube: KubeClient,
    new_namespace: NewNamespace,
    without_misfortune: Story,
) -> None:
    # given
    usual = without_misfortune
    room, wrong = asyncio.Semaphore(AT_ONCE), {}

    # when
    async def tell(write: int) -> None:
        async with room:
            story = a_story(kube, await new_namespace())
            befall(story.faulty, write)
            try:
                end = await story.tell()
                assert end == EXPECTED
                assert story.operator.lives + len(story.operator.failures) == 2
                told, once = Counter(story.operator.notes.told), Counter(usual.operator.notes.told)
                assert told <= once, f"told twice: {told - once}"
            except AssertionError as error:
                wrong[f"{write}: {usual.faulty.writes[write - 1]}"] = str(error)

    await asyncio.gather(*(tell(write) for write in range(1, len(usual.faulty.writes) + 1)))
    # then
    assert wrong == {}
