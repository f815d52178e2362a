"""The operator's own connections to a gateway's core."""

from collections.abc import Sequence

from nats.aio.client import Client
from nats.errors import Error

from headgate.streamgateway.engines.nats.errors import CoreUnreachableError, LoginRefusedError

NAME = "headgate-operator"
CONNECT_SECONDS = 2
REFUSED = "authorization violation"
"""What the server says, and the library hands on as an error of no kind of its own."""


async def open_session(servers: Sequence[str], user: str, password: str) -> Client:
    """Return a connection to the first of the servers (nats:// URLs) that takes one.

    It does not come back by itself: once lost, each request raises CoreUnreachableError and
    whoever holds it opens another. The library's own way back would go on for ever with a
    password that has changed. LoginRefusedError when a server does not take the password,
    CoreUnreachableError when none answers.
    """
    told: list[str] = []
    for server in servers:
        client = Client()
        try:
            await client.connect(
                server,
                user=user,
                password=password,
                name=NAME,
                connect_timeout=CONNECT_SECONDS,
                allow_reconnect=False,
                # even so it would try a server that is away 60 times, 2 s apart
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                error_cb=_ignore,
            )
        except (Error, OSError, TimeoutError) as error:
            await client.close()  # it keeps the socket of a login that was refused
            if REFUSED in str(error).lower():
                raise LoginRefusedError(
                    f"{server} refuses {user}: it runs with another password than the operator's "
                    "Secret has; roll the core to the present revision"
                ) from error
            told.append(f"{server}: {error or type(error).__name__}")
        else:
            return client
    raise CoreUnreachableError(f"no server of the core takes a connection: {'; '.join(told)}")


async def _ignore(_: Exception) -> None:
    """Say nothing: what fails is raised to whoever asked, and the library would print it too."""
