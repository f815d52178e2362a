"""What the operator as a whole does when the lease comes and goes; the lease is moved by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.credentials import Credentials
from headgate.kube.errors import Forbidden
from headgate.kube.events import EventRecorder
from headgate.kube.resources import Key
from headgate.kube.session import KubeSession
from headgate.loop.lease import TROUBLE_SECONDS, Lease
from headgate.loop.operation import Kind, Operation
from headgate.telemetry import Metrics
from tests.builders.following import eventually

NO_SERVER = KubeSession(Credentials("http://127.0.0.1:1"))


class LeaseInHand(Lease):
    """A Lease that is taken and lost when a test says so."""

    async def run(self) -> None:
        await asyncio.Event().wait()

    def take(self) -> None:
        self._set_until(self._clock() + 3600)

    def lose(self) -> None:
        self._set_until(float("-inf"))


class UnreachableLeases(KubeClient):
    """An API server that refuses every look at the lease."""

    asked = 0

    async def get(self, *_: Any) -> Any:
        self.asked += 1
        raise Forbidden(403, "Forbidden", "leases is forbidden")


class Seconds:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@contextlib.asynccontextmanager
async def an_operation(
    kube: KubeClient, lease: Lease, on_stand_by: Callable[[], None] = lambda: None
) -> AsyncIterator[Operation]:
    """Run an operation that follows nothing and reconciles a kind of which there is no object."""

    async def reconcile(_key: object) -> None:
        raise AssertionError("there is nothing to reconcile")

    kind = Kind("Model", Cache(lambda obj: obj), reconcile, on_stand_by=on_stand_by)
    recorder = EventRecorder(kube, "a")
    operation = Operation(NO_SERVER, kube, lease, recorder, Metrics(), (), (kind,))
    operation.start()
    try:
        yield operation
    finally:
        await operation.stop()


async def test_what_only_a_leader_may_go_by_is_forgotten_when_the_lease_is_lost() -> None:
    # given
    forgotten: list[str] = []
    kube = UnreachableLeases(NO_SERVER)
    lease = LeaseInHand(kube, "headgate-system", "headgate-operator", "a")
    async with an_operation(kube, lease, lambda: forgotten.append("all")):
        lease.take()
        await asyncio.sleep(0.05)
        assert not forgotten
        # when
        lease.lose()
        # then
        await eventually(lambda: forgotten == ["all"], within=2)


async def test_a_replica_that_cannot_get_at_the_lease_for_long_is_not_ready_and_says_why() -> None:
    # given
    clock, kube = Seconds(), UnreachableLeases(NO_SERVER)
    lease = Lease(kube, "headgate-system", "headgate-operator", "a", clock)
    async with an_operation(kube, lease) as operation:
        await eventually(lambda: kube.asked > 0, within=2)
        # when it is a moment ago, as when the API server restarts
        clock.now += TROUBLE_SECONDS - 0.1
        assert operation.unready() == ""
        # when it lasts
        clock.now += 0.2
        # then
        assert "leases is forbidden" in operation.unready()
        assert "lease" in operation.unready()


async def test_a_lapse_of_the_lease_loses_nothing_that_was_due_and_starts_nothing_anew() -> None:
    # given a leader with a key that is due, and one whose pass is under way
    lease = LeaseInHand(UnreachableLeases(NO_SERVER), "headgate-system", "headgate-operator", "a")
    async with an_operation(UnreachableLeases(NO_SERVER), lease) as operation:
        lease.take()
        await eventually(lambda: operation._workers.running, within=2)
        lease.lose()
        await eventually(lambda: not operation._workers.running, within=2)
        operation.queue.add_after(Key("Model", "ns", "due"), 3600)
        # when it is got back in the same term
        lease.take()
        await eventually(lambda: operation._workers.running, within=2)
        # then
        assert operation.queue.scheduled == 1
        # and when somebody else may have led
        lease.lose()
        await eventually(lambda: not operation._workers.running, within=2)
        lease.term += 1
        lease.take()
        await eventually(lambda: operation._workers.running, within=2)
        assert operation.queue.scheduled == 0
