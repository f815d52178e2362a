"""A real etcd and kube-apiserver without a node: they answer in seconds and keep no secrets."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "hack" / "cluster" / "cluster.py"


@dataclass(frozen=True)
class ApiServer:
    """One API server, living in a folder; it ends when process `owner` does, if it has one."""

    folder: Path
    owner: int = 0

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def url(self) -> str:
        config = yaml.safe_load(self.kubeconfig.read_text(encoding="utf-8"))
        return str(config["clusters"][0]["cluster"]["server"])

    def start(self) -> None:
        """Return when it serves; again with the same data at the same port after `kill`."""
        self._run("apiserver-up", "--owner", str(self.owner))

    def kill(self) -> None:
        """End it at once; its data stays."""
        self._run("apiserver-down")

    def restart(self) -> None:
        self.kill()
        self.start()

    def _run(self, command: str, *options: str) -> None:
        argv = [sys.executable, str(CLUSTER), command, "--dir", str(self.folder), *options]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
