"""The cluster's own kubectl, always with the cluster's own kubeconfig."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CALL_SECONDS = 120

type Raw = dict[str, Any]


class KubectlError(Exception):
    """A command failed: its text is what kubectl said."""


@dataclass(frozen=True)
class Kubectl:
    """Runs commands against one cluster, whatever KUBECONFIG says."""

    program: Path
    kubeconfig: Path

    def run(self, *arguments: str, stdin: str = "", seconds: float = CALL_SECONDS) -> str:
        """Return what a command prints; KubectlError when it fails or takes too long."""
        try:
            done = subprocess.run(
                self.argv(arguments),
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
                env=self.environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise KubectlError(f"kubectl {arguments[0]}: no answer in {seconds:g} s") from error
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments[:4])}: {done.stderr.strip()}")
        return done.stdout

    def json(self, *arguments: str) -> Raw:
        """Return what a command prints as JSON."""
        found: Raw = json.loads(self.run(*arguments, "-o", "json"))
        return found

    def apply(self, *manifests: Raw | str, namespace: str = "") -> None:
        """Apply manifests, given as objects or as YAML."""
        documents = [each if isinstance(each, str) else json.dumps(each) for each in manifests]
        text = "\n---\n".join(documents)
        where = ("-n", namespace) if namespace else ()
        self.run("apply", "--server-side", "--force-conflicts", *where, "-f", "-", stdin=text)

    def merge(self, kind: str, namespace: str, name: str, change: Raw) -> None:
        """Change an object by a merge patch."""
        self.run("patch", kind, name, "-n", namespace, "--type=merge", "-p", json.dumps(change))

    def argv(self, arguments: Sequence[str]) -> list[str]:
        """Return the whole command line."""
        return [str(self.program), "--kubeconfig", str(self.kubeconfig), *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment without anybody else's kubeconfig."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig)}


def of_this_clone(root: Path = ROOT) -> Kubectl:
    """Return the kubectl that `make cluster-up` left; KubectlError when there is none."""
    folder = root / ".cluster"
    found = Kubectl(program=folder / "bin" / "kubectl", kubeconfig=folder / "kubeconfig")
    if not found.kubeconfig.exists() or not found.program.exists():
        raise KubectlError("there is no cluster yet: make cluster-up images")
    return found
