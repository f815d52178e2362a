"""The page shows a stream: all of it, in order, and what it waits for when nothing comes."""

import itertools

import pytest
from nats.aio.client import Client

from tests.browser.gateway import Gateway
from tests.browser.live_page import LivePage
from tests.builders.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_stream_is_read_from_its_beginning(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await gateway.publish(stream, 300)
    # when
    await page.connect()
    await page.has_read(300)
    await gateway.publish(stream, 20, first=301)
    await page.has_read(320)
    # then
    assert await page.runs() == [[1, 320]]


async def test_what_is_drawn_is_what_came(page: LivePage, gateway: Gateway, stream: str) -> None:
    # given: scores that rise
    await gateway.make_stream(stream)
    await gateway.publish(stream, 250)
    # when
    await page.connect()
    await page.has_read(250)
    await page.shows("legend", "churn v1")
    # then: a line that rises, across the chart
    heights = await page.painted()
    assert len(heights) > 200
    assert all(left <= right + 0.02 for left, right in itertools.pairwise(heights))
    assert heights[-1] - heights[0] > 0.5


async def test_its_figures_stand_on_the_page(page: LivePage, gateway: Gateway, stream: str) -> None:
    await gateway.make_stream(stream)
    await gateway.publish(stream, 12)
    await page.connect()
    await page.shows("messages", "12")
    await page.shows("last", "12")
    await page.shows("sentence", f"Reading from {await page.server()}.")


async def test_a_fast_stream_is_read_to_its_last_message(
    page: LivePage, gateway: Gateway, stream: str, publisher: Client
) -> None:
    # given
    await gateway.make_stream(stream)
    await page.connect()
    await page.is_connected()
    # when: more than the page lets wait, without a pause
    for number in range(5000):
        await publisher.publish(f"{stream}.a", b'{"score": %d}' % number)
    await publisher.flush()
    # then
    await page.has_read(5000)
    assert await page.runs() == [[1, 5000]]


async def test_an_empty_stream_says_that_nothing_has_come(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    await gateway.make_stream(stream)
    await page.connect()
    await page.shows("quiet", "Nothing has come yet")


async def test_a_stream_that_falls_silent_says_for_how_long(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    await gateway.make_stream(stream)
    await gateway.publish(stream, 1)
    await page.connect()
    await page.has_read(1)
    await page.shows("quiet", "No message for")


async def test_messages_without_a_number_are_counted_though_nothing_can_be_drawn(
    page: LivePage, gateway: Gateway, stream: str, publisher: Client
) -> None:
    await gateway.make_stream(stream)
    await publisher.jetstream().publish(f"{stream}.a", b"hello")
    await page.connect()
    await page.shows("messages", "1")
    await page.shows("empty", "no number to draw")


async def test_another_stream_below_the_same_live_prefix_is_not_mixed_in(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    other = f"{stream}other"
    await gateway.make_stream(stream)
    await gateway.make_stream(other)
    await page.connect()
    await page.is_connected()
    # when
    await gateway.publish(other, 50, first=1001)
    await gateway.publish(stream, 10)
    await page.has_read(10)
    # then
    assert [point["value"] for point in await page.points()] == list(range(1, 11))


async def test_what_is_new_begins_with_the_next_message(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await gateway.publish(stream, 30)
    # when
    await page.page.locator("[name=from]").select_option("now")
    await page.connect()
    await page.shows("quiet", "Nothing has come yet")
    await gateway.publish(stream, 5, first=31)
    await page.has_read(5)
    # then
    assert await page.runs() == [[31, 35]]


async def test_the_user_who_disconnects_leaves_no_connection_behind(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await page.connect()
    await page.is_connected()
    await until(lambda: gateway.readers() == 1)
    # when
    await page.page.locator("#connect").click()
    # then
    await page.shows("state", "Disconnected")
    await until(lambda: gateway.readers() == 0)
