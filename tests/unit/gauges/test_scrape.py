"""Scraping real HTTP servers on loopback."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import structlog
from aiohttp import web

from headgate.gauges.scrape import MOST_SILENT, HttpScraper, Source

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = (
    "process_start_time_seconds 1.7e9\n"
    'headgate_requests_total{code="200"} 12345\n'
    + "".join(f'padding{{number="{number}"}} 1\n' for number in range(3_000))
    + 'headgate_requests_total{code="500"} 678\n'
)


@pytest.fixture
async def scraper() -> AsyncIterator[HttpScraper]:
    opened = HttpScraper()
    yield opened
    await opened.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[int]]]:
    """Start a server whose /metrics is a handler; return its port."""
    runners = []

    async def start(handler: Handler) -> int:
        application = web.Application()
        application.router.add_get("/metrics", handler)
        runner = web.AppRunner(application, shutdown_timeout=0)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    yield start
    for runner in runners:
        await runner.cleanup()


def a_source(port: int, pod: str = "v2-a") -> Source:
    return Source(pod=pod, version="v2", ip="127.0.0.1", port=port)


async def in_pieces(request: web.Request) -> web.StreamResponse:
    """Answer with a page that arrives in pieces, as large pages do."""
    response = web.StreamResponse()
    await response.prepare(request)
    for begin in range(0, len(PAGE), 20_000):
        await response.write(PAGE[begin : begin + 20_000].encode())
        await asyncio.sleep(0.01)
    return response


async def failing(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(PAGE.encode())


async def elsewhere(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://169.254.169.254/latest/meta-data")


async def test_a_page_that_comes_in_pieces_is_read_whole(
    scraper: HttpScraper, serve: Callable[[Handler], Awaitable[int]]
) -> None:
    # given
    port = await serve(in_pieces)
    # when
    (found,) = await scraper.scrape((a_source(port),))
    # then
    assert (found.requests, found.errors) == (12345 + 678, 678)


@pytest.mark.parametrize("broken", [failing, endless, elsewhere])
async def test_a_pod_that_cannot_be_read_is_left_out_and_the_others_are_read(
    broken: Handler, scraper: HttpScraper, serve: Callable[[Handler], Awaitable[int]]
) -> None:
    # given
    good, bad = await serve(in_pieces), await serve(broken)
    # when
    found = await scraper.scrape((a_source(bad, "v2-bad"), a_source(good, "v2-good")))
    # then
    assert [sample.pod for sample in found] == ["v2-good"]


async def test_a_pod_where_nobody_listens_is_left_out(scraper: HttpScraper) -> None:
    assert await scraper.scrape((a_source(1),)) == ()


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_left_packed(
    scraper: HttpScraper, serve: Callable[[Handler], Awaitable[int]]
) -> None:
    bomb = gzip.compress(b"\n" * 50_000_000)
    asked = []

    async def packed(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Accept-Encoding"))
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    tracemalloc.start()
    try:
        assert await scraper.scrape([a_source(await serve(packed))]) == ()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert asked == ["identity"]


async def test_no_connection_is_left_behind_that_a_draining_pod_would_wait_for(
    scraper: HttpScraper, serve: Callable[[Handler], Awaitable[int]]
) -> None:
    # given
    asked: list[web.Request] = []

    async def remembering(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return web.Response(text=PAGE)

    # when
    samples = await scraper.scrape([a_source(await serve(remembering))])
    # then
    assert len(samples) == 1
    assert not asked[0].keep_alive


async def test_a_silent_pod_is_logged_when_it_falls_silent_and_when_it_answers_again(
    scraper: HttpScraper, serve: Callable[[Handler], Awaitable[int]]
) -> None:
    # given
    answers: dict[str, Any] = {}

    async def moody(_request: web.Request) -> web.StreamResponse:
        return web.Response(**answers)

    source = a_source(await serve(moody))
    # when
    with structlog.testing.capture_logs() as logged:
        for status, text in [(500, ""), (500, ""), (500, ""), (200, "nonsense"), (200, PAGE)] * 2:
            answers |= {"status": status, "text": text}
            await scraper.scrape([source])
        await scraper.scrape([source])
    # then
    silences = ["pod not scraped", "pod not scraped", "pod scraped again"]
    assert [line["event"] for line in logged] == silences * 2


async def test_what_is_remembered_of_silent_pods_is_bounded(scraper: HttpScraper) -> None:
    for number in range(MOST_SILENT + 5):
        scraper._note_silence(a_source(1, f"v2-{number}"), TimeoutError())
    assert len(scraper._silent) == MOST_SILENT
