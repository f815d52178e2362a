"""Ends a container's process the way a power cut does: by its own kill -9, from the node.

Containers of the local cluster, and of kind on Linux, are processes of this machine; only those
of the pod that is named are ended.
"""

import os
import signal
from pathlib import Path

from hack.demo.kubectl import Raw


def kill_processes_of(pod: Raw, program: str) -> list[int]:
    """Kill a program in a pod; return the ids, none where they cannot be seen from here."""
    found = [pid for pid in _processes_of(pod["metadata"]["uid"]) if _is(pid, program)]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return found


def _processes_of(uid: str) -> list[int]:
    marks = (uid, uid.replace("-", "_"))  # as systemd writes it
    found = []
    for group in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            text = group.read_text()
        except OSError:
            continue  # it ended
        if any(mark in text for mark in marks):
            found.append(int(group.parent.name))
    return found


def _is(pid: int, program: str) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == program
    except OSError:
        return False
