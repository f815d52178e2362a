"""What a user must be allowed is what the documentation says, and what is not allowed is named."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.live_page import LivePage
from tests.builders.nats_admin import NatsAdmin, connected
from tests.builders.nats_cluster import GUEST, READER, NatsCluster

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsCluster]:
    """One server whose users have permissions of their own."""
    with NatsCluster(tmp_path_factory.mktemp("server"), cores=1, edges=0) as cluster:
        yield cluster


@pytest_asyncio.fixture(loop_scope="session")
async def admin(server: NatsCluster) -> AsyncIterator[NatsAdmin]:
    async with connected(server) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    browser: Browser, address: str, server: NatsCluster, stream: str
) -> AsyncIterator[LivePage]:
    context = await browser.new_context()
    urls = [server.cores[0].websocket_url]
    opened = LivePage(page=await context.new_page(), servers=urls, stream=stream)
    await opened.open(address)
    yield opened
    await context.close()
    assert opened.faults == []


async def test_a_user_who_may_do_just_what_the_reference_says_can_read(
    page: LivePage, admin: NatsAdmin, stream: str
) -> None:
    # given
    await admin.create_stream(stream, num_replicas=1)
    await admin.publish(f"{stream}.a", 5)
    # when
    await page.connect(**READER)
    await page.has_read(5)
    await admin.publish(f"{stream}.a", 5, first=5)
    await page.has_read(10)
    # then
    assert await page.runs() == [[1, 10]]


async def test_a_subject_that_the_user_may_not_use_is_named(
    page: LivePage, admin: NatsAdmin, stream: str
) -> None:
    await admin.create_stream(stream, num_replicas=1)
    await page.connect(**GUEST)
    await page.shows("state", "Not allowed")
    await page.shows("sentence", f"does not let this user use live.{stream}.>")


async def test_a_stream_that_is_not_repeated_live_is_refused_in_words(
    page: LivePage, admin: NatsAdmin, stream: str
) -> None:
    await admin.create_stream(stream, num_replicas=1, republish=None)
    await page.connect(**READER)
    await page.shows("state", "Not live")
    await page.shows("sentence", "read it with the Python client")


async def test_a_stream_that_was_made_anew_is_told_of(
    page: LivePage, admin: NatsAdmin, stream: str
) -> None:
    # given
    await admin.create_stream(stream, num_replicas=1)
    await admin.publish(f"{stream}.a", 9)
    await page.connect(**READER)
    await page.has_read(9)
    # when
    await admin.ask(f"STREAM.DELETE.{stream}", {})
    await admin.create_stream(stream, num_replicas=1)
    await admin.publish(f"{stream}.b", 3)
    # then
    await page.shows("state", "Another stream")
    await page.shows("sentence", "ends at 3, but 9 was read before")
