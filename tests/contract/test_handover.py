"""Two replicas, real processes: the standby takes over in time, and never both write.

A text is edited all the while, and the leader copies it into an annotation. How long the copy
lags behind is how long nobody reconciled.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from headgate.kube.client import KubeClient
from headgate.kube.resources import LEASES
from tests.builders.apiserver import ROOT, ApiServer
from tests.builders.following import CONFIG_MAPS, COPY, WRITER, Notebook, eventually

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(120)]


@dataclass
class Replica:
    """One running operator."""

    name: str
    process: asyncio.subprocess.Process
    port: int
    log: Path

    async def probe(self, path: str) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return response.status, await response.text()
        except aiohttp.ClientError as error:
            return 0, str(error)

    async def wait_until_ready(self) -> None:
        async with asyncio.timeout(30):
            while (await self.probe("/readyz"))[0] != 200:
                assert self.process.returncode is None, self.log.read_text(encoding="utf-8")
                await asyncio.sleep(0.05)

    async def leads(self) -> bool:
        return "headgate_leading 1.0" in (await self.probe("/metrics"))[1]

    async def wait_until_leading(self) -> None:
        async with asyncio.timeout(2):
            while not await self.leads():  # noqa: ASYNC110  another process's state
                await asyncio.sleep(0.05)

    async def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        async with asyncio.timeout(20):
            return await self.process.wait()


@dataclass
class Scribe:
    """Edits one text without pause and notes how far the copy is behind, and who copied."""

    notebook: Notebook
    longest_lag: float = 0.0
    writers: list[str] = field(default_factory=list)
    copied: int = 0

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        written: dict[str, float] = {}
        number = 0
        while True:
            number += 1
            text = str(number)
            written[text] = clock()
            await self.notebook.edit("page", text)
            while not await self._is_copied(text):
                self.longest_lag = max(self.longest_lag, clock() - written[text])
                await asyncio.sleep(0.02)
            self.copied += 1

    async def _is_copied(self, text: str) -> bool:
        page = await self.notebook.kube.get(CONFIG_MAPS, self.notebook.namespace, "page")
        annotations = page["metadata"].get("annotations") or {}
        writer = annotations.get(WRITER)
        if writer is not None and (not self.writers or self.writers[-1] != writer):
            self.writers.append(writer)
        return annotations.get(COPY) == text


class Stage:
    """Starts replicas in a namespace of their own."""

    def __init__(self, api: ApiServer, notebook: Notebook, logs: Path) -> None:
        self.api = api
        self.notebook = notebook
        self.logs = logs
        self.replicas: list[Replica] = []

    async def replica(self, name: str) -> Replica:
        """Start a replica and wait until it is ready; the first one leads."""
        replica = await self.launch(name)
        await replica.wait_until_ready()
        return replica

    async def launch(self, name: str) -> Replica:
        """Start a replica."""
        log = self.logs / f"{name}-{len(self.replicas)}.log"
        port = _free_port()
        env = os.environ | {
            "KUBECONFIG": str(self.api.kubeconfig),
            "POD_NAME": name,
            "HEADGATE_LEASE_NAMESPACE": self.notebook.namespace,
            "HEADGATE_METRICS_PORT": str(port),
            "PYTHONPATH": f"{ROOT / 'operator'}:{ROOT}",
        }
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.builders.stub_operator",
                self.notebook.namespace,
                env=env,
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )
        replica = Replica(name, process, port, log)
        self.replicas.append(replica)
        return replica

    async def holder(self) -> str:
        lease = await self.notebook.kube.get(LEASES, self.notebook.namespace, "headgate-operator")
        return lease["spec"].get("holderIdentity") or ""


@pytest.fixture
async def stage(
    api: ApiServer, kube: KubeClient, namespace: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    notebook = Notebook(kube, namespace)
    await notebook.write("page", "0")
    opened = Stage(api, notebook, tmp_path)
    yield opened
    for replica in opened.replicas:
        if replica.process.returncode is None:
            replica.process.kill()
            await replica.process.wait()


@contextlib.asynccontextmanager
async def steady_editing(stage: Stage) -> AsyncIterator[Scribe]:
    scribe = Scribe(stage.notebook)
    writing = asyncio.create_task(scribe.run())
    await eventually(lambda: bool(scribe.writers), within=20)
    scribe.longest_lag = 0.0
    yield scribe
    writing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writing


async def test_a_graceful_stop_costs_at_most_two_seconds_without_reconciling(stage: Stage) -> None:
    first = await stage.replica("a")
    await stage.replica("b")
    async with steady_editing(stage) as scribe:
        await asyncio.sleep(1)
        ended = await first.end(signal.SIGTERM)
        await eventually(lambda: scribe.writers[-1] == "b")
        await asyncio.sleep(1)
    assert ended == 0
    assert scribe.writers == ["a", "b"]
    assert scribe.longest_lag <= 2.0
    print(f"graceful handover: {scribe.longest_lag:.2f} s")


async def test_a_kill_costs_at_most_ten_seconds_without_reconciling(stage: Stage) -> None:
    first = await stage.replica("a")
    await stage.replica("b")
    async with steady_editing(stage) as scribe:
        await asyncio.sleep(1)
        await first.end(signal.SIGKILL)
        await eventually(lambda: scribe.writers[-1] == "b", within=15)
    assert scribe.writers == ["a", "b"]
    assert scribe.longest_lag <= 10.0
    print(f"handover after kill -9: {scribe.longest_lag:.2f} s")


async def test_a_replica_that_restarts_under_its_name_leads_again_at_once(stage: Stage) -> None:
    first = await stage.replica("a")
    async with steady_editing(stage) as scribe:
        await first.end(signal.SIGKILL)
        again = await stage.replica("a")
        await again.wait_until_leading()
        copied = scribe.copied
        await eventually(lambda: scribe.copied > copied, within=3)


async def test_a_paused_leader_writes_nothing_when_it_wakes_up_deposed(stage: Stage) -> None:
    first = await stage.replica("a")
    await stage.replica("b")
    async with steady_editing(stage) as scribe:
        first.process.send_signal(signal.SIGSTOP)
        await eventually(lambda: scribe.writers[-1] == "b", within=15)
        first.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(3)
    assert scribe.writers == ["a", "b"]
    assert await stage.holder() == "b"


async def test_probes_and_metrics_tell_leader_and_standby_apart(stage: Stage) -> None:
    first = await stage.replica("a")
    second = await stage.replica("b")
    async with steady_editing(stage):
        assert (await first.probe("/livez"))[0] == 200
        assert (await second.probe("/readyz"))[0] == 200
        metrics = (await first.probe("/metrics"))[1]
        assert await first.leads()
        assert 'headgate_reconciles_total{kind="ConfigMap",result="done"}' in metrics
        assert (
            'headgate_api_requests_total{code="200",resource="configmaps",verb="patch"}' in metrics
        )
        assert not await second.leads()


async def test_an_operator_that_starts_before_its_api_server_waits_for_it(stage: Stage) -> None:
    await asyncio.to_thread(stage.api.kill)
    try:
        early, given_up = await stage.launch("a"), await stage.launch("b")
        await eventually(lambda: b"standing by" in early.log.read_bytes(), within=30)
        await eventually(lambda: b"standing by" in given_up.log.read_bytes(), within=30)
        assert (await early.probe("/livez"))[0] == 200
        assert await early.probe("/readyz") == (503, "not yet listed: configmaps\n")
        assert await given_up.end(signal.SIGTERM) == 0
    finally:
        await asyncio.to_thread(stage.api.start)
    await early.wait_until_ready()
    async with steady_editing(stage):
        assert early.process.returncode is None
    assert await early.end(signal.SIGTERM) == 0


async def test_an_operator_goes_on_after_its_api_server_was_killed(stage: Stage) -> None:
    replica = await stage.replica("a")
    async with steady_editing(stage):
        pass
    await asyncio.to_thread(stage.api.restart)
    async with steady_editing(stage) as scribe:
        copied = scribe.copied
        await eventually(lambda: scribe.copied > copied, within=20)
    assert replica.process.returncode is None
    assert b"Traceback" not in replica.log.read_bytes()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
