"""Runs a cluster's processes: starts what it is told on its standard input, until it is ended.

It imports nothing of this project, because it also runs as the first process of a node's own
namespaces, where ending it makes the kernel end everything else in them. One JSON object a line:

    {"name": "etcd", "argv": [...], "log": "/path", "env": {...}, "restart": true}

Whoever starts it passes a folder, which it fills with `supervisor.json` (what runs, how often it
was started, how it ended). It ends when that file is deleted, so a deleted clone or test folder
leaves nothing running, and with `--owner PID` as soon as that process is gone. What it started
dies with it, even when it is killed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TICK_SECONDS = 0.2
RESTART_SECONDS = 1.0
GRACE_SECONDS = 5.0
OPEN_FILES = 20_000  # containerd and its shims slow down when the limit is in the millions


@dataclass
class Child:
    """One supervised process."""

    spec: dict[str, Any]
    pid: int = 0
    starts: int = 0
    exit_code: int | None = None
    due: float = 0.0  # when to start it again

    def start(self) -> None:
        """Start the process with its output going to its log."""
        argv = [*death_with_parent(), *self.spec["argv"]]
        log = os.open(self.spec["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        actions = [(os.POSIX_SPAWN_DUP2, null, 0)]
        actions += [(os.POSIX_SPAWN_DUP2, log, stream) for stream in (1, 2)]
        try:
            self.pid = os.posix_spawnp(
                argv[0], argv, {**os.environ, **self.spec.get("env", {})}, file_actions=actions
            )
        finally:
            os.close(log)
            os.close(null)
        self.starts += 1
        self.exit_code = None

    def ended(self, exit_code: int) -> None:
        """Remember how it ended, and when it is due again."""
        self.pid = 0
        self.exit_code = exit_code
        self.due = time.monotonic() + RESTART_SECONDS


def death_with_parent() -> list[str]:
    """Return the prefix that makes the kernel end a process with the one that started it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


class Supervisor:
    """The children, and the file that tells about them."""

    def __init__(self, folder: Path) -> None:
        self.report = folder / "supervisor.json"
        self.children: dict[str, Child] = {}
        self.ending = False
        self.reported = ""

    def accept(self, line: str) -> None:
        """Start the process that a line of input describes."""
        spec = json.loads(line)
        child = Child(spec)
        self.children[spec["name"]] = child
        child.start()

    def reap(self) -> None:
        """Collect whatever ended: our children, and orphans of theirs that came to us."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self.children.values():
                if child.pid == pid:
                    child.ended(os.waitstatus_to_exitcode(status))

    def restart_the_dead(self) -> None:
        """Start again what ended and is to run for ever."""
        for child in self.children.values():
            if not child.pid and child.spec.get("restart") and time.monotonic() >= child.due:
                child.start()

    def tell(self) -> None:
        """Write the report if it changed, at once or not at all."""
        report = {"pid": os.getpid(), "components": {}}
        report["components"] = {
            name: {key: value for key, value in asdict(child).items() if key not in {"spec", "due"}}
            for name, child in self.children.items()
        }
        text = json.dumps(report)
        if text != self.reported:
            staging = self.report.with_suffix(".new")
            staging.write_text(text)
            staging.replace(self.report)
            self.reported = text

    def is_abandoned(self) -> bool:
        """Tell whether the folder that this works for was deleted."""
        return bool(self.reported) and not self.report.exists()

    def end(self) -> None:
        """End every child: kindly, and after the grace period not."""
        deadline = time.monotonic() + GRACE_SECONDS
        self._signal_all(signal.SIGTERM)
        while any(child.pid for child in self.children.values()):
            if time.monotonic() > deadline:
                self._signal_all(signal.SIGKILL)
            time.sleep(TICK_SECONDS / 4)
            self.reap()

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self.children.values():
            if child.pid:
                os.kill(child.pid, number)


def owner_is_gone(owner: int) -> bool:
    """Tell whether the process that this one works for has ended."""
    if not owner:
        return False
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def supervise(supervisor: Supervisor, owner: int) -> None:
    """Start what standard input names, keep it running, until told to end."""
    source, pending = sys.stdin.fileno(), b""
    listening = True
    while not (supervisor.ending or owner_is_gone(owner) or supervisor.is_abandoned()):
        if listening and select.select([source], [], [], TICK_SECONDS)[0]:
            chunk = os.read(source, 65536)
            listening = bool(chunk)
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                supervisor.accept(line.decode())
        elif not listening:
            time.sleep(TICK_SECONDS)
        supervisor.reap()
        supervisor.restart_the_dead()
        supervisor.tell()


def main() -> None:
    """Run until SIGTERM, the owner's end, or a kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--owner", type=int, default=0)
    arguments = parser.parse_args()
    supervisor = Supervisor(arguments.folder)

    def stop(*_: object) -> None:
        supervisor.ending = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    os.chdir("/")
    print("ready", flush=True)
    # Whoever started us may go away: nothing may hold its terminal or pipes.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    supervise(supervisor, arguments.owner)
    supervisor.end()
    if not supervisor.is_abandoned():
        supervisor.tell()


if __name__ == "__main__":
    main()
