"""Finds processes by what /proc tells of them, never by a name alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def processes() -> Iterator[tuple[int, list[str]]]:
    """Yield each other process and its arguments; those that ended have none."""
    for entry in PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            words = _arguments(int(entry.name))
            if words:
                yield int(entry.name), words


def processes_in(networks: set[str]) -> list[int]:
    """Return the processes in these network namespaces."""
    if not networks:
        return []
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if network_of(pid) in networks]


def network_of(pid: int) -> str:
    """Return which network namespace a process is in, or nothing when it has ended."""
    try:
        return str((PROC / str(pid) / "ns" / "net").readlink())
    except OSError:
        return ""


def program_of(pid: int) -> str:
    """Return the name of the program that a process runs."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def kill(pid: int) -> None:
    """End a process at once; one that is gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _arguments(pid: int) -> list[str]:
    try:
        text = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return []
    return text.split("\0")[:-1]
