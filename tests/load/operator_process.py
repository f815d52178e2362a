"""An operator process of this source tree against some API server: start, look at, stop, kill."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

AS_IN_IMAGE = Path(__file__).with_name("as_in_image.py")
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class OperatorProcess:
    """One replica."""

    kubeconfig: Path
    log: Path
    identity: str = "bench"
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it has listed everything and stands by or leads."""
        environment = {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "POD_NAME": self.identity,
            "POD_NAMESPACE": "default",
            "HEADGATE_SERVER_IMAGE": "docker.io/headgate/server:dev",
            "HEADGATE_METRICS_PORT": str(self.port),
            **self.settings,
        }
        argv = [sys.executable, str(AS_IN_IMAGE), "headgate.controller"]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(argv, env=environment, stdout=output, stderr=output)
        end = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the operator did not start: see {self.log}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def is_ready(self) -> bool:
        return self._get("/readyz")[0] == 200

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels."""
        text = self._get("/metrics")[1]
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def resident_mb(self) -> float:
        """Return the memory it has now, in MB of 1000 * 1000 bytes."""
        return self._status("VmRSS")

    def highest_resident_mb(self) -> float:
        """Return the most memory that it has had."""
        return self._status("VmHWM")

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, with_signal: int = signal.SIGTERM) -> float:
        """End it and return how many seconds it took."""
        if self._process is None:
            return 0.0
        began = time.monotonic()
        self._process.send_signal(with_signal)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return time.monotonic() - began

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def _status(self, line: str) -> float:
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"^{line}:\s+(\d+) kB$", text, re.MULTILINE)
        assert found, f"no {line} of process {self.pid}"
        return int(found[1]) * 1024 / 1e6

    def _get(self, path: str) -> tuple[int, str]:
        try:
            url = f"http://127.0.0.1:{self.port}{path}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except OSError as error:
            return getattr(error, "code", 0), ""


@contextlib.contextmanager
def running(operator: OperatorProcess) -> Iterator[OperatorProcess]:
    """Have it run inside the block, and not after."""
    try:
        operator.start()
        yield operator
    finally:
        operator.stop()
