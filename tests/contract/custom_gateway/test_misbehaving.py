"""Servers that answer garbage, too much, too late or not at all: told in words, and never believed.

Each of these is a real server on loopback.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.observed import EdgePod
from tests.builders.custom_gateways import a_status
from tests.builders.gateways import NOW, an_edge
from tests.contract.custom_gateway.asking import Asking, leaving

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """Answer everything so; yield the URL."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


def a_pod() -> EdgePod:
    silent = {"connections": None, "arrived": None, "slow_consumers": None}
    return an_edge(0, ip="127.0.0.1", control_port=8081, **silent)


async def garbage(_: web.Request) -> web.Response:
    return web.Response(body=b"\x00\xff<html>")


async def lies(_: web.Request) -> web.Response:
    return web.Response(body=a_status(connections=-1))


async def fails(_: web.Request) -> web.Response:
    return web.Response(status=500, text="Traceback\n\x1b[31mboom")


async def sends_elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPTemporaryRedirect("http://169.254.169.254/latest")


async def huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" " * 4096)
    return response


async def never(_: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def trickles(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (garbage, "GET /headgate/v1/status: its answer is no JSON"),
        (lies, "GET /headgate/v1/status: connections should be greater than or equal to 0, not -1"),
        (fails, "was answered 500: Traceback [31mboom"),
        (sends_elsewhere, "was answered 307"),
        (huge, "was answered with more than 65536 bytes"),
        (never, "was not answered within 1.5 s"),
        (trickles, "was not answered within 1.5 s"),
    ],
)
async def test_what_is_wrong_with_an_answer_is_told_and_no_figure_is_made_of_it(
    http: aiohttp.ClientSession, answer: Answer, told: str
) -> None:
    async with serving(answer) as url:
        seen = await Asking(http, url).lasting(a_pod())
    assert told in seen.complaint
    assert (seen.connections, seen.arrived, seen.deliveries_per_second) == (None, None, None)


async def test_one_bad_answer_is_no_complaint(http: aiohttp.ClientSession) -> None:
    async with serving(garbage) as url:
        seen = await Asking(http, url).look(a_pod())
    assert (seen.connections, seen.complaint) == (None, "")


async def test_a_complaint_ends_with_a_good_answer(http: aiohttp.ClientSession) -> None:
    # given
    answers = [b"", b"", a_status(), b""]

    async def recovers(_: web.Request) -> web.Response:
        return web.Response(body=answers.pop(0))

    # when
    async with serving(recovers) as url:
        asking = Asking(http, url)
        complaints = []
        for _ in range(4):
            complaints.append((await asking.look(a_pod())).complaint)
            asking.clock.now += 10
    # then: what comes after it begins anew
    assert [bool(each) for each in complaints] == [False, True, False, False]


async def test_a_pod_that_only_starts_is_not_complained_of(http: aiohttp.ClientSession) -> None:
    starting = replace(a_pod(), ready_since=None)
    async with serving(fails) as url:
        seen = await Asking(http, url).lasting(starting)
    assert seen.complaint == ""


async def test_a_drain_that_is_refused_is_told_until_it_is_not(
    http: aiohttp.ClientSession,
) -> None:
    # given
    codes = [500, 204]

    async def drains_at_last(request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.Response(status=codes.pop(0))
        return web.Response(body=a_status())

    async with serving(drains_at_last) as url:
        asking, pod = Asking(http, url), a_pod()
        moves = [Moves(pod=pod.name, count=1)]
        # when
        await asking.servers.move(leaving(pod), moves, NOW)
        refused = await asking.ask(pod)
        await asking.servers.move(leaving(pod), moves, NOW)
        done = await asking.ask(pod)
    # then: and nobody counts as asked before
    assert refused.edges[0].complaint == "POST /headgate/v1/drain on port 8081 was answered 500"
    assert (refused.edges[0].connections, refused.asked_at) == (100, None)
    assert (done.edges[0].complaint, done.asked_at) == ("", NOW)


async def test_the_token_is_not_sent_where_an_answer_points(http: aiohttp.ClientSession) -> None:
    # given
    seen: list[str] = []

    async def thief(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(body=a_status())

    async with serving(thief) as elsewhere:

        async def points(_: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(elsewhere)

        # when
        async with serving(points) as url:
            await Asking(http, url).look(a_pod())
    # then
    assert seen == []
