"""The fault table: whatever happens to the watch, the cache is right again soon after.

While the watch is away, one object changes, one is deleted, one is created. Then the cache must
equal the cluster, the delete must have been reported, and few requests may have been made.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.session import KubeSession
from tests.builders.following import Follower, Notebook, eventually, following
from tests.builders.proxy import (
    FaultProxy,
    any_request,
    gone_event,
    hangs,
    is_list,
    is_watch,
    refuses,
    sends_events,
)

pytestmark = pytest.mark.apiserver

type Outage = Callable[[FaultProxy], Coroutine[Any, Any, None]]


async def is_cut_then_503_for_a_moment(proxy: FaultProxy) -> None:
    fault = proxy.fault(is_watch, refuses(503))
    proxy.cut_connections()
    await asyncio.sleep(0.2)
    proxy.lift(fault)


async def says_410_in_an_event(proxy: FaultProxy) -> None:
    proxy.fault(is_watch, sends_events(gone_event()), times=1)
    proxy.cut_connections()


async def answers_410(proxy: FaultProxy) -> None:
    proxy.fault(is_watch, refuses(410, "Expired"), times=1)
    proxy.cut_connections()


async def says_429_with_retry_after_2(proxy: FaultProxy) -> None:
    fault = proxy.fault(any_request, refuses(429, "TooManyRequests", Retry_After="2"))
    proxy.cut_connections()
    await asyncio.sleep(1.9)
    proxy.lift(fault)


async def answers_503_for_5_seconds(proxy: FaultProxy) -> None:
    fault = proxy.fault(any_request, refuses(503))
    proxy.cut_connections()
    await asyncio.sleep(5)
    proxy.lift(fault)


async def refuses_connections_for_3_seconds(proxy: FaultProxy) -> None:
    await proxy.refuse_connections()
    await asyncio.sleep(3)
    await proxy.start()


async def loses_its_list_page(proxy: FaultProxy) -> None:
    proxy.fault(is_watch, refuses(410, "Expired"), times=1)
    proxy.fault(is_list, refuses(410, "Expired"), times=1)
    proxy.cut_connections()


async def fails_inside(proxy: FaultProxy) -> None:
    status = {"kind": "Status", "code": 500, "reason": "InternalError", "message": "no leader"}
    proxy.fault(is_watch, sends_events({"type": "ERROR", "object": status}), times=1)
    proxy.cut_connections()


async def forbids_for_a_second(proxy: FaultProxy) -> None:
    fault = proxy.fault(any_request, refuses(403, "Forbidden"))
    proxy.cut_connections()
    await asyncio.sleep(1)
    proxy.lift(fault)


async def speaks_something_else(proxy: FaultProxy) -> None:
    proxy.fault(is_watch, sends_events({"type": "ADDED", "object": {"surprise": True}}), times=1)
    proxy.cut_connections()


# How many requests the reflector may send from the outage's begin until it is right again.
OUTAGES: list[tuple[Outage, int]] = [
    (is_cut_then_503_for_a_moment, 4),
    (says_410_in_an_event, 3),
    (answers_410, 3),
    (says_429_with_retry_after_2, 2),
    (answers_503_for_5_seconds, 8),
    (refuses_connections_for_3_seconds, 2),
    (loses_its_list_page, 4),
    (fails_inside, 3),
    (forbids_for_a_second, 6),
    (speaks_something_else, 3),
]


@contextlib.asynccontextmanager
async def a_followed_notebook(
    proxied: KubeSession, kube: KubeClient, namespace: str
) -> AsyncIterator[tuple[Notebook, Follower]]:
    notebook = Notebook(kube, namespace)
    await notebook.write("stays", "1")
    await notebook.write("goes", "1")
    async with following(proxied, namespace) as follower:
        await eventually(lambda: len(follower.texts()) == 2)
        yield notebook, follower


async def change_all(notebook: Notebook) -> None:
    await notebook.edit("stays", "2")
    await notebook.tear_out("goes")
    await notebook.write("comes", "1")


@pytest.mark.parametrize(
    ("outage", "requests"), OUTAGES, ids=lambda it: getattr(it, "__name__", "")
)
async def test_the_cache_is_right_again_after_the_server(
    proxy: FaultProxy,
    proxied: KubeSession,
    kube: KubeClient,
    namespace: str,
    outage: Outage,
    requests: int,
) -> None:
    async with a_followed_notebook(proxied, kube, namespace) as (notebook, follower):
        # given a watch that stands, and an outage in which everything changes
        await eventually(lambda: proxy.requested(is_watch) == 1)
        before = proxy.requested()
        async with asyncio.TaskGroup() as group:
            group.create_task(outage(proxy))
            group.create_task(change_all(notebook))
        # then
        await eventually(lambda: follower.texts() == {"stays": "2", "comes": "1"}, within=8)
        assert follower.heard_of("stays") == [(None, "1"), ("1", "2")]
        assert follower.heard_of("goes") == [(None, "1"), ("1", None)]
        assert follower.heard_of("comes") == [(None, "1")]
        assert proxy.requested() - before <= requests
        # and it follows again
        await notebook.edit("stays", "3")
        await eventually(lambda: follower.texts()["stays"] == "3", within=8)


async def test_a_watch_that_ends_at_its_time_is_taken_up_without_a_list(
    proxy: FaultProxy,
    proxied: KubeSession,
    kube: KubeClient,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("headgate.kube.reflector.WATCH_SERVER_SECONDS", 2)
    monkeypatch.setattr("headgate.kube.reflector.PROVEN_WATCH_SECONDS", 0.5)
    async with a_followed_notebook(proxied, kube, namespace) as (notebook, follower):
        await eventually(lambda: proxy.requested(is_watch) == 3)
        await change_all(notebook)
        await eventually(lambda: follower.texts() == {"stays": "2", "comes": "1"})
        assert proxy.requested(is_list) == 1


async def test_a_reconnect_starts_from_the_last_bookmark(
    proxy: FaultProxy, proxied: KubeSession, kube: KubeClient, namespace: str
) -> None:
    notebook = Notebook(kube, namespace)
    version = (await notebook.write("stays", "1"))["metadata"]["resourceVersion"]
    later = str(int(version) + 1)
    bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": later}}}
    proxy.fault(is_watch, sends_events(bookmark), times=1)
    async with following(proxied, namespace):
        await eventually(lambda: proxy.requested(is_watch) == 2)
    asked = [request.query["resourceVersion"] for request in proxy.requests if is_watch(request)]
    assert asked[1] == later


async def test_an_event_cut_in_the_middle_is_not_taken_for_an_event(
    proxy: FaultProxy, proxied: KubeSession, kube: KubeClient, namespace: str
) -> None:
    async with a_followed_notebook(proxied, kube, namespace) as (notebook, follower):
        await eventually(lambda: proxy.requested(is_watch) == 1)
        await notebook.write("large", "x" * 900_000)
        await asyncio.sleep(0.005)
        proxy.cut_connections()
        await eventually(lambda: len(follower.texts()) == 3)
        assert follower.texts() == await notebook.texts()


async def test_refresh_does_not_wait_for_a_watch_that_hangs(
    proxy: FaultProxy, proxied: KubeSession, kube: KubeClient, namespace: str
) -> None:
    proxy.fault(is_watch, sends_events(then_hang=True), times=1)
    async with a_followed_notebook(proxied, kube, namespace) as (notebook, follower):
        await change_all(notebook)
        assert follower.reflector is not None
        async with asyncio.timeout(2):
            await follower.reflector.refresh()
        assert follower.texts() == {"stays": "2", "comes": "1"}


async def test_a_watch_that_always_ends_at_once_does_not_become_a_hot_loop(
    proxy: FaultProxy, proxied: KubeSession, kube: KubeClient, namespace: str
) -> None:
    proxy.fault(is_watch, sends_events())
    async with a_followed_notebook(proxied, kube, namespace):
        await asyncio.sleep(5)
    assert proxy.requested(is_watch) <= 8


async def test_a_watch_that_is_always_gone_does_not_list_in_a_hot_loop(
    proxy: FaultProxy, proxied: KubeSession, kube: KubeClient, namespace: str
) -> None:
    proxy.fault(is_watch, refuses(410, "Expired"))
    async with a_followed_notebook(proxied, kube, namespace):
        await asyncio.sleep(5)
    assert proxy.requested() <= 16


async def test_a_first_list_that_hangs_does_not_keep_the_next_from_coming(
    proxy: FaultProxy,
    proxied: KubeSession,
    kube: KubeClient,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("headgate.kube.reflector.LIST_SECONDS", 1)
    proxy.fault(is_list, hangs, times=1)
    async with a_followed_notebook(proxied, kube, namespace) as (_, follower):
        assert follower.texts() == {"stays": "1", "goes": "1"}
