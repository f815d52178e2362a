"""A gateway's servers on loopback, run from the configuration that the operator generates."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from nats.aio.client import Client

from headgate.stream.lean_client import LeanClient
from headgate.streamgateway.engines.nats.config import core_config, edge_config
from headgate.streamgateway.engines.nats.settings import (
    SERVER_NAME_VALUE,
    SERVER_NAME_VARIABLE,
    ClusterSettings,
    CoreSettings,
    EdgeSettings,
    InternalSecrets,
    Paths,
    Ports,
    Tls,
)
from headgate.streamgateway.engines.nats.users import OPERATOR_USER, SYSTEM_USER, User

NATS_SERVER = Path(sys.executable).parent / "nats-server"
SECRETS = InternalSecrets(
    system="system-password", operator="operator-password", routes="r/ou:te@s", anonymous="anyone"
)
AMYS = "amys-password"
USERS = (User(name="amy", password=AMYS),)
START_SECONDS = 20
MINUTE = timedelta(minutes=1)


def some_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def a_cluster(**changes: Any) -> ClusterSettings:
    """Return what the servers of one gateway share."""
    routes = tuple(f"predictions-core-{n}.predictions-core:6222" for n in range(3))
    cluster = ClusterSettings(name="predictions", routes=routes, secrets=SECRETS, users=USERS)
    return replace(cluster, **changes)


def a_core(**changes: Any) -> CoreSettings:
    return CoreSettings(cluster=a_cluster(**changes), store_bytes=1_000_000_000)


def an_edge(**changes: Any) -> EdgeSettings:
    return EdgeSettings(cluster=a_cluster(**changes), ports=Ports(websocket=8080))


def config_test(text: str, folder: Path, name: str = "predictions-core-0") -> str:
    """Return what `nats-server -t` complains of; empty: nothing."""
    path = folder / "tested.conf"
    path.write_text(text)
    command = [str(NATS_SERVER), "-t", "-c", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(name)
    )
    return "" if done.returncode == 0 else done.stderr + done.stdout


def a_certificate(folder: Path) -> Tls:
    """Return a certificate of loopback's address, which is its own authority."""
    tls = Tls(certificate=str(folder / "tls.crt"), key=str(folder / "tls.key"))
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subject = ["-subj", "/CN=predictions", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", tls.key, "-out", tls.certificate]
    subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
    return tls


def environment(name: str) -> dict[str, str]:
    """Return a server's environment, the variable as Kubernetes expands it in a pod."""
    return {**os.environ, SERVER_NAME_VARIABLE: SERVER_NAME_VALUE.replace("$(POD_NAME)", name)}


@dataclass(kw_only=True)
class Server:
    """One nats-server process."""

    name: str
    folder: Path
    ports: Ports
    config: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.ports.client}"

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.ports.websocket}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "nats.conf"
        path.write_text(self.config)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [NATS_SERVER, "-c", path], stdout=log, stderr=log, env=environment(self.name)
            )

    def lame_duck(self) -> None:
        """Do what the preStop hook of the pod does."""
        command = [str(NATS_SERVER), "--signal", f"ldm={self.folder / 'nats.pid'}"]
        subprocess.run(command, check=True, capture_output=True)

    def ask(self, path: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the answer of a monitoring page; status 0 while it is not there."""
        url = f"http://127.0.0.1:{self.ports.monitoring}{path}"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())
        except OSError:
            return 0, {}

    def resident_bytes(self) -> int:
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def cpu_seconds(self) -> float:
        """Return the time that its process has spent on a processor."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peers(self) -> set[str]:
        """Return the names of the servers that it has routes to."""
        return {route["remote_name"] for route in self.ask("/routez")[1].get("routes", ())}

    def links(self) -> int:
        """Return the servers it is joined to, and for leaf nodes the links of both accounts."""
        return len(self.peers()) + int(self.ask("/varz")[1].get("leafnodes", 0))

    def wait_ready(self, links: int) -> None:
        """Wait until it is healthy and sees the others: an edge is healthy before it has a link."""
        deadline = time.monotonic() + START_SECONDS
        while self.ask("/healthz")[0] != 200 or self.links() < links:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log[-4000:]
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@dataclass(kw_only=True)
class Engine:
    """A core and its edges; use it in a with statement."""

    folder: Path
    core_size: int = 3
    edge_count: int = 2
    cluster: ClusterSettings = field(default_factory=a_cluster)
    store_bytes: int = 256 * 1024 * 1024
    tls: Tls | None = None
    core: list[Server] = field(default_factory=list)
    edges: list[Server] = field(default_factory=list)

    def __enter__(self) -> Self:
        free = some_ports(3 * self.core_size + 4 * self.edge_count)
        routes = [free.pop() for _ in range(self.core_size)]
        addresses = tuple(f"127.0.0.1:{port}" for port in routes)
        self.cluster = replace(self.cluster, routes=addresses)
        for number, port in enumerate(routes):
            ports = Ports(host="127.0.0.1", client=free.pop(), routes=port, monitoring=free.pop())
            self.core.append(self._core(f"predictions-core-{number}", ports))
        for number in range(self.edge_count):
            ports = Ports(
                host="127.0.0.1",
                client=free.pop(),
                websocket=free.pop(),
                routes=free.pop(),
                monitoring=free.pop(),
            )
            self.edges.append(self._edge(f"predictions-edge-{number}", ports))
        try:
            for server in self.servers:
                server.start()
            for server in self.servers:
                server.wait_ready(self._links_of(server))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.kill()

    @property
    def servers(self) -> list[Server]:
        return [*self.core, *self.edges]

    def named(self, name: str) -> Server:
        return next(server for server in self.servers if server.name == name)

    async def connect_as_system(self, server: Server | None = None) -> Client:
        return await connect((server or self.core[0]).url, SYSTEM_USER, SECRETS.system)

    async def connect_as_operator(self, server: Server | None = None) -> Client:
        return await connect((server or self.core[0]).url, OPERATOR_USER, SECRETS.operator)

    def _links_of(self, server: Server) -> int:
        if self.core_size > 1:
            return len(self.servers) - 1
        return 2 if server in self.edges else 2 * self.edge_count

    def _core(self, name: str, ports: Ports) -> Server:
        folder = self.folder / name
        paths = Paths(pid_file=str(folder / "nats.pid"), store_dir=str(folder / "data"))
        settings = CoreSettings(
            cluster=self.cluster, store_bytes=self.store_bytes, ports=ports, paths=paths
        )
        return Server(name=name, folder=folder, ports=ports, config=core_config(settings))

    def _edge(self, name: str, ports: Ports) -> Server:
        folder = self.folder / name
        settings = EdgeSettings(
            cluster=self.cluster,
            ports=ports,
            paths=Paths(pid_file=str(folder / "nats.pid")),
            client_tls=self.tls,
            websocket_tls=self.tls,
        )
        return Server(name=name, folder=folder, ports=ports, config=edge_config(settings))


async def connect(
    url: str, user: str | None = "amy", password: str | None = AMYS, **how: Any
) -> Client:
    """Return a client of one server that does not come back by itself."""
    once = {"allow_reconnect": False, "max_reconnect_attempts": 1, "reconnect_time_wait": 0}
    options: dict[str, Any] = {**once, "connect_timeout": 5, **how}
    client = LeanClient()  # whose flush() waits for all that came before
    try:
        await client.connect(url, user=user, password=password, **options)
    except BaseException:
        await client.close()
        raise
    return client


async def eventually[T](look: Callable[[], Awaitable[T]], seconds: float = 10) -> T:
    """Return the first true answer; AssertionError with the last one if none comes."""
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)
    return found
