"""The local cluster: real components, one worker, no container engine needed. Linux, as root."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time

from hack.cluster.binary import node_binaries
from hack.cluster.bringup import BringUp, api_of
from hack.cluster.certificates import Authority
from hack.cluster.commands import say
from hack.cluster.components import supervised
from hack.cluster.controlplane import known_identities
from hack.cluster.errors import ClusterError
from hack.cluster.kubeconfigs import ApiServer
from hack.cluster.layout import CLONE, Layout
from hack.cluster.packages import ensure_node_programs
from hack.cluster.readiness import node_is_ready, services_lead_to_dns
from hack.cluster.registry import (
    abandoned_slots,
    held_slot,
    locked,
    release_slot,
    take_slot,
)
from hack.cluster.sandbox import Sandbox, close_sandbox, find_sandbox
from hack.cluster.slots import Slot
from hack.cluster.worker import NODE_NAME


class LocalCluster:
    """One clone's cluster."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def up(self) -> None:
        """Bring up a fresh cluster, unless a healthy one is there."""
        _refuse_where_it_cannot_work()
        with locked(self.layout.lock):
            if not self.faults():
                say(f"the cluster is up: {self.layout.kubeconfig}")
                return
            plugins = ensure_node_programs()
            binaries = node_binaries()
            started = time.monotonic()
            self._end()
            slot = take_slot(CLONE)
            self.layout.settings.write_text(json.dumps({"mode": "local", "slot": slot.number}))
            BringUp(self.layout, slot, binaries=binaries, plugins=plugins).run()
            say(f"cluster ready in {time.monotonic() - started:.0f} s: {self.layout.kubeconfig}")

    def down(self) -> None:
        """End the cluster; images stay in .cluster/containerd for the next one."""
        _refuse_where_it_cannot_work()
        with locked(self.layout.lock):
            self._end()
            release_slot(CLONE)
        say("the cluster is down")

    def status(self) -> bool:
        """Print what runs; tell whether all is well."""
        faults = self.faults()
        for name, state in supervised(self.layout.node).items():
            again = f", started {state['starts']} times" if state["starts"] > 1 else ""
            ended = f"not running, ended with {state['exit_code']}"
            say(f"{name:<26}{'running' if state['pid'] else ended}{again}")
        slot = self.slot()
        if slot is not None:
            say(f"API server {slot.api_url}, pods {slot.pods}, Services {slot.services}")
        for fault in faults:
            say(f"fault: {fault}")
        if not faults:
            say(f"healthy: export KUBECONFIG={self.layout.kubeconfig}")
        return not faults

    def slot(self) -> Slot | None:
        """Return the slot of the last `up`, or None."""
        try:
            return Slot(int(json.loads(self.layout.settings.read_text())["slot"]))
        except (OSError, ValueError, KeyError):
            return held_slot(CLONE)

    def sandbox(self) -> Sandbox:
        """Return the running node."""
        sandbox = find_sandbox(self.layout.node)
        if sandbox is None:
            raise ClusterError("the cluster is not up", remedy="`make cluster-up`")
        return sandbox

    def faults(self) -> list[str]:
        """Return what keeps the cluster from working; nothing when it works."""
        slot = self.slot()
        if slot is None or find_sandbox(self.layout.node) is None:
            return ["no cluster is running"]
        faults = [f"{name} is not running; log: {self.layout.logs / name}.log"
                  for name, state in supervised(self.layout.node).items()
                  if not state["pid"]]  # fmt: skip
        api = self._api(slot)
        if not api.ready():
            return [*faults, f"the API server at {api.url} does not answer"]
        if not node_is_ready(api):
            faults.append(
                f"the node {NODE_NAME} is not Ready; log: {self.layout.logs / 'kubelet.log'}"
            )
        elif not services_lead_to_dns(slot):
            faults.append(f"DNS does not answer; log: {self.layout.logs / 'coredns.log'}")
        if not self.layout.kubeconfig.is_file():
            faults.append(f"{self.layout.kubeconfig} is missing")
        return faults

    def _api(self, slot: Slot) -> ApiServer:
        who = known_identities(Authority(self.layout.certificates))
        return api_of(slot, who.authority, who.admin)

    def _end(self) -> None:
        """Leave nothing running and nothing that the next cluster could trip over."""
        close_sandbox(self.layout.node, self.slot())
        for clone, slot in abandoned_slots():  # nobody else can end those any more
            close_sandbox(Layout.of(clone).node, slot)
            release_slot(clone)
        for leftover in (self.layout.node, self.layout.logs):
            shutil.rmtree(leftover, ignore_errors=True)
        for leftover in (self.layout.kubeconfig, self.layout.settings):
            leftover.unlink(missing_ok=True)


def _refuse_where_it_cannot_work() -> None:
    elsewhere = "start a Docker engine and use CLUSTER=kind, or name a cluster of your own with "
    elsewhere += "CLUSTER=current KUBECONFIG=..."
    if platform.system() != "Linux":
        raise ClusterError("the local cluster runs on Linux only", remedy=elsewhere)
    if os.geteuid() != 0:
        raise ClusterError(
            "the local cluster needs root: it makes namespaces and mounts",
            remedy=f"run it as root (`sudo -E make cluster-up`), {elsewhere}",
        )
