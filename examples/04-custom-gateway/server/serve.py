"""Runs the fan-out as the operator's variables say, until SIGTERM and everybody has left."""

import asyncio
import os
import signal
import ssl
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from control import Control
from fanout import NOTICE_SECONDS, Fanout

AT_THE_END = 5.0
"""Seconds beyond window and notice for clients whose closing takes long."""


async def serve(token: str) -> None:
    """Serve, drain, end."""
    fanout = Fanout()
    control = Control(fanout, os.environ["HEADGATE_POD_NAME"], token)
    clients = web.Application()
    clients.add_routes([web.get("/ws", fanout.connect), web.post("/publish", fanout.publish)])
    runners = [
        await _listening(clients, int(os.environ["HEADGATE_PORT"]), _tls()),
        await _listening(control.application(), int(os.environ["HEADGATE_CONTROL_PORT"])),
    ]
    every = float(os.environ.get("TICK_SECONDS", "0"))
    ticking = asyncio.create_task(fanout.tick(every)) if every > 0 else None
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
    window = float(os.environ.get("HEADGATE_DRAIN_WINDOW_SECONDS", "20"))
    control.leave(window)
    with suppress(TimeoutError):
        async with asyncio.timeout(window + NOTICE_SECONDS + AT_THE_END):
            await fanout.nobody.wait()
    if ticking is not None:
        ticking.cancel()
    for runner in runners:
        await runner.cleanup()


async def _listening(
    application: web.Application, port: int, tls: ssl.SSLContext | None = None
) -> web.AppRunner:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, port=port, ssl_context=tls, backlog=1024).start()
    return runner


def _tls() -> ssl.SSLContext | None:
    folder = os.environ.get("HEADGATE_TLS_DIR")
    if folder is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{folder}/tls.crt", f"{folder}/tls.key")
    return context


if __name__ == "__main__":
    asyncio.run(serve(Path(os.environ["HEADGATE_CONTROL_TOKEN_FILE"]).read_text().strip()))
