"""Kubeconfig files, and the plain HTTPS questions that the tooling itself asks an API server."""

from __future__ import annotations

import base64
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hack.cluster.certificates import KeyPair
from hack.cluster.errors import ClusterError

POLL_SECONDS = 0.1


def write_kubeconfig(path: Path, *, server: str, authority: Path, identity: KeyPair) -> None:
    """Write a kubeconfig that holds its certificates itself, readable by its owner alone."""

    def encoded(source: Path) -> str:
        return base64.b64encode(source.read_bytes()).decode()

    user = {
        "client-certificate-data": encoded(identity.certificate),
        "client-key-data": encoded(identity.key),
    }
    cluster = {"server": server, "certificate-authority-data": encoded(authority)}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "headgate", "cluster": cluster}],
        "users": [{"name": "headgate", "user": user}],
        "contexts": [{"name": "headgate", "context": {"cluster": "headgate", "user": "headgate"}}],
        "current-context": "headgate",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(f"{path.name}.new")
    staging.touch(mode=0o600)
    staging.write_text(json.dumps(content, indent=2))  # JSON is YAML, and needs no library
    staging.replace(path)


@dataclass(frozen=True)
class ApiServer:
    """An API server and who we are to it."""

    url: str
    authority: Path
    identity: KeyPair

    def get(self, path: str, *, timeout_seconds: float = 2) -> Any:
        """Return the decoded answer; raises OSError when there is none or it is an error."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(self.identity.certificate, self.identity.key)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(f"{self.url}{path}", timeout=timeout_seconds) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith("{") else text

    def ready(self) -> bool:
        """Tell whether the API server serves."""
        try:
            return bool(self.get("/readyz") == "ok")
        except (OSError, ValueError):  # URLError and ssl.SSLError are OSErrors
            return False


def wait_for(
    condition: Callable[[], bool],
    *,
    what: str,
    log: Path,
    timeout_seconds: float,
    failed: Callable[[], bool] = lambda: False,
) -> None:
    """Return when the condition holds; raise when it does not in time or can no longer."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if failed():
            raise ClusterError(f"{what}: the process ended", log=log)
        if time.monotonic() > deadline:
            raise ClusterError(
                f"{what}: not within {timeout_seconds:.0f} s",
                log=log,
                remedy="read the log; `make cluster-down cluster-up` starts afresh",
            )
        time.sleep(POLL_SECONDS)
