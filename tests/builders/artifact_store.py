"""An HTTP server on loopback that holds artifacts and misbehaves as it is told."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, override


@dataclass
class ArtifactStore:
    """Paths and what stands there; use it in a with statement."""

    contents: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    """Statuses that the next requests get."""
    cut_after: int | None = None
    """Break connections off after so many bytes of a body."""
    authorization: str | None = None
    """What requests must bring."""
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        store = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                store.seen.append((self.path, dict(self.headers)))
                if store.failures:
                    self._end(store.failures.pop(0))
                elif store.authorization not in {None, self.headers.get("Authorization")}:
                    self._end(401)
                elif path in store.redirects:
                    self._end(302, Location=store.redirects[path])
                elif path not in store.contents:
                    self._end(404)
                else:
                    self._send(store.contents[path])

            def _end(self, status: int, **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _send(self, content: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("ETag", '"1"')
                self.send_header("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT")
                self.end_headers()
                self.wfile.write(content[: store.cut_after])
                self.close_connection = True

            @override
            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
