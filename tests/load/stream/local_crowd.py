"""Crowds of bare clients, and a publisher, as processes of this machine."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from hack.demo.stream.ledger import CrowdLedger
from tests.builders.nats_engine import AMYS

HERE = Path(__file__).parent


@dataclass
class LocalCrowd:
    """Processes and what they say; a context manager that ends them all."""

    ledger: CrowdLedger = field(default_factory=CrowdLedger)
    _running: dict[str, tuple[subprocess.Popen[str], threading.Thread]] = field(
        default_factory=dict
    )

    def start(self, name: str, script: str, *arguments: str) -> None:
        """Start a script of this folder as one of them."""
        login = {"GATEWAY_USER": "amy", "GATEWAY_PASSWORD": AMYS}
        process = subprocess.Popen(
            [sys.executable, str(HERE / script), *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | login | {"PYTHONPATH": str(HERE.parents[2] / "operator")},
        )
        reader = threading.Thread(target=self._follow, args=(name, process), daemon=True)
        reader.start()
        self._running[name] = process, reader

    def end(self, name: str) -> None:
        """Let one say its last word."""
        process, reader = self._running.pop(name)
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self.end(name)

    def _follow(self, name: str, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.ledger.take(name, line)
