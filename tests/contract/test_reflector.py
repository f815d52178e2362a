"""A cache keeps up with the cluster, and is never behind our own writes."""

import asyncio

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.session import KubeSession
from tests.builders.following import CONFIG_MAPS, Note, Notebook, eventually, following

pytestmark = pytest.mark.apiserver


@pytest.fixture
def notebook(kube: KubeClient, namespace: str) -> Notebook:
    return Notebook(kube, namespace)


async def test_what_exists_is_listed_and_what_happens_is_heard(
    session: KubeSession, notebook: Notebook
) -> None:
    await notebook.write("old", "1")
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.synced)
        assert follower.texts() == {"old": "1"}
        await notebook.write("new", "2")
        await notebook.edit("old", "3")
        await notebook.tear_out("new")
        await eventually(lambda: follower.texts() == {"old": "3"})
    assert follower.heard_of("old") == [(None, "1"), ("1", "3")]
    assert follower.heard_of("new") == [(None, "2"), ("2", None)]


async def test_more_objects_than_a_page_are_all_listed(
    session: KubeSession, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate.kube.reflector.PAGE_SIZE", 4)
    for number in range(11):
        await notebook.write(f"n{number}", str(number))
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.synced)
        assert follower.texts() == await notebook.texts()


async def test_objects_are_found_by_their_index_as_they_change(
    session: KubeSession, notebook: Notebook
) -> None:
    await notebook.write("one", "red")
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.by_index("red") == [Note("one", "red")])
        await notebook.edit("one", "blue")
        await eventually(lambda: follower.cache.by_index("blue") == [Note("one", "blue")])
        assert follower.cache.by_index("red") == []


async def test_what_the_projection_drops_is_neither_kept_nor_reported(
    session: KubeSession, notebook: Notebook
) -> None:
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.synced)
        await notebook.write("ignored-1", "x")
        await notebook.write("kept", "y")
        await eventually(lambda: follower.texts() == {"kept": "y"})
        assert follower.heard_of("ignored-1") == []


async def test_our_own_write_is_read_at_once_and_reported_by_the_watch(
    session: KubeSession, notebook: Notebook
) -> None:
    async with following(session, notebook.namespace) as follower:
        await notebook.write("one", "1")
        await eventually(lambda: follower.texts() == {"one": "1"})
        written = await notebook.edit("one", "2")
        follower.cache.remember(written)
        assert follower.texts() == {"one": "2"}
        await eventually(lambda: follower.heard_of("one") == [(None, "1"), ("1", "2")])


async def test_a_write_of_ours_does_not_hide_what_others_wrote_before_it(
    session: KubeSession, notebook: Notebook
) -> None:
    async with following(session, notebook.namespace) as follower:
        await notebook.write("one", "1")
        await eventually(lambda: follower.texts() == {"one": "1"})
        await notebook.edit("one", "theirs")
        kube = notebook.kube
        patch = {"metadata": {"annotations": {"ours": "1"}}}
        follower.cache.remember(await kube.patch(CONFIG_MAPS, notebook.namespace, "one", patch))
        await eventually(lambda: ("1", "theirs") in follower.heard_of("one"))


async def test_the_late_answer_to_a_write_does_not_bring_back_what_was_deleted_since(
    session: KubeSession, notebook: Notebook
) -> None:
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.synced)
        answer = await notebook.write("ghost", "1")
        await notebook.tear_out("ghost")
        await eventually(lambda: follower.heard_of("ghost") == [(None, "1"), ("1", None)])
        follower.cache.remember(answer)
        assert follower.texts() == {}


async def test_an_object_created_again_under_its_old_name_is_the_new_one(
    session: KubeSession, notebook: Notebook
) -> None:
    await notebook.write("one", "old")
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.texts() == {"one": "old"})
        await notebook.tear_out("one")
        follower.cache.remember(await notebook.write("one", "new"))
        assert follower.texts() == {"one": "new"}
        await eventually(lambda: follower.heard_of("one")[-1][1] == "new")
        assert follower.texts() == {"one": "new"}


async def test_refresh_returns_with_everything_that_was_written_before_it(
    session: KubeSession, notebook: Notebook
) -> None:
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.synced)
        assert follower.reflector is not None
        for number in range(5):
            await notebook.write(f"n{number}", str(number))
            await follower.reflector.refresh()
            assert follower.texts() == await notebook.texts()


async def test_several_refreshes_at_once_all_return(
    session: KubeSession, notebook: Notebook
) -> None:
    async with following(session, notebook.namespace) as follower:
        assert follower.reflector is not None
        async with asyncio.timeout(10):
            await asyncio.gather(*(follower.reflector.refresh() for _ in range(5)))


async def test_an_object_of_a_megabyte_passes(session: KubeSession, notebook: Notebook) -> None:
    async with following(session, notebook.namespace) as follower:
        await eventually(lambda: follower.cache.synced)
        large = "x" * 1_000_000
        await notebook.write("large", large)
        await eventually(lambda: follower.texts() == {"large": large})
