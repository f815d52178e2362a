"""From no process to a Ready node: the order in which a local cluster's parts start."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from hack.cluster import controlplane
from hack.cluster.binary import NodeBinaries
from hack.cluster.certificates import Authority, KeyPair
from hack.cluster.commands import run
from hack.cluster.components import Component, supervised
from hack.cluster.containerd import Containerd
from hack.cluster.dns import dns_objects
from hack.cluster.kubeconfigs import ApiServer, wait_for, write_kubeconfig
from hack.cluster.layout import Layout
from hack.cluster.readiness import controllers_work, node_is_ready, services_lead_to_dns
from hack.cluster.sandbox import Sandbox, Starter, make_cgroups, open_sandbox
from hack.cluster.slots import API_PORT, Slot
from hack.cluster.worker import NODE_NAME, NODE_USER, Worker

CONTAINERD_SECONDS = 30
API_SECONDS = 60
NODE_SECONDS = 90
TOLERATED_STARTS = 3  # etcd may be late once; what ends more often than that will not come up
LOOPBACK = IPv4Address("127.0.0.1")

# component -> who it is to the API server
USERS = {
    "kube-controller-manager": ("system:kube-controller-manager", ()),
    "kube-scheduler": ("system:kube-scheduler", ()),
    "kube-proxy": ("system:kube-proxy", ()),
    "coredns": ("system:coredns", ()),
    "kubelet": (NODE_USER, ("system:nodes",)),
}


class BringUp:
    """One start of a cluster in a clean place."""

    def __init__(
        self, layout: Layout, slot: Slot, *, binaries: NodeBinaries, plugins: Path
    ) -> None:
        self.layout = layout
        self.plugins = plugins
        self.slot = slot
        self.binaries = binaries
        self.authority = Authority(layout.certificates)

    def run(self) -> None:
        """Start everything and return when the node is Ready and DNS answers."""
        who = self._identities()
        make_cgroups(self.slot)
        worker = self._worker()
        sandbox, starter = open_sandbox(
            self.layout.node, self.layout.logs, resolver=worker.resolver()
        )
        sandbox.connect(self.slot)
        containerd = worker.containerd()
        starter.start(containerd, *self._api_server(who))
        self._prepare_images(sandbox, containerd)
        api = api_of(self.slot, who.authority, who.admin)
        wait_for(
            api.ready,
            what="the API server did not start",
            log=self.layout.logs / "kube-apiserver.log",
            timeout_seconds=API_SECONDS,
            failed=lambda: self._keeps_ending("kube-apiserver"),
        )
        self._start_the_rest(starter, worker, who)
        self._publish(who)
        self._wait_for_node(api)

    def _wait_for_node(self, api: ApiServer) -> None:
        conditions: dict[str, tuple[str, Callable[[], bool]]] = {
            "kubelet": (f"the node {NODE_NAME} is not Ready", lambda: node_is_ready(api)),
            "kube-controller-manager": ("no controllers work", lambda: controllers_work(api)),
            "coredns": ("no DNS answers", lambda: services_lead_to_dns(self.slot)),
        }
        for component, (fault, works) in conditions.items():
            wait_for(
                works,
                what=fault,
                log=self.layout.logs / f"{component}.log",
                timeout_seconds=NODE_SECONDS,
                failed=partial(self._keeps_ending, component),
            )

    def _identities(self) -> controlplane.Identities:
        shutil.rmtree(self.layout.certificates, ignore_errors=True)
        slot = self.slot
        addresses = [slot.node_address, slot.api_service_address, slot.host_address, LOOPBACK]
        return controlplane.make_identities(self.authority, addresses)

    def _worker(self) -> Worker:
        return Worker(
            program=self.binaries.node,
            slot=self.slot,
            folder=self.layout.node / "config",
            logs=self.layout.logs,
            images=self.layout.containerd,
            authority=self.authority.certificate,
            cni_programs=self.plugins,
            snapshotter=snapshotter_for(self.layout.root),
        )

    def _api_server(self, who: controlplane.Identities) -> list[Component]:
        at = controlplane.Endpoints(
            etcd_port=2379,
            etcd_peer_port=2380,
            api_port=API_PORT,
            api_bind="0.0.0.0",
            advertise=self.slot.node_address,
            services=self.slot.services,
        )
        program, logs = self.binaries.node, self.layout.logs
        return [
            controlplane.etcd(program, self.layout.node / "etcd", logs / "etcd.log", at),
            controlplane.api_server(
                program, who, logs / "kube-apiserver.log", at,
                ["--enable-admission-plugins=NodeRestriction"],
            ),
        ]  # fmt: skip

    def _prepare_images(self, sandbox: Sandbox, runtime: Component) -> None:
        """Make containerd ready for the kubelet: no old containers, the pause image loaded."""
        containerd = Containerd(sandbox)
        self._wait_for_containerd(containerd, runtime)
        old = containerd.containers()
        if old:
            containerd.forget(old)
            # Its kubelet-facing part has read them already; the supervisor starts it again.
            sandbox.kill(self.processes()[runtime.name]["pid"])
            self._wait_for_containerd(containerd, runtime)
        containerd.load_pause(self.binaries.pause)

    def _wait_for_containerd(self, containerd: Containerd, runtime: Component) -> None:
        wait_for(
            containerd.answers,
            what="containerd did not start",
            log=runtime.log,
            timeout_seconds=CONTAINERD_SECONDS,
            failed=lambda: self._keeps_ending(runtime.name),
        )

    def processes(self) -> dict[str, dict[str, Any]]:
        """Return what the supervisor says of each process."""
        return supervised(self.layout.node)

    def _keeps_ending(self, name: str) -> bool:
        return bool(self.processes().get(name, {}).get("starts", 0) > TOLERATED_STARTS)

    def _start_the_rest(
        self, starter: Starter, worker: Worker, who: controlplane.Identities
    ) -> None:
        files = {name: self._kubeconfig(name, user, groups, who)
                 for name, (user, groups) in USERS.items()}  # fmt: skip
        program, logs = self.binaries.node, self.layout.logs
        manager, scheduler = "kube-controller-manager", "kube-scheduler"
        starter.start(
            worker.kubelet(files["kubelet"]),
            controlplane.controller_manager(program, who, files[manager], logs / f"{manager}.log"),
            controlplane.scheduler(program, files[scheduler], logs / f"{scheduler}.log"),
            worker.kube_proxy(files["kube-proxy"]),
            worker.coredns(files["coredns"]),
        )

    def _kubeconfig(
        self, name: str, user: str, groups: tuple[str, ...], who: controlplane.Identities
    ) -> Path:
        path = self.layout.node / "kubeconfigs" / name
        identity = self.authority.client(name, user, groups)
        write_kubeconfig(path, server=self.slot.api_url, authority=who.authority, identity=identity)
        return path

    def _publish(self, who: controlplane.Identities) -> None:
        """Give users their kubeconfig and kubectl, and the cluster its DNS Service."""
        layout = self.layout
        write_kubeconfig(
            layout.kubeconfig, server=self.slot.api_url, authority=who.authority, identity=who.admin
        )
        write_kubectl(layout, f'exec "{self.binaries.node}" kubectl "$@"')
        run(
            [layout.kubectl, "apply", "--server-side", "-f", "-"],
            what="creating the DNS Service",
            stdin=dns_objects(self.slot),
        )


def write_kubectl(layout: Layout, command: str) -> None:
    """Write a kubectl that is pointed at the clone's cluster unless KUBECONFIG says otherwise."""
    layout.kubectl.parent.mkdir(parents=True, exist_ok=True)
    setting = f'export KUBECONFIG="${{KUBECONFIG:-{layout.kubeconfig}}}"'
    layout.kubectl.write_text(f"#!/bin/sh\n{setting}\n{command}\n")
    layout.kubectl.chmod(0o755)


def api_of(slot: Slot, authority: Path, identity: KeyPair) -> ApiServer:
    """Return the cluster's API server as its administrator sees it."""
    return ApiServer(slot.api_url, authority, identity)


def snapshotter_for(folder: Path) -> str:
    """Return how containerd can stack layers there: overlayfs does not work on top of itself."""
    kind = run(["stat", "--file-system", "--format=%T", folder], what="looking at the disk")
    return "native" if kind.strip() == "overlayfs" else "overlayfs"
