"""One connection to one server. It never reconnects by itself: that is connection.py's business."""

import asyncio
import contextlib
import logging
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from headgate.stream.access import Access, Timing
from headgate.stream.errors import (
    CredentialsRefusedError,
    NotAllowedError,
    ServerNotTrustedError,
    ServersUnreachableError,
    StreamError,
    TryAgainError,
)
from headgate.stream.lean_client import LeanClient

log = logging.getLogger("headgate.stream")

CLOSE_SECONDS = 1.0
LONGEST_CLOSE_SECONDS = 10.0

CALLERS_FAULTS = (
    nats.errors.MaxPayloadError,
    nats.errors.BadSubjectError,
    nats.errors.BadHeaderError,
)

_CLOSING: set[asyncio.Task[None]] = set()
"""Keeps the tasks alive: an event loop itself does not."""

OnMessage = Callable[[Msg], None]


class Link:
    """An open connection: events that tell when it is closed, and when it is that or to be left."""

    def __init__(self, url: str, client: LeanClient) -> None:
        self.url = url
        self.closed = asyncio.Event()
        self.ending = asyncio.Event()
        self._denials: deque[str] = deque(maxlen=16)
        self.server_id = ""
        self.last_error: Exception | None = None
        self._client = client

    async def subscribe(self, subject: str, on_message: OnMessage) -> Subscription:
        """Subscribe, and return when the server has taken it; `on_message` must not take long.

        TryAgainError: it went away. NotAllowedError: this user may not.
        """
        subscription = await self.listen(subject, on_message)
        try:
            await self._client.flush()
        except (nats.errors.Error, OSError) as error:
            raise TryAgainError(f"{self.url}: {error}") from error
        if denial := self.denied(subject):
            raise denial
        return subscription

    async def listen(self, subject: str, on_message: OnMessage) -> Subscription:
        """Subscribe without waiting: what is sent next comes after it. Raises TryAgainError."""
        try:
            return await self._client.subscribe_straight(subject, on_message)
        except (nats.errors.Error, OSError) as error:
            raise TryAgainError(f"{self.url}: {error}") from error

    async def unsubscribe(self, subscription: Subscription) -> None:
        """Take a subscription back; a connection that is gone has none."""
        with contextlib.suppress(nats.errors.Error, OSError):
            await subscription.unsubscribe()

    async def request(
        self, subject: str, data: bytes, seconds: float, headers: dict[str, str] | None = None
    ) -> Msg:
        """Return the answer to a request; TryAgainError if none came.

        It has a subject of its own. The library's usual way is one pattern for all answers, which
        every server of the cluster then keeps for each client, as long as that is connected.
        """
        try:
            return await self._client.request(
                subject, data, timeout=seconds, headers=headers, old_style=headers is None
            )
        except CALLERS_FAULTS as error:
            raise StreamError(f"{subject}: {error}") from error
        except (nats.errors.Error, OSError) as error:
            raise self.denied(subject) or TryAgainError(f"{subject}: {error!r}") from error

    async def send(self, subject: str, data: bytes, reply: str) -> None:
        """Send a request whose answers come to `reply`."""
        try:
            await self._client.publish(subject, data, reply=reply)
        except (nats.errors.Error, OSError) as error:
            raise TryAgainError(f"{subject}: {error!r}") from error

    def new_inbox(self) -> str:
        """Return a subject that nobody else uses."""
        return self._client.new_inbox()

    async def close(self) -> None:
        """Close it; nothing happens if it is closed.

        A peer that is gone, or a refused handshake, never acknowledges: the wait is bounded, and
        what is left of it goes on in the background for a while.
        """
        self._end()
        closing = asyncio.create_task(self._close_client())
        _CLOSING.add(closing)
        closing.add_done_callback(_CLOSING.discard)
        await asyncio.wait({closing}, timeout=CLOSE_SECONDS)

    async def _close_client(self) -> None:
        with contextlib.suppress(nats.errors.Error, OSError):
            async with asyncio.timeout(LONGEST_CLOSE_SECONDS):
                await self._client.close()
        transport: Any = self._client._transport  # noqa: SLF001  # a failed close leaves it open
        if transport:
            with contextlib.suppress(nats.errors.Error, OSError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    transport.close()
                    await transport.wait_closed()

    def denied(self, subject: str) -> NotAllowedError | None:
        """Return the refusal of a subject that the server has sent, if it has."""
        if not any(f'"{subject.lower()}"' in denial for denial in self._denials):
            return None
        return NotAllowedError(
            f"{self.url} does not let this user use {subject}: grant it in the user's permissions"
        )

    async def on_error(self, error: Exception) -> None:
        """Note what the connection complains of."""
        self.last_error = error
        if isinstance(error, nats.errors.UnexpectedEOF):
            self._end()  # sooner than on_closed, which waits for the peer's goodbye
        if "permissions violation" in str(error).lower():
            self._denials.append(str(error).lower())

    def stay(self) -> None:
        """Forget that the server asked this client to leave."""
        if not self.closed.is_set():
            self.ending.clear()

    def on_reading_ended(self, reading: "asyncio.Task[None]") -> None:
        """Note that nothing is read any more.

        The library's own closing may end in an error of its last write, and then tells nobody.
        """
        self._end()
        if not reading.cancelled() and (error := reading.exception()) is not None:
            log.debug("%s: %r", self.url, error)

    async def on_closed(self) -> None:
        """Note that it is closed."""
        self._end()

    async def on_lame_duck(self) -> None:
        """Note that the server asks this client to leave."""
        self.ending.set()

    def _end(self) -> None:
        self.closed.set()
        self.ending.set()


async def open_link(url: str, access: Access, timing: Timing, *, but_not: str = "") -> Link:
    """Connect to one address; an error says whether trying again can help.

    CredentialsRefusedError and ServerNotTrustedError: it cannot. ServersUnreachableError: it may;
    also if the address led to the server with the id `but_not`.
    """
    client = LeanClient(but_not=but_not)
    link = Link(url, client)
    try:
        async with asyncio.timeout(timing.connect_timeout):
            await _connect(client, link, access, timing)
    except BaseException as error:
        await link.close()
        if isinstance(error, nats.errors.Error | OSError):
            raise _explain(url, link.last_error or error) from error
        raise
    # There is no public way to either.
    link.server_id = str(client._server_info["server_id"])  # noqa: SLF001
    reading: asyncio.Task[None] | None = client._reading_task  # noqa: SLF001
    if reading is not None:
        reading.add_done_callback(link.on_reading_ended)
    return link


async def _connect(client: Client, link: Link, access: Access, timing: Timing) -> None:
    await client.connect(
        [link.url],
        name=access.name,
        user=access.user,
        password=access.password,
        token=access.token,
        user_credentials=access.credentials,
        tls=access.tls,
        inbox_prefix=access.inbox_prefix,
        allow_reconnect=False,
        max_reconnect_attempts=1,
        reconnect_time_wait=0,
        connect_timeout=max(1, int(timing.connect_timeout)),
        ping_interval=timing.ping_every,  # type: ignore[arg-type]  # it is only slept on
        error_cb=link.on_error,
        closed_cb=link.on_closed,
        lame_duck_mode_cb=link.on_lame_duck,
    )


def _explain(url: str, error: BaseException) -> StreamError:
    text = str(error)
    if "authorization violation" in text.lower():
        return CredentialsRefusedError(
            f"{url} refuses the user or the password: check them against the gateway's Secret"
        )
    if isinstance(error, nats.errors.SecureConnRequiredError):
        return ServerNotTrustedError(
            f"{url} offers no TLS, and was told nothing: give its listener a certificate, or take "
            "an address that begins with nats://"
        )
    if _is_about_certificates(error):
        return ServerNotTrustedError(
            f"{url}: {text}. Give `tls` a context that trusts the gateway's certificate authority, "
            "and an address that the certificate names"
        )
    return ServersUnreachableError(f"{url}: {text or type(error).__name__}")


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
