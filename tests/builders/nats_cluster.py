"""Real NATS servers on loopback: a core that keeps streams on disk, and edges that hold clients.

All are one cluster. Ports are free ones, files lie in the folder given, and only these processes
are ever signalled. The user APP may use streams, READER read them, GUEST only look at them;
SYSTEM may move connections.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = Path(sys.executable).with_name("nats-server")
APP = {"user": "app", "password": "app-password"}
READER = {"user": "reader", "password": "reader-password"}
"""May do what the reference of the streaming client says that a reader must be allowed."""
GUEST = {"user": "guest", "password": "guest-password"}
SYSTEM = {"user": "system", "password": "system-password"}
LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class ServerTls:
    """Where the certificate and the key of a server lie."""

    certificate: Path
    key: Path


@dataclass(kw_only=True)
class NatsServer:
    """One server of a cluster: its ports stay the same when it is started again."""

    name: str
    folder: Path
    is_core: bool
    port: int
    websocket_port: int
    monitor_port: int
    route_port: int
    tls: ServerTls | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    is_leaving: bool = False

    @property
    def url(self) -> str:
        return f"{'tls' if self.tls else 'nats'}://{LOOPBACK}:{self.port}"

    @property
    def websocket_url(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://{LOOPBACK}:{self.websocket_port}"

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.is_leaving = False
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), "--config", str(self.folder / "server.conf")],
                stdout=log,
                stderr=log,
            )

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def lame_duck(self) -> None:
        """Ask it to let go of its clients, as `nats-server --signal ldm` does."""
        self.is_leaving = True
        self.signal(signal.SIGUSR2)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def monitor(self, path: str) -> dict[str, Any]:
        """Return what its monitor says at a path, such as /varz, /connz or /jsz."""
        url = f"http://{LOOPBACK}:{self.monitor_port}{path}"
        with urllib.request.urlopen(url, timeout=5) as reply:  # our own loopback
            answer: dict[str, Any] = json.load(reply)
        return answer

    def is_healthy(self) -> bool:
        if not self.is_running:
            raise AssertionError(f"{self.name} ended: {self.last_words()}")
        try:
            return self.monitor("/healthz").get("status") == "ok"
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def cpu_seconds(self) -> float:
        """Return the time that its process has spent on a processor."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def last_words(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-2000:] if log.exists() else "it wrote nothing"


class NatsCluster:
    """Cores and edges; a context manager that starts them all and kills them all.

    Streams need one core or three: two elect no leader when one is gone, and one core with edges
    elects none at all. One core alone is a server without a cluster. In lame duck mode a server
    cuts nobody for `grace_seconds`, and then all, spread over 30 seconds: NATS allows no less.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cores: int = 3,
        edges: int = 2,
        tls: ServerTls | None = None,
        grace_seconds: float = 2.0,
    ) -> None:
        self.folder = folder
        self.grace_seconds = grace_seconds
        ports = free_ports(4 * (cores + edges))
        names = [f"core-{n}" for n in range(cores)] + [f"edge-{n}" for n in range(edges)]
        self.servers = [
            NatsServer(
                name=name,
                folder=folder / name,
                is_core=name.startswith("core"),
                port=next(ports),
                websocket_port=next(ports),
                monitor_port=next(ports),
                route_port=next(ports),
                tls=tls,
            )
            for name in names
        ]

    @property
    def cores(self) -> list[NatsServer]:
        return [server for server in self.servers if server.is_core]

    @property
    def edges(self) -> list[NatsServer]:
        return [server for server in self.servers if not server.is_core]

    @property
    def edge_urls(self) -> list[str]:
        return [server.url for server in self.edges]

    @property
    def core_urls(self) -> list[str]:
        return [server.url for server in self.cores]

    @property
    def websocket_urls(self) -> list[str]:
        return [server.websocket_url for server in self.edges]

    def server(self, name: str) -> NatsServer:
        return next(server for server in self.servers if server.name == name)

    def start(self) -> None:
        """Return when every server is healthy."""
        for server in self.servers:
            server.folder.mkdir(parents=True, exist_ok=True)
            (server.folder / "server.conf").write_text(self._configuration(server))
            server.start()
        self.wait_until_healthy()

    def restart(self, server: NatsServer) -> None:
        """Start a server that has ended, with the files and ports that it had."""
        server.kill()
        server.start()
        self.wait_until_healthy()

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        waiting = [server for server in self.servers if server.is_running]
        while waiting := [server for server in waiting if not server.is_healthy()]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{waiting[0].name}: {waiting[0].last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        for server in self.servers:
            server.kill()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _configuration(self, server: NatsServer) -> str:
        routes = ", ".join(
            f'"nats-route://{LOOPBACK}:{other.route_port}"'
            for other in self.servers
            if other is not server
        )
        cluster = f"""cluster {{
  name: gateway, listen: "{LOOPBACK}:{server.route_port}", no_advertise: true
  routes: [{routes}]
}}"""
        tls = _tls_block(server.tls)
        streams = f'jetstream {{ store_dir: "{server.folder}/streams" }}' if server.is_core else ""
        return f"""
server_name: {server.name}
listen: {LOOPBACK}:{server.port}
http: {LOOPBACK}:{server.monitor_port}
max_pending: 1MB
write_deadline: 2s
lame_duck_duration: 30s
lame_duck_grace_period: {self.grace_seconds:g}s
{tls}
websocket {{ listen: "{LOOPBACK}:{server.websocket_port}", {tls or "no_tls: true"} }}
{cluster if routes else ""}
{streams}
accounts {{
  APP {{
    jetstream: enabled
    users: [
      {{user: {APP["user"]}, password: {APP["password"]}}}
      {{user: {GUEST["user"]}, password: {GUEST["password"]}, permissions: {{
        publish: "$JS.API.STREAM.INFO.>", subscribe: "_INBOX.>"
      }}}}
      {{user: {READER["user"]}, password: {READER["password"]}, permissions: {{
        publish: [
          "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>", "$JS.API.DIRECT.GET.>"
          "$JS.API.CONSUMER.CREATE.>", "$JS.API.CONSUMER.MSG.NEXT.>", "$JS.API.CONSUMER.DELETE.>"
        ]
        subscribe: ["_INBOX.>", "live.>"]
      }}}}
    ]
  }}
  SYS {{ users: [{{user: {SYSTEM["user"]}, password: {SYSTEM["password"]}}}] }}
}}
system_account: SYS
"""


def _tls_block(tls: ServerTls | None) -> str:
    if tls is None:
        return ""
    return f'tls {{ cert_file: "{tls.certificate}", key_file: "{tls.key}" }}'


def free_ports(count: int) -> Iterator[int]:
    """Return ports of loopback that nobody listens on, all different."""
    with contextlib.ExitStack() as held:
        ports = []
        for _ in range(count):
            probe = held.enter_context(socket.socket())
            probe.bind((LOOPBACK, 0))
            ports.append(probe.getsockname()[1])
    return iter(ports)
