"""Whether a message goes all the way: in at the core, out at one edge, as a client sees it."""

import asyncio
import ssl

import nats
from nats.aio.client import Client
from nats.errors import Error

from headgate.streamgateway.engines.nats.errors import CoreUnreachableError
from headgate.streamgateway.engines.nats.users import OPERATOR_USER

SUBJECT = "headgate.probe"
WITHIN_SECONDS = 3.0


async def delivers(core: Client, url: str, password: str, name: str) -> str:
    """Return why no message arrives at the server behind `url`; empty: it does.

    `url` is of the edge's own address (nats, tls, ws or wss). Its certificate is not checked: it
    names the Service, and what is asked here is whether messages pass. CoreUnreachableError where
    it is the core's connection that fails.
    """
    subject = f"{SUBJECT}.{name}"
    arrived = asyncio.Event()

    refusals: list[Exception] = []

    async def note(_message: object) -> None:
        arrived.set()

    async def refuse(error: Exception) -> None:
        refusals.append(error)  # the library tries again, and says so to nobody

    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            edge = await nats.connect(
                url,
                user=OPERATOR_USER,
                password=password,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                connect_timeout=2,
                error_cb=refuse,
                name=f"headgate-probe-{name}",
                tls=_unchecked() if url.startswith(("tls:", "wss:")) else None,
            )
            try:
                await edge.subscribe(subject, cb=note)
                await edge.flush()
                while not arrived.is_set():  # the interest takes a moment to reach the core
                    await _send(core, subject)
                    await asyncio.sleep(0.1)
            finally:
                await edge.close()
    except TimeoutError:
        why = f": {refusals[-1]!r}" if refusals else ""
        return f"no message came through within {WITHIN_SECONDS:g} s{why}"
    except (Error, OSError) as error:
        return f"a connection is refused: {error!r}"
    return ""


async def _send(core: Client, subject: str) -> None:
    try:
        await core.publish(subject, b"")
    except Error as error:
        raise CoreUnreachableError(f"the core's connection fails: {error!r}") from error


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
