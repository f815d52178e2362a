"""Requests to JetStream's API, and what its refusals mean."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from nats.aio.client import Client
from nats.errors import ConnectionClosedError, NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from headgate.streamgateway.engines.nats.errors import (
    CoreUnreachableError,
    EngineError,
    JetStreamUnavailableError,
    NoSuchStreamError,
    OutOfSpaceError,
    RequestRefusedError,
)

TIMEOUT_SECONDS = 5.0
PREFIX = "$JS.API."
# err_code of the server: https://github.com/nats-io/nats-server/blob/main/server/errors.json
_OUT_OF_SPACE = frozenset({10002, 10023, 10028, 10047})
_NO_PLACE = 10005
_UNAVAILABLE = frozenset({10008, 10009, 10176})
_NOT_FOUND = frozenset({10014, 10059})


class JetStreamApi:
    """JetStream over one connection: the operator's user for streams, the system's for meta."""

    def __init__(self, client: Client, timeout: float = TIMEOUT_SECONDS) -> None:
        """Take a connection that the caller closes; `timeout` in seconds is for each answer."""
        self._client = client
        self._timeout = timeout

    async def ask(self, subject: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return the answer to `$JS.API.<subject>`, or raise the error that it means."""
        payload = b"" if body is None else json.dumps(body).encode()
        try:
            answer = await self._client.request(
                f"{PREFIX}{subject}", payload, timeout=self._timeout
            )
        except NoRespondersError as error:
            raise JetStreamUnavailableError("no server of the core runs JetStream") from error
        except NatsTimeoutError as error:
            raise JetStreamUnavailableError(
                f"no answer to {subject} within {self._timeout} s: the core has no leader, or has "
                "lost more than half of its servers"
            ) from error
        except ConnectionClosedError as error:
            raise CoreUnreachableError("the connection to the core is closed") from error
        told: Mapping[str, Any] = json.loads(answer.data)
        if "error" in told:
            raise _meaning(subject, told["error"])
        return told

    async def pages(self, subject: str, key: str) -> AsyncIterator[Mapping[str, Any]]:
        """Yield all entries of a list, which the server hands out in pages."""
        offset = 0
        while True:
            answer = await self.ask(subject, {"offset": offset})
            entries = answer.get(key) or []
            for entry in entries:
                yield entry
            offset += len(entries)
            if not entries or offset >= answer.get("total", 0):
                return


def _meaning(subject: str, error: Mapping[str, Any]) -> EngineError:
    code, reason = error.get("err_code"), str(error.get("description", ""))
    if code in _OUT_OF_SPACE or (code == _NO_PLACE and "storage" in reason):
        return OutOfSpaceError(
            f"the core has no room ({reason}): lower maxBytes, have fewer replicas, or make a "
            "gateway with larger disks"
        )
    if code == _NO_PLACE:
        return JetStreamUnavailableError(
            f"fewer servers of the core are there than the stream has replicas: {reason}"
        )
    if code in _UNAVAILABLE:
        return JetStreamUnavailableError(f"JetStream is not available: {reason}")
    if code in _NOT_FOUND:
        return NoSuchStreamError(f"{subject}: {reason}")
    return RequestRefusedError(f"{subject}: {reason} (err_code {code})")
