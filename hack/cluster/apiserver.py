"""An API server on its own, for contract and fault tests: etcd and kube-apiserver on loopback.

Any number may run at once, as any user. All state is below one folder; starting again with the
same folder gives the same data at the same port, also after a kill -9 of any part of it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from hack.cluster import controlplane
from hack.cluster.binary import node_binaries
from hack.cluster.certificates import Authority
from hack.cluster.commands import search_path
from hack.cluster.components import Component, supervised
from hack.cluster.errors import ClusterError
from hack.cluster.kubeconfigs import ApiServer, wait_for, write_kubeconfig
from hack.cluster.processes import kill, processes
from hack.cluster.readiness import controllers_work
from hack.cluster.registry import locked
from hack.cluster.sandbox import SUPERVISOR, sandbox_processes

LOOPBACK = IPv4Address("127.0.0.1")
SERVICES = IPv4Network("10.0.0.0/19")  # 8,190 addresses of Services that lead nowhere
# Below the range that the kernel takes the ports of outgoing connections from: a restart finds
# its port free.
PORTS = range(20_000, 32_000)
READY_SECONDS = 60
ATTEMPTS = 3
TOLERATED_STARTS = 3

# There are no nodes, so nothing has to know service accounts or the API server's own address.
API_FLAGS = (
    "--endpoint-reconciler-type=none",
    "--disable-admission-plugins=ServiceAccount",
    "--max-requests-inflight=2000",
    "--max-mutating-requests-inflight=1000",
)


@dataclass(frozen=True)
class Ports:
    """Where one API server and its etcd listen."""

    api: int
    etcd: int
    etcd_peer: int


class StandaloneApiServer:
    """The API server of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.authority = Authority(self.folder / "pki")

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way in."""
        return self.folder / "kubeconfig"

    def up(self, *, owner: int = 0, controllers: bool = False) -> None:
        """Return when the API server serves; with an owner it ends when that process is gone."""
        program = node_binaries().node
        with locked(self.folder / "lock"):
            if self._runs(controllers=controllers):
                return
            for attempt in range(1, ATTEMPTS + 1):
                self._stop()
                known = self._known_ports()
                ports = known or free_ports()
                try:
                    self._start(program, ports, owner=owner, controllers=controllers)
                except ClusterError:
                    # Between choosing a port and listening on it another process may take it.
                    if known or attempt == ATTEMPTS:
                        raise
                else:
                    (self.folder / "ports.json").write_text(json.dumps(vars(ports)))
                    return

    def down(self, *, purge: bool = False) -> None:
        """End it; with `purge` its data goes too."""
        if self.folder.is_dir():
            with locked(self.folder / "lock"):
                self._stop()
        if purge:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _runs(self, *, controllers: bool) -> bool:
        running = {name for name, state in supervised(self.folder).items() if state["pid"]}
        wanted = {"etcd", "kube-apiserver", *(["kube-controller-manager"] if controllers else [])}
        ports = self._known_ports()
        return bool(
            ports
            and sandbox_processes(self.folder)
            and running == wanted
            and self._api(ports).ready()
        )

    def _start(self, program: Path, ports: Ports, *, owner: int, controllers: bool) -> None:
        if not self.authority.key.is_file():
            controlplane.make_identities(self.authority, [LOOPBACK])
        who = controlplane.known_identities(self.authority)
        components = self._components(program, ports, who, controllers=controllers)
        api = self._api(ports)
        write_kubeconfig(
            self.kubeconfig, server=api.url, authority=who.authority, identity=who.admin
        )
        self._supervise(components, owner)
        wait_for(
            api.ready,
            what=f"the API server at {api.url} did not start",
            log=self.folder / "kube-apiserver.log",
            timeout_seconds=READY_SECONDS,
            failed=self._gave_up,
        )
        if controllers:
            wait_for(
                lambda: controllers_work(api),
                what="the controllers did not start",
                log=self.folder / "kube-controller-manager.log",
                timeout_seconds=READY_SECONDS,
                failed=self._gave_up,
            )

    def _components(
        self, program: Path, ports: Ports, who: controlplane.Identities, *, controllers: bool
    ) -> list[Component]:
        at = controlplane.Endpoints(
            etcd_port=ports.etcd,
            etcd_peer_port=ports.etcd_peer,
            api_port=ports.api,
            api_bind=str(LOOPBACK),
            advertise=LOOPBACK,
            services=SERVICES,
        )
        folder = self.folder
        found = [
            controlplane.etcd(program, folder / "etcd", folder / "etcd.log", at),
            controlplane.api_server(program, who, folder / "kube-apiserver.log", at, API_FLAGS),
        ]
        if controllers:
            log = folder / "kube-controller-manager.log"
            found.append(controlplane.controller_manager(program, who, self.kubeconfig, log))
        return found

    def _supervise(self, components: list[Component], owner: int) -> None:
        log = self.folder / "supervisor.log"
        argv = [sys.executable, str(SUPERVISOR), f"--owner={owner}", str(self.folder)]
        # What a fault test killed stays dead until it asks for the API server again.
        lines = [replace(part, restart=False).line() for part in components]
        with tempfile.TemporaryFile("w+") as orders, log.open("w") as output:
            orders.writelines(lines)
            orders.seek(0)
            subprocess.Popen(
                argv,
                stdin=orders,
                stdout=output,
                stderr=output,
                env={"PATH": search_path()},
                start_new_session=True,
            )

    def _stop(self) -> None:
        """End whatever runs with this folder, its data untouched."""
        (self.folder / "supervisor.json").unlink(missing_ok=True)
        deadline = time.monotonic() + READY_SECONDS
        while left := self._processes():
            if time.monotonic() > deadline:
                raise ClusterError(f"the processes {left} of {self.folder} do not end")
            for pid in left:
                kill(pid)
            time.sleep(0.05)

    def _processes(self) -> list[int]:
        """Return the supervisor, and what it started: their arguments name files of the folder."""
        mark = f"={self.folder}/"
        started = [pid for pid, words in processes() if any(mark in word for word in words)]
        return [*sandbox_processes(self.folder), *started]

    def _gave_up(self) -> bool:
        return any(
            not state["pid"] or state["starts"] > TOLERATED_STARTS
            for state in supervised(self.folder).values()
        )

    def _known_ports(self) -> Ports | None:
        try:
            return Ports(**json.loads((self.folder / "ports.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def _api(self, ports: Ports) -> ApiServer:
        who = controlplane.known_identities(self.authority)
        return ApiServer(f"https://{LOOPBACK}:{ports.api}", who.authority, who.admin)


def free_ports() -> Ports:
    """Return three ports of loopback that nothing listens on at this moment."""
    found: set[int] = set()
    while len(found) < 3:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((str(LOOPBACK), port))
            except OSError:
                continue
        found.add(port)
    return Ports(*found)
