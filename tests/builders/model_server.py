"""A real model server in its own process, on a loopback port of its own choosing."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

START_SECONDS = 90


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"])


class ModelServer:
    """`python -m headgate.server` over a folder of files; use it in a with statement."""

    def __init__(
        self,
        folder: Path,
        files: dict[str, bytes],
        model_format: str = "sklearn",
        **settings: object,
    ) -> None:
        self.folder = folder
        model = folder / "model"
        model.mkdir(parents=True)
        for name, content in files.items():
            (model / name).write_bytes(content)
        self.termination_log = folder / "termination-log"
        self._log = folder / "log"
        defaults = {
            "HEADGATE_MODEL_DIR": model,
            "HEADGATE_MODEL_NAME": "iris",
            "HEADGATE_MODEL_VERSION": "iris-v1",
            "HEADGATE_FORMAT": model_format,
            "HEADGATE_HOST": "127.0.0.1",
            "HEADGATE_PORT": 0,
            "HEADGATE_TERMINATION_LOG": self.termination_log,
        }
        self._environment = own_environment(**defaults | settings)
        self.port = 0
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "headgate.server"], env=self._environment, stderr=log
            )

    def __enter__(self) -> Self:
        """Return once it is ready."""
        self.await_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def await_ready(self) -> None:
        self.await_log("ready")

    def await_log(self, event: str) -> None:
        """Return once it has logged this, which it does only while it lives."""
        deadline = time.monotonic() + START_SECONDS
        while not any(line["event"] == event for line in self.log()):
            code = self.process.poll()
            assert code is None, f"exited with {code}: {self._log.read_text()}"
            assert time.monotonic() < deadline, f"no {event}: {self._log.read_text()}"
            time.sleep(0.05)
        self.port = next(line["port"] for line in self.log() if line["event"] == "listening")

    def log(self) -> list[dict[str, Any]]:
        """The whole lines logged so far."""
        return [
            json.loads(line)
            for line in self._log.read_text().splitlines(keepends=True)
            if line.endswith("\n")
        ]

    def stop(self) -> None:
        """Ask it to go, as the kubelet does."""
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self, seconds: float = START_SECONDS) -> int:
        """Wait for its end."""
        return self.process.wait(seconds)

    def termination(self) -> dict[str, str]:
        """What it left for the pod's status."""
        message: dict[str, str] = json.loads(self.termination_log.read_text())
        return message

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def infer(self, request: object, path: str = "/v2/models/iris/infer") -> Answer:
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        return self.ask("POST", path, body)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request over a connection of its own; `_` in header names stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def metric(self, name: str, **labels: str) -> float:
        """The value of one series, or 0 when it isn't there."""
        for line in self.get("/metrics").body.decode().splitlines():
            series, _, value = line.rpartition(" ")
            if series.split("{")[0] == name and all(
                f'{label}="{wanted}"' in series for label, wanted in labels.items()
            ):
                return float(value)
        return 0.0


def own_environment(**settings: object) -> dict[str, str]:
    """The settings and nothing that the run of the tests has set, such as proxies."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {name: str(value) for name, value in settings.items()}
