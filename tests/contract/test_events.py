"""What users see in `kubectl describe`, and what the recorder does when it cannot write."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.events import QUEUE_LIMIT, SERIES_SECONDS, EventRecorder, ObjectRef
from headgate.kube.resources import EVENTS, Manifest
from headgate.kube.session import KubeSession
from tests.builders.following import eventually
from tests.builders.proxy import FaultProxy, any_request, refuses

pytestmark = pytest.mark.apiserver


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def a_ref(namespace: str, name: str = "churn") -> ObjectRef:
    return ObjectRef("headgate.dev/v1alpha1", "Model", namespace, name, "uid-1")


@contextlib.asynccontextmanager
async def recording(
    kube: KubeClient, clock: Callable[[], float] | None = None, **options: Any
) -> AsyncIterator[EventRecorder]:
    recorder = EventRecorder(kube, "operator-a", clock, **options)
    running = asyncio.create_task(recorder.run())
    yield recorder
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def events(kube: KubeClient, namespace: str, at_least: int = 1) -> list[Manifest]:
    """Wait until there are so many events."""
    for _ in range(200):
        found = await kube.list(EVENTS, namespace)
        if len(found) >= at_least:
            break
        await asyncio.sleep(0.02)
    return found


async def test_an_event_names_object_reason_and_who_reported_it(
    kube: KubeClient, namespace: str
) -> None:
    async with recording(kube) as recorder:
        recorder.record(a_ref(namespace), "Warning", "RolledBack", "v3 failed 1 in 5", "Rollout")
        (event,) = await events(kube, namespace)
    assert event["regarding"]["name"] == "churn"
    assert event["regarding"]["kind"] == "Model"
    assert (event["type"], event["reason"], event["action"]) == ("Warning", "RolledBack", "Rollout")
    assert event["note"] == "v3 failed 1 in 5"
    assert event["reportingController"] == "headgate.dev/operator"
    assert event["reportingInstance"] == "operator-a"


async def test_repeats_are_one_event_with_a_count(kube: KubeClient, namespace: str) -> None:
    clock = Clock()
    async with recording(kube, clock) as recorder:
        for _ in range(4):
            recorder.record(a_ref(namespace), "Normal", "Waiting", "for pods", "Rollout")
        recorder.record(a_ref(namespace), "Normal", "Promoted", "v2", "Rollout")
        assert len(await events(kube, namespace, 2)) == 2
        clock.now += 31
        recorder.record(a_ref(namespace), "Normal", "Waiting", "for pods", "Rollout")
        recorder.record(a_ref(namespace), "Normal", "Next", "", "Rollout")
        found = {event["reason"]: event for event in await events(kube, namespace, 3)}
        assert found["Waiting"]["series"]["count"] == 5
        clock.now += SERIES_SECONDS
        recorder.record(a_ref(namespace), "Normal", "Waiting", "for pods", "Rollout")
        assert len(await events(kube, namespace, 4)) == 4


async def test_names_and_notes_of_any_length_are_accepted(kube: KubeClient, namespace: str) -> None:
    async with recording(kube) as recorder:
        recorder.record(a_ref(namespace, "m" * 253), "Normal", "Long", "ü" * 5000, "Rollout")
        (event,) = await events(kube, namespace)
    assert len(event["metadata"]["name"]) == 253
    assert len(event["note"].encode()) <= 1024
    assert event["note"].endswith("…")


async def test_an_event_that_cannot_be_written_is_dropped_and_the_next_one_is_not(
    proxied: KubeSession, proxy: FaultProxy, kube: KubeClient, namespace: str
) -> None:
    dropped: list[int] = []
    proxy.fault(any_request, refuses(503), times=1)
    async with recording(KubeClient(proxied), on_drop=lambda: dropped.append(1)) as recorder:
        recorder.record(a_ref(namespace), "Normal", "First", "", "Rollout")
        recorder.record(a_ref(namespace), "Normal", "Second", "", "Rollout")
        (event,) = await events(kube, namespace)
    assert event["reason"] == "Second"
    assert len(dropped) == 1


async def test_recording_never_waits_and_never_grows_without_bound(
    kube: KubeClient, namespace: str
) -> None:
    dropped: list[int] = []
    recorder = EventRecorder(kube, "operator-a", on_drop=lambda: dropped.append(1))
    for number in range(QUEUE_LIMIT + 50):
        recorder.record(a_ref(namespace), "Normal", "Busy", str(number), "Rollout")
    assert len(dropped) == 50


async def test_a_replica_that_does_not_lead_writes_no_event(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    dropped: list[int] = []
    gated = KubeClient(session, may_write_seconds=lambda: 0.0)
    async with recording(gated, on_drop=lambda: dropped.append(1)) as recorder:
        recorder.record(a_ref(namespace), "Normal", "Late", "", "Rollout")
        await eventually(lambda: dropped == [1])
    assert await kube.list(EVENTS, namespace) == []


async def test_what_waits_is_written_before_a_graceful_stop(
    kube: KubeClient, namespace: str
) -> None:
    recorder = EventRecorder(kube, "operator-a")
    for number in range(5):
        recorder.record(a_ref(namespace), "Normal", "Last", str(number), "Rollout")
    await recorder.drain(patience=5)
    assert len(await kube.list(EVENTS, namespace)) == 5
