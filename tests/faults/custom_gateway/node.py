"""A stand-in for the kubelet and the proxies: it runs each pod's server as a real process.

Pods get loopback addresses, so that the operator reaches each where its pod's status says.
"""

import asyncio
import base64
import json
import os
import random
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headgate.core import labels
from headgate.streamgateway.engines.custom import contract
from tests.builders.door import lead_to
from tests.builders.resources import Manifest
from tests.builders.witness import Witness

SCRIPT = Path(__file__).with_name("on_address.py")
PULL_FAILS = "nothing-there"
MERGE = "application/merge-patch+json"
NOT_STARTED = {"name": "server", "image": "", "imageID": "", "ready": False, "restartCount": 0}


@dataclass
class Running:
    """A pod whose server was started."""

    name: str
    address: str
    port: int
    control_port: int
    process: subprocess.Popen[bytes]
    serving: bool = True
    ready: bool = False

    def probe(self) -> bool:
        """Return what the readiness probe says."""
        url = f"http://{self.address}:{self.control_port}{contract.READY}"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False


@dataclass
class Node:
    """All pods of a namespace."""

    witness: Witness
    namespace: str
    folder: Path
    pods: dict[str, Running] = field(default_factory=dict)
    """By uid."""
    refused: set[str] = field(default_factory=set)
    """Those whose image there is none of."""
    ending: list[Running] = field(default_factory=list)
    started: int = 0

    async def run(self) -> None:
        """Follow what the operator writes, until cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(0.2)

    def look(self) -> None:
        """Start what is new, end what is gone, and tell who is ready."""
        found = self.list()
        for uid, pod in found.items():
            if uid in self.pods:
                self._follow(self.pods[uid], pod)
            elif uid not in self.refused:
                self._start(uid, pod)
        for uid in self.pods.keys() - found.keys():
            gone = self.pods.pop(uid)
            gone.process.send_signal(signal.SIGTERM)
            self.ending.append(gone)

    def close(self) -> None:
        """End all processes."""
        for pod in (*self.pods.values(), *self.ending):
            pod.process.kill()
            pod.process.wait()

    def list(self) -> dict[str, Manifest]:
        """Return the pods of gateways that there are, by uid."""
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        answer = self.witness.get(path, labelSelector=labels.GATEWAY)
        return {item["metadata"]["uid"]: item for item in answer.body["items"]}

    def change(self, name: str, change: Manifest) -> None:
        """Change a pod, as somebody may by hand."""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{name}"
        body = json.dumps(change)
        answer = self.witness.send("PATCH", path, body, content_type=MERGE)
        assert answer.accepted, answer.message

    def _start(self, uid: str, pod: Manifest) -> None:
        server = pod["spec"]["containers"][0]
        if PULL_FAILS in server["image"]:
            self.refused.add(uid)
            waiting = {"reason": "ImagePullBackOff", "message": "there is none"}
            self._tell(pod, containerStatuses=[{**NOT_STARTED, "state": {"waiting": waiting}}])
            return
        self.started += 1
        address = f"127.0.{random.randint(10, 250)}.{self.started}"  # noqa: S311
        ports = {port["name"]: port["containerPort"] for port in server["ports"]}
        kind = "garbage" if "garbage" in server["image"] else "fanout"
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), kind, address], env=self._environment(pod, server)
        )
        self.pods[uid] = Running(
            pod["metadata"]["name"], address, ports["websocket"], ports["control"], process
        )

    def _environment(self, pod: Manifest, server: Manifest) -> dict[str, str]:
        token = self.folder / "token"
        if not token.exists():
            path = f"/api/v1/namespaces/{self.namespace}/secrets/ticker-system"
            token.write_bytes(base64.b64decode(self.witness.get(path).body["data"]["control"]))
        own = {each["name"]: each.get("value", "") for each in server["env"]}
        own[contract.NAME] = pod["metadata"]["name"]
        own[contract.TOKEN_FILE] = str(token)
        return {**os.environ, **own}

    def _follow(self, running: Running, pod: Manifest) -> None:
        running.serving = pod["metadata"]["labels"][labels.SERVING] == "true"
        ready = running.probe()
        if ready == running.ready:
            return
        running.ready = ready
        condition = {
            "type": "Ready",
            "status": "True" if ready else "False",
            "lastTransitionTime": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        self._tell(pod, phase="Running", podIP=running.address, conditions=[condition])

    def _tell(self, pod: Manifest, **status: Any) -> None:
        name = pod["metadata"]["name"]
        path = f"/api/v1/namespaces/{self.namespace}/pods/{name}/status"
        body = json.dumps({"status": status})
        self.witness.send("PATCH", path, body, content_type=MERGE)


@dataclass
class Proxies:
    """What the gateway's Service is: an address that leads to some pod that is ready and serves."""

    node: Node
    server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen; return the URL for clients."""
        self.server = await asyncio.start_server(self._lead, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        return f"ws://127.0.0.1:{port}/ws"

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        able = [pod for pod in self.node.pods.values() if pod.serving and pod.ready]
        if not able:
            writer.close()
            return
        pod = random.choice(able)  # noqa: S311 - as a proxy does
        await lead_to(pod.address, pod.port, reader, writer)
