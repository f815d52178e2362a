"""Read a request's body within limits of size and time."""

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from headgate.server.protocol.rejection import RejectedError

LARGE_AT_ONCE: Final = 4
_LARGE_BYTES: Final = 1024 * 1024
_READ_SECONDS: Final = 30.0


def may_be_large(request: web.BaseRequest) -> bool:
    """Tell whether a body may take so much memory that only a few are held at once.

    The others wait before they are read, so that a burst of them doesn't end the pod.
    """
    length = request.content_length
    return length is None or length > _LARGE_BYTES or "Content-Encoding" in request.headers


async def read_body(request: web.BaseRequest, limit: int) -> bytes:
    """Return the body; raises RejectedError for one that is too large, too slow or garbled."""
    length = request.content_length
    if length is not None and length > limit:
        raise _too_large(limit)
    await _agree_to_continue(request)
    content = request.content
    if content.is_eof():
        return await _all_of(content, limit)
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await _all_of(content, limit)
    except TimeoutError:
        raise RejectedError(
            f"the body did not arrive within {_READ_SECONDS:g} s", HTTPStatus.REQUEST_TIMEOUT
        ) from None


async def _all_of(content: StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        while part := await content.readany():
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise RejectedError(f"the body can't be read: {str(error)[:200]}") from None
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _agree_to_continue(request: web.BaseRequest) -> None:
    """Tell a client that waits for leave to send (curl does with large bodies) to go on."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun


def _too_large(limit: int) -> RejectedError:
    return RejectedError(
        f"the body is larger than {limit} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    )
