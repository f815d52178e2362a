"""The example's server on one loopback address, so that several have the ports of their pods.

With another first argument than its own kind it is a server that is ready and keeps no contract.
"""

import asyncio
import http.server
import os
import sys
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parents[3] / "examples" / "04-custom-gateway" / "server"
sys.path.insert(0, str(SERVER))

import serve  # type: ignore[import-not-found]  # noqa: E402 - the example's own module
from aiohttp import web  # noqa: E402


class SaysOk(http.server.BaseHTTPRequestHandler):
    """Answers everything alike."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""


if __name__ == "__main__":
    kind, address = sys.argv[1:]
    if kind == "garbage":
        port = int(os.environ["HEADGATE_CONTROL_PORT"])
        http.server.ThreadingHTTPServer((address, port), SaysOk).serve_forever()
    listen = web.TCPSite.__init__

    def on_one(self: web.TCPSite, runner: web.AppRunner, **options: Any) -> None:
        listen(self, runner, host=address, **options)

    web.TCPSite.__init__ = on_one  # type: ignore[method-assign,assignment]
    token = Path(os.environ["HEADGATE_CONTROL_TOKEN_FILE"]).read_text()
    asyncio.run(serve.serve(token))
