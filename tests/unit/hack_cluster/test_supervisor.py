"""What the supervisor starts runs as long as it should, and not a moment longer than it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hack.cluster.components import Component, supervised
from hack.cluster.processes import kill
from hack.cluster.sandbox import SUPERVISOR

PATIENCE_SECONDS = 10


def eventually(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


def runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@dataclass
class Supervised:
    folder: Path
    process: subprocess.Popen[bytes]

    def pid_of(self, name: str) -> int:
        return int(supervised(self.folder).get(name, {}).get("pid", 0))


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervised]:
    """A supervisor of one process that restarts and one that does not."""
    parts = [
        Component("lasting", ["sleep", "600"], tmp_path / "lasting.log"),
        Component("mortal", ["sleep", "600"], tmp_path / "mortal.log", restart=False),
    ]
    orders = tmp_path / "orders"
    orders.write_text("".join(part.line() for part in parts))
    with orders.open() as stream:
        process = subprocess.Popen(
            [sys.executable, str(SUPERVISOR), str(tmp_path)],
            stdin=stream,
            stdout=subprocess.DEVNULL,
        )
    started = Supervised(tmp_path, process)
    eventually(lambda: started.pid_of("lasting") and started.pid_of("mortal"))
    yield started
    process.kill()
    process.wait()


def test_it_starts_again_what_is_to_last(supervisor: Supervised) -> None:
    first = supervisor.pid_of("lasting")
    kill(first)
    eventually(lambda: supervisor.pid_of("lasting") not in {0, first})
    assert supervised(supervisor.folder)["lasting"]["starts"] == 2


def test_it_leaves_dead_what_is_not_to_be_restarted(supervisor: Supervised) -> None:
    kill(supervisor.pid_of("mortal"))
    eventually(lambda: supervisor.pid_of("mortal") == 0)
    assert supervised(supervisor.folder)["mortal"]["exit_code"] == -signal.SIGKILL
    time.sleep(0.5)
    assert supervised(supervisor.folder)["mortal"]["starts"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_it_however_it_ends(
    supervisor: Supervised, number: signal.Signals
) -> None:
    pids = [supervisor.pid_of(name) for name in ("lasting", "mortal")]
    supervisor.process.send_signal(number)
    supervisor.process.wait(PATIENCE_SECONDS)
    eventually(lambda: not any(runs(pid) for pid in pids))


def test_it_ends_when_its_folder_is_deleted(supervisor: Supervised) -> None:
    pids = [supervisor.pid_of(name) for name in ("lasting", "mortal")]
    shutil.rmtree(supervisor.folder)
    assert supervisor.process.wait(PATIENCE_SECONDS) == 0
    assert not any(runs(pid) for pid in pids)


def test_it_ends_when_its_owner_does(tmp_path: Path) -> None:
    # given a supervisor that works for a process
    owner = subprocess.Popen(["sleep", "600"])
    order = Component("work", ["sleep", "600"], tmp_path / "work.log").line()
    process = subprocess.Popen(
        [sys.executable, str(SUPERVISOR), f"--owner={owner.pid}", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(order)
    process.stdin.close()
    pid = eventually(lambda: supervised(tmp_path).get("work", {}).get("pid"))
    # when
    owner.kill()
    owner.wait()
    # then
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not runs(pid)


def test_an_order_is_one_line_of_json() -> None:
    line = Component("a", ["b", "c\nd"], Path(os.devnull)).line()
    assert line.count("\n") == 1
    assert json.loads(line)["argv"] == ["b", "c\nd"]
