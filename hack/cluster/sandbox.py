"""The node's own network, mount and process namespaces: what keeps clusters apart.

Every process of a cluster lives below one first process. When that ends, however it ends, the
kernel ends all others, and with the last of them go the mounts, interfaces, iptables rules and
pod networks. Nothing has to be remembered to be cleaned up; only control groups are left, and
`remove_cgroups` takes those.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hack.cluster.commands import find_program, run, search_path, succeeds
from hack.cluster.components import Component
from hack.cluster.errors import ClusterError
from hack.cluster.processes import kill, network_of, processes, processes_in, program_of
from hack.cluster.slots import Slot

SUPERVISOR = Path(__file__).resolve().parent / "supervisor.py"
SUPERVISOR_SUFFIX = "/hack/cluster/supervisor.py"  # of this clone, or of a deleted one
CGROUPS = Path("/sys/fs/cgroup")
KUBELET_FOLDER = Path("/var/lib/kubelet")
ENDING_SECONDS = 20

# Makes the mounts that only the node sees, then becomes the supervisor.
MOUNTS = """
mount --make-rshared /
mount -t tmpfs -o mode=755 headgate /run
mount --bind "$1" /var/lib/kubelet
mount --bind "$2" /var/log
# Often a link into /run, which is empty now.
resolver=$(readlink -m /etc/resolv.conf)
mkdir -p "$(dirname "$resolver")"
[ -e "$resolver" ] || : > "$resolver"
mount --bind "$3" "$resolver"
shift 3
exec "$@"
"""


@dataclass(frozen=True)
class Sandbox:
    """A node's namespaces, named by the process that holds them."""

    pid: int

    def enter(self) -> list[str]:
        """Return the prefix that runs a command among the node's mounts and interfaces."""
        return ["nsenter", f"--target={self.pid}", "--net", "--mount"]

    def kill(self, inner_pid: int) -> None:
        """Kill a process by its number among the node's processes."""
        processes = f"--pid=/proc/{self.pid}/ns/pid_for_children"
        argv = ["nsenter", processes, "/bin/sh", "-c", f"kill -KILL {inner_pid}"]
        run(argv, what=f"ending the node's process {inner_pid}")

    def connect(self, slot: Slot) -> None:
        """Link the node with the host, and lead the host's way to pods and Services over it."""
        link, device = slot.link.prefixlen, slot.host_device
        node = [f"--target={self.pid}", "--net"]
        what = "connecting the node's network"
        peer = ["peer", "name", "eth0", "netns", str(self.pid)]
        run(["ip", "link", "add", device, "type", "veth", *peer], what=what)
        run(["ip", "address", "add", f"{slot.host_address}/{link}", "dev", device], what=what)
        run(["ip", "link", "set", device, "up"], what=what)
        inside = "\n".join((
            "link set lo up",
            f"address add {slot.node_address}/{link} dev eth0",
            "link set eth0 up",
            f"route add default via {slot.host_address}",
        ))  # fmt: skip
        run(["nsenter", *node, "ip", "-batch", "-"], what=what, stdin=inside + "\n")
        forwarding = "echo 1 > /proc/sys/net/ipv4/ip_forward"
        run(["nsenter", *node, "sh", "-ec", forwarding], what=what)
        for network in (slot.pods, slot.services):
            run(["ip", "route", "add", str(network), "via", str(slot.node_address)], what=what)


