"""What cannot work is said on the page, with what to do about it."""

import pytest
from playwright.async_api import expect

from tests.browser.gateway import Gateway
from tests.browser.live_page import LivePage
from tests.builders.nats_engine import some_ports

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_wrong_password_is_refused_in_words(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    await gateway.make_stream(stream)
    await page.connect(password="guessed wrong")  # noqa: S106  # that is the point
    await page.shows("state", "Refused")
    await page.shows("sentence", "refuses the user “amy” or the password")


async def test_a_password_never_stands_in_the_pages_address(page: LivePage) -> None:
    await page.connect(password="guessed wrong")  # noqa: S106  # that is the point
    await page.shows("state", "Refused")
    assert "guessed" not in page.page.url


async def test_after_a_refusal_the_form_can_be_sent_again(
    page: LivePage, gateway: Gateway, stream: str
) -> None:
    await gateway.make_stream(stream)
    await page.connect(password="guessed wrong")  # noqa: S106  # that is the point
    await page.shows("state", "Refused")
    await page.connect()
    await page.is_connected()


async def test_a_stream_that_is_not_there_is_named(page: LivePage) -> None:
    await page.connect(stream="absent")
    await page.shows("state", "No such stream")
    await page.shows("sentence", "there is no stream “absent”")


async def test_an_address_where_nobody_answers_is_named(page: LivePage) -> None:
    (port,) = some_ports(1)
    await page.connect(server=f"ws://127.0.0.1:{port}")
    await page.shows("sentence", f"ws://127.0.0.1:{port}")
    await page.shows("sentence", "It is tried again")


async def test_an_address_that_is_none_is_not_sent(page: LivePage) -> None:
    await page.connect(server="predictions:8080")
    invalid = page.page.locator("[name=server]:invalid")
    await expect(invalid).to_have_count(1)
    await page.shows("state", "Disconnected")
