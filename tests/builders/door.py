"""What stands between a client and a server: bytes go both ways, until either side ends."""

import asyncio
from contextlib import suppress


async def lead_to(
    host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Connect to a server, and pass on what client and server say."""
    inner, outer = await asyncio.open_connection(host, port)
    await asyncio.gather(_pass_on(reader, outer), _pass_on(inner, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    writer.close()
