"""What is held against a server: for as long as it is so, and in words that do not change.

Each of these is a real server on loopback.
"""

from collections.abc import Callable
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.observed import EdgePod
from tests.builders.custom_gateways import a_custom_gateway, a_status
from tests.builders.gateways import NOW
from tests.contract.custom_gateway.asking import Asking
from tests.contract.custom_gateway.test_misbehaving import a_pod, serving

MOVE_FAILED = "POST /headgate/v1/move on port 8081 was answered 503"


class Scripted:
    """A server whose status a test sets, and that refuses all it is asked to do."""

    def __init__(self) -> None:
        self.status = a_status()
        self.why: Callable[[], str] = str

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.Response(status=503, text=self.why())
        return web.Response(body=self.status)


async def ask_to_move(asking: Asking, pod: EdgePod) -> None:
    await asking.servers.move(a_custom_gateway(pod), [Moves(pod=pod.name, count=1)], NOW)


async def test_a_refusal_is_told_while_it_is_asked_again(http: aiohttp.ClientSession) -> None:
    async with serving(Scripted().answer) as url:
        asking = Asking(http, url)
        for _ in range(6):
            await ask_to_move(asking, a_pod())
            asking.clock.now += 5
        seen = await asking.look(a_pod())
    assert seen.complaint == MOVE_FAILED


async def test_a_refusal_is_forgotten_once_nothing_is_asked_any_more(
    http: aiohttp.ClientSession,
) -> None:
    # given
    async with serving(Scripted().answer) as url:
        asking = Asking(http, url)
        await ask_to_move(asking, a_pod())
        # when
        asking.clock.now += 10
        seen = await asking.look(a_pod())
    # then
    assert (seen.connections, seen.complaint) == (100, "")


async def test_a_missed_status_after_a_refusal_is_no_complaint(http: aiohttp.ClientSession) -> None:
    # given
    server = Scripted()
    async with serving(server.answer) as url:
        asking = Asking(http, url)
        await ask_to_move(asking, a_pod())
        # when
        server.status = b""
        seen = await asking.look(a_pod())
    # then
    assert (seen.mute, seen.complaint) == (False, "")


async def test_what_was_amiss_before_a_restart_does_not_count_after_it(
    http: aiohttp.ClientSession,
) -> None:
    # given
    server = Scripted()
    server.status = b""
    async with serving(server.answer) as url:
        asking = Asking(http, url)
        await asking.look(a_pod())
        # when
        asking.clock.now += 10
        await asking.look(replace(a_pod(), ready_since=None))
        seen = await asking.look(a_pod())
    # then
    assert seen.complaint == ""


async def test_what_was_amiss_before_another_replica_led_does_not_count_after_it(
    http: aiohttp.ClientSession,
) -> None:
    # given
    server = Scripted()
    server.status = b""
    async with serving(server.answer) as url:
        asking = Asking(http, url)
        await asking.look(a_pod())
        # when
        asking.servers.stand_by()
        asking.clock.now += 3600
        seen = await asking.look(a_pod())
    # then
    assert seen.complaint == ""


async def test_a_pod_that_left_the_service_is_complained_of_also_when_it_is_not_ready(
    http: aiohttp.ClientSession,
) -> None:
    # given
    server = Scripted()
    server.status = b""
    async with serving(server.answer) as url:
        seen = await Asking(http, url).lasting(replace(a_pod(), serving=False, ready_since=None))
    # then
    assert seen.complaint == "GET /headgate/v1/status: its answer is no JSON"


async def test_a_value_that_is_wrong_each_time_otherwise_is_told_once(
    http: aiohttp.ClientSession,
) -> None:
    # given
    server = Scripted()
    told = set()
    async with serving(server.answer) as url:
        asking = Asking(http, url)
        # when
        for number in range(1, 5):
            server.status = a_status(connections=-number)
            told.add((await asking.look(a_pod())).complaint)
            asking.clock.now += 10
    # then
    first = "connections should be greater than or equal to 0, not -1"
    assert told == {"", f"GET /headgate/v1/status: {first}"}


async def test_a_refusal_with_other_words_each_time_is_told_and_logged_once(
    http: aiohttp.ClientSession,
) -> None:
    # given
    server = Scripted()
    words = iter(["at 12:00:01", "at 12:00:02", "at 12:00:03"])
    server.why = lambda: next(words)
    told = set()
    async with serving(server.answer) as url:
        asking = Asking(http, url)
        # when
        with capture_logs() as logged:
            for _ in range(3):
                await ask_to_move(asking, a_pod())
                told.add((await asking.look(a_pod())).complaint)
    # then
    assert told == {f"{MOVE_FAILED}: at 12:00:01"}
    assert len(logged) == 1


@pytest.mark.parametrize("code", [200, 400])
async def test_a_server_that_echoes_the_token_does_not_get_it_shown(
    http: aiohttp.ClientSession, code: int
) -> None:
    # given
    async def echoes(request: web.Request) -> web.Response:
        sent = request.headers["Authorization"]
        return web.Response(status=code, body=a_status(connections=sent))

    # when: of one of which only a part would be shown, no part is
    async with serving(echoes) as url:
        token = "t0ken" * 30
        seen = await Asking(http, url, token).lasting(a_pod())
    # then
    assert "Bearer [token]" in seen.complaint
    assert "t0ken" not in seen.complaint