class Starter:
    """Hands components to a supervisor that was just started."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def start(self, *components: Component) -> None:
        """Start these processes."""
        for component in components:
            component.log.parent.mkdir(parents=True, exist_ok=True)
            self._stream.write(component.line())
        self._stream.flush()


def open_sandbox(folder: Path, logs: Path, *, resolver: Path) -> tuple[Sandbox, Starter]:
    """Make the namespaces and start the supervisor as their first process.

    `resolver` is the node's resolv.conf: asking the host's servers, which the node cannot reach,
    would make it wait ten seconds to find that an image is not to be had.
    """
    kubelet = folder / "kubelet"
    for needed in (folder, kubelet, logs, KUBELET_FOLDER):
        needed.mkdir(parents=True, exist_ok=True)
    log = logs / "supervisor.log"
    supervisor = [os.path.realpath(sys.executable), str(SUPERVISOR), str(folder)]
    argv = ["unshare", "--net", "--mount", "--propagation=slave", "--pid", "--mount-proc"]
    argv += [
        "--kill-child=KILL",
        "sh",
        "-ec",
        MOUNTS,
        "node",
        str(kubelet),
        str(logs),
        str(resolver),
    ]
    orders, orders_in = os.pipe()
    answer_out, answer = os.pipe()
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*argv, *supervisor],
            stdin=orders,
            stdout=answer,
            stderr=errors,
            env={"PATH": search_path(), "HOME": "/root"},
            start_new_session=True,  # a Ctrl-C at the terminal is not meant for the cluster
        )
    os.close(orders)
    os.close(answer)
    with os.fdopen(answer_out) as said:
        began = said.readline().strip() == "ready"
    if not began:
        os.close(orders_in)
        raise ClusterError(
            "the node's namespaces could not be made",
            log=log,
            remedy="the local cluster needs root and a kernel with namespaces; "
            "a container needs to be privileged",
        )
    return Sandbox(process.pid), Starter(os.fdopen(orders_in, "w"))


def find_sandbox(folder: Path) -> Sandbox | None:
    """Return the namespaces of an earlier `open_sandbox` with this folder, if they live."""
    holders = [pid for pid in sandbox_processes(folder) if program_of(pid) == "unshare"]
    return Sandbox(holders[0]) if holders else None


def sandbox_processes(folder: Path) -> list[int]:
    """Return the supervisors of a folder and what holds their namespaces.

    The folder in their arguments tells whose they are: no file that could be stale or lost.
    """
    return sorted(
        pid
        for pid, words in processes()
        if words[-1] == str(folder) and any(word.endswith(SUPERVISOR_SUFFIX) for word in words)
    )


def close_sandbox(folder: Path, slot: Slot | None) -> None:
    """End a node: every process, mount, interface and control group of it, in any state."""
    supervisors = sandbox_processes(folder)
    networks = {network_of(pid) for pid in supervisors} - {network_of(os.getpid()), ""}
    for pid in supervisors:
        kill(pid)
    _wait_until_gone(folder, networks)
    if slot is not None:
        if find_program("ip") is not None:
            succeeds(["ip", "link", "delete", slot.host_device])
        remove_cgroups(slot)


def remove_cgroups(slot: Slot) -> None:
    """Remove the pods' control groups, of version 1 (one tree per controller) or 2."""
    for group in cgroup_folders(slot):
        deadline = time.monotonic() + ENDING_SECONDS
        while group.is_dir() and not _removed(group):
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"the control group {group} cannot be removed",
                    remedy=f"processes that still run: `cat $(find {group} -name cgroup.procs)`",
                )
            time.sleep(0.1)


def make_cgroups(slot: Slot) -> None:
    """Make the control group that the kubelet puts its pods into."""
    for group in cgroup_folders(slot):
        group.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):  # version 1 starts them out empty
            inherited = group.parent / name
            if inherited.is_file() and group.parent.name.startswith("cpuset"):
                (group / name).write_text(inherited.read_text())
    enabled = CGROUPS / "cgroup.subtree_control"
    if enabled.is_file():
        controllers = (CGROUPS / "cgroup.controllers").read_text().split()
        wanted = " ".join(f"+{c}" for c in controllers if c in {"cpu", "cpuset", "memory", "pids"})
        for control in (enabled, *(g / "cgroup.subtree_control" for g in cgroup_folders(slot))):
            control.write_text(wanted)


def cgroup_folders(slot: Slot) -> Iterable[Path]:
    """Return where the slot's control group is, or would be, in each hierarchy."""
    name = slot.cgroup.lstrip("/")
    if (CGROUPS / "cgroup.controllers").is_file():
        return [CGROUPS / name]
    trees = {tree.resolve() for tree in CGROUPS.iterdir() if (tree / "cgroup.procs").is_file()}
    return sorted(tree / name for tree in trees)


def _removed(group: Path) -> bool:
    try:
        for folder, _, _ in os.walk(group, topdown=False):
            Path(folder).rmdir()
    except OSError:  # a process in it is still ending
        return False
    return True


def _wait_until_gone(folder: Path, networks: set[str]) -> None:
    deadline = time.monotonic() + ENDING_SECONDS
    while left := {*sandbox_processes(folder), *processes_in(networks)}:
        if time.monotonic() > deadline:
            raise ClusterError(
                f"the node's processes {sorted(left)} do not end",
                remedy="look at them with `ps -fp`; a process in state D waits for the kernel",
            )
        time.sleep(0.05)
