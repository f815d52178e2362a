"""A real browser with the built page, and a gateway of real servers that each test mends."""

import functools
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.client import Client
from playwright.async_api import Browser, async_playwright

from hack.browser.chromium import find_chromium
from hack.browser.page import build_page
from tests.browser.gateway import Gateway
from tests.browser.live_page import LivePage
from tests.builders.nats_engine import Engine, connect

NUMBERS = count()
CHROMIUM_OPTIONS = (
    "--no-sandbox",  # it runs as root in CI, and opens nothing but our own page
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
on_one_loop = pytest_asyncio.fixture(loop_scope="session")
"""One browser serves all tests, so all of them run on its event loop."""


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and writes no line for each."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


@pytest.fixture(scope="session")
def chromium() -> Path:
    return find_chromium()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the page is served, as any server of files would."""
    handler = functools.partial(QuietHandler, directory=build_page())
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(folder=tmp_path_factory.mktemp("engine")) as started:
        yield started


@on_one_loop
async def operator(engine: Engine) -> AsyncIterator[Client]:
    client = await engine.connect_as_operator()
    yield client
    await client.close()


@on_one_loop
async def publisher(engine: Engine) -> AsyncIterator[Client]:
    client = await connect(engine.core[0].url)
    yield client
    await client.close()


@pytest.fixture
def gateway(engine: Engine, operator: Client, publisher: Client) -> Iterator[Gateway]:
    """A gateway with all of its servers, before and after."""
    used = Gateway(engine=engine, operator=operator, publisher=publisher)
    yield used
    used.mend()


@pytest.fixture
def stream() -> str:
    """A name that no other test uses."""
    return f"predictions{next(NUMBERS)}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield started
        await started.close()


@on_one_loop
async def page(
    browser: Browser, address: str, gateway: Gateway, stream: str
) -> AsyncIterator[LivePage]:
    """The page, open and not yet connected, in a profile of its own."""
    context = await browser.new_context()
    opened = LivePage(page=await context.new_page(), servers=gateway.websocket_urls, stream=stream)
    await opened.open(address)
    yield opened
    await context.close()
    assert opened.faults == []
