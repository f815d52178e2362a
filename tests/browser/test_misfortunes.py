"""Servers that leave, and servers that are gone: the page has every message once, in order."""

import asyncio
import re

import pytest

from tests.browser.gateway import Gateway
from tests.browser.live_page import LivePage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_server_that_asks_to_leave_is_left_for_another_without_a_reconnect(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await gateway.publish(stream, 20)
    await page.connect()
    await page.has_read(20)
    left = await page.server()
    # when
    enough = asyncio.Event()
    publishing = asyncio.create_task(gateway.publish_until(enough, stream, first=21))
    gateway.lame_duck(left)
    await page.shows("moves", "1")
    enough.set()
    last = await publishing
    await page.has_read(last)
    # then
    assert await page.runs() == [[1, last]]
    counters = await page.counters()
    assert (counters["reconnects"], counters["lost"]) == (0, 0)
    assert await page.server() != left
    await page.shows("log", "without a moment unconnected")


async def test_a_connection_that_is_asked_to_move_goes_to_another_server(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await page.connect()
    await page.is_connected()
    left = await page.server()
    # when
    await gateway.ask_to_move(left)
    await page.shows("moves", "1")
    await gateway.publish(stream, 20)
    await page.has_read(20)
    # then
    assert await page.runs() == [[1, 20]]
    assert await page.server() != left


async def test_a_server_that_cannot_be_left_is_read_from_and_the_page_says_why(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given: one address that leads to one server, as a forwarded port does
    await gateway.make_stream(stream)
    await page.connect(server=page.servers[0])
    await page.is_connected()
    # when
    await gateway.ask_to_move(await page.server())
    await page.shows("sentence", "leads to the server that is to be left")
    await gateway.publish(stream, 20)
    await page.has_read(20)
    # then
    assert await page.runs() == [[1, 20]]
    assert (await page.counters())["reconnects"] == 0


async def test_a_server_that_is_killed_costs_no_message(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await gateway.publish(stream, 20)
    await page.connect()
    await page.has_read(20)
    killed = await page.server()
    # when
    publishing = asyncio.create_task(gateway.publish(stream, 100, first=21, pause=0.01))
    gateway.kill(killed)
    await publishing
    await page.has_read(120)
    # then
    assert await page.runs() == [[1, 120]]
    await page.shows("reconnects", "1")
    await page.shows("log", f"{killed} is gone")


async def test_what_the_stream_let_go_of_meanwhile_is_reported(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    # given
    await gateway.make_stream(stream)
    await gateway.publish(stream, 10)
    await page.connect()
    await page.has_read(10)
    # when: no server is there while messages come and go
    for edge in gateway.engine.edges:
        gateway.kill(edge.name)
    await page.shows("state", "Reconnecting")
    await gateway.publish(stream, 20, first=11)
    await gateway.purge(stream, up_to=16)
    gateway.mend()
    await page.has_read(25)
    # then
    assert await page.runs() == [[1, 10], [16, 30]]
    await page.shows("lost", "5")
    await page.shows("log", "the stream no longer holds 11 to 15")


async def test_while_no_server_answers_the_page_says_which_attempt_failed(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    await gateway.make_stream(stream)
    await page.connect()
    await page.is_connected()
    for edge in gateway.engine.edges:
        gateway.kill(edge.name)
    await page.shows("sentence", re.compile(r"Attempt \d+ failed: ws://127\.0\.0\.1"))
