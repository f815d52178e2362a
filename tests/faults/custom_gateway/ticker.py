"""The example's gateway on an API server without nodes, and its clients."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import yaml

from tests.builders.fanout import EXAMPLE
from tests.builders.resources import Manifest
from tests.faults.custom_gateway.node import Node

CLIENTS = 12
QUICK = {"window": "2s", "deadline": "20s"}


class Ticker:
    """What a test does with it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.manifest: Manifest = yaml.safe_load((EXAMPLE / "gateway.yaml").read_text())
        self.manifest["metadata"]["namespace"] = node.namespace
        self.manifest["spec"]["drain"] = QUICK
        self._process: asyncio.subprocess.Process | None = None

    def create(self) -> None:
        """Create it, with quick drains."""
        answer = self.node.witness.create(self.manifest)
        assert answer.accepted, answer.message

    def edit(self, **spec: Any) -> None:
        """Change the spec."""
        answer = self.node.witness.patch(self.manifest, {"spec": spec})
        assert answer.accepted, answer.message

    def edit_server(self, **server: Any) -> None:
        """Change engine.custom."""
        self.edit(engine={"custom": server})

    async def until(
        self, what: str, holds: Callable[[Manifest], Any], seconds: float = 120
    ) -> Manifest:
        """Wait until the status, of the spec as it is, is as wanted; return it."""
        status: Manifest = {}
        try:
            async with asyncio.timeout(seconds):
                while not (status and holds(status)):
                    await asyncio.sleep(0.2)
                    status = await asyncio.to_thread(self._status)
        except TimeoutError:
            raise AssertionError(f"not so after {seconds} s: {what}: {status}") from None
        return status

    async def until_healthy(self, replicas: int) -> Manifest:
        """Wait until so many pods serve, and nothing is under way."""
        return await self.until(
            f"{replicas} healthy pods",
            lambda status: (
                status["phase"] == "Healthy"
                and status["readyReplicas"] == replicas
                and len(self.node.pods) == replicas
            ),
        )

    async def listen(self, url: str) -> None:
        """Start the clients; return when all have heard something."""
        script = str(EXAMPLE / "clients" / "listen.py")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            script,
            "--url",
            url,
            "--clients",
            str(CLIENTS),
            stdout=asyncio.subprocess.PIPE,
        )
        while (await self._said())["heard"] < 5:
            pass

    async def last_word(self) -> Manifest:
        """Let the clients hear some more, and stop; return what they have heard and missed."""
        assert self._process is not None
        heard = (await self._said())["heard"]
        while (await self._said())["heard"] < heard + 10:
            pass
        self._process.terminate()
        while not (told := await self._said())["done"]:
            pass
        return told

    async def close(self) -> None:
        """End the clients, where a test has not."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _said(self) -> Manifest:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 30)
        told: Manifest = json.loads(line)
        return told

    def _status(self) -> Manifest:
        meta = self.manifest["metadata"]
        path = f"/apis/headgate.dev/v1alpha1/namespaces/{meta['namespace']}/streamgateways"
        found = self.node.witness.get(f"{path}/{meta['name']}").body
        status: Manifest = found.get("status") or {}
        current = status.get("observedGeneration") == found["metadata"]["generation"]
        return status if current else {}
