"""The operator's own connections to a gateway's core."""

from collections.abc import Sequence
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import AuthorizationError, Error, NoServersError

from headgate.streamgateway.engines.nats.errors import CoreUnreachableError, LoginRefusedError

NAME = "headgate-operator"
CONNECT_SECONDS = 2
RECONNECT_WAIT_SECONDS = 1


async def open_session(servers: Sequence[str], user: str, password: str) -> Client:
    """Return a connection to one of the servers (nats:// URLs), which comes back by itself.

    LoginRefusedError when they do not take the password, CoreUnreachableError when none answers.
    """
    refusals: list[Exception] = []

    async def note(error: Exception) -> None:
        refusals.append(error)  # the library goes on to the next server and says nothing

    options: dict[str, Any] = {
        "name": NAME,
        "connect_timeout": CONNECT_SECONDS,
        "reconnect_time_wait": RECONNECT_WAIT_SECONDS,
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "error_cb": note,
    }
    try:
        return await _connect(servers, user, password, options)
    except (Error, OSError, TimeoutError) as error:
        causes = [error, *refusals]
        if any(_is_refusal(cause) for cause in causes):
            raise LoginRefusedError(
                f"the core refuses {user}: its servers run with another revision of the Secret"
            ) from error
        told = "; ".join(sorted({repr(cause) for cause in causes}))
        raise CoreUnreachableError(f"no server of {', '.join(servers)} answers: {told}") from error


async def _connect(
    servers: Sequence[str], user: str, password: str, options: dict[str, Any]
) -> Client:
    """Try each server once: the library's own first attempt goes on for ever or not at all."""
    problem: Exception = NoServersError()
    for server in servers:
        pool = [server, *(other for other in servers if other != server)]
        attempt = {**options, "allow_reconnect": False}
        try:
            probe = await nats.connect(server, user=user, password=password, **attempt)
        except (Error, OSError, TimeoutError) as error:
            problem = error
            continue
        await probe.close()
        return await nats.connect(pool, user=user, password=password, **options)
    raise problem


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, AuthorizationError) or "authorization" in str(error).lower()
