"""A real Dask scheduler and workers, each a process, on the loopback only."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DASK = Path(sys.executable).parent / "dask"
_ADDRESS = re.compile(r"Scheduler at:\s+(tcp://\S+)")
_JOINED = "Registered to:"


@dataclass
class DaskCluster:
    """Ends with `stop`; its workers are the processes themselves, without nannies."""

    folder: Path
    address: str = ""
    scheduler: subprocess.Popen[str] | None = None
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, workers: int = 2) -> "DaskCluster":
        self.scheduler = self._process("scheduler", "--port", "0")
        self.address = _waited_for(self.scheduler, _ADDRESS)
        for _ in range(workers):
            self.add_worker()
        for worker in self.workers:
            _waited_for(worker, re.compile(_JOINED))
        return self

    def add_worker(self, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        place = self.folder / f"worker-{len(self.workers)}"
        worker = self._process(
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--local-directory",
            str(place),
            env=env,
        )
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.kill()
                process.wait()
                assert process.stderr is not None
                process.stderr.close()

    def _process(
        self, what: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(DASK), what, "--host", "127.0.0.1", "--no-dashboard", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
        )


def _waited_for(process: subprocess.Popen[str], said: re.Pattern[str]) -> str:
    """Read what a process logs until it says so; return the group, or all of it."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        found = said.search(line)
        if found is not None:
            return found[found.re.groups]
    raise RuntimeError(f"ended with {process.wait()}: {''.join(seen)}")
