"""Never two leaders, and never none for long: the Lease on a real API server that fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.resources import LEASES, Manifest
from headgate.kube.session import KubeSession
from headgate.loop.lease import CALL_SECONDS, DURATION_SECONDS, STOP_AFTER_SECONDS, Lease
from tests.builders.following import eventually
from tests.builders.proxy import FaultProxy, any_request, hangs, refuses

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(60)]
NAME = "headgate-operator"


def a_lease(session: KubeSession, namespace: str, identity: str) -> Lease:
    kube = KubeClient(session, attempts=1, total_seconds=CALL_SECONDS)
    return Lease(kube, namespace, NAME, identity)


@contextlib.asynccontextmanager
async def held(lease: Lease) -> AsyncIterator[asyncio.Task[None]]:
    """Keep the lease up inside the block; leave it as a killed process would."""
    running = asyncio.create_task(lease.run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def spec_of(kube: KubeClient, namespace: str) -> Manifest:
    found: Manifest = (await kube.get(LEASES, namespace, NAME))["spec"]
    return found


async def test_the_first_replica_makes_the_lease_and_leads(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    lease = a_lease(session, namespace, "a")
    async with held(lease):
        await eventually(lambda: lease.leading, within=2)
        spec = await spec_of(kube, namespace)
    assert spec["holderIdentity"] == "a"
    assert spec["leaseDurationSeconds"] == DURATION_SECONDS
    assert spec["leaseTransitions"] == 0
    assert abs((datetime.now(UTC) - datetime.fromisoformat(spec["renewTime"])).seconds) < 10


async def test_a_leader_goes_on_leading_beyond_every_term(
    session: KubeSession, namespace: str
) -> None:
    first, second = a_lease(session, namespace, "a"), a_lease(session, namespace, "b")
    async with held(first):
        await eventually(lambda: first.leading)
        async with held(second):
            for _ in range(160):
                await asyncio.sleep(0.05)
                assert first.leading
                assert not second.leading


async def test_a_released_lease_is_taken_within_a_second(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    first, second = a_lease(session, namespace, "a"), a_lease(session, namespace, "b")
    async with held(first):
        await eventually(lambda: first.leading)
    async with held(second):
        await asyncio.sleep(1)
        await first.release()
        assert not first.leading
        await eventually(lambda: second.leading, within=1.2)
        assert (await spec_of(kube, namespace))["leaseTransitions"] == 1


async def test_only_one_of_two_contenders_ever_leads_when_the_holder_dies(
    session: KubeSession, namespace: str
) -> None:
    # given a holder that dies without a word, and two that wait
    dead = a_lease(session, namespace, "dead")
    async with held(dead):
        await eventually(lambda: dead.leading)
    second, third = a_lease(session, namespace, "b"), a_lease(session, namespace, "c")
    async with held(second), held(third):
        # when
        took = await eventually(lambda: second.leading or third.leading, within=10)
        # then one leads, after the dead one's time, and it stays the one
        assert not dead.leading
        assert took >= STOP_AFTER_SECONDS
        for _ in range(60):
            await asyncio.sleep(0.05)
            assert second.leading != third.leading


async def test_a_replica_that_finds_its_own_name_takes_the_lease_at_once(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    before = a_lease(session, namespace, "a")
    async with held(before):
        await eventually(lambda: before.leading)
    after = a_lease(session, namespace, "a")
    async with held(after):
        assert await eventually(lambda: after.leading, within=2) < 1.0
    assert (await spec_of(kube, namespace))["leaseTransitions"] == 0


@pytest.mark.parametrize("outage", ["hangs", "refuses", "answers 503", "is cut off"])
async def test_a_leader_that_cannot_renew_stops_before_another_may_begin(
    proxy: FaultProxy,
    proxied: KubeSession,
    session: KubeSession,
    namespace: str,
    outage: str,
) -> None:
    cut_off, other = a_lease(proxied, namespace, "a"), a_lease(session, namespace, "b")
    async with held(cut_off) as running:
        await eventually(lambda: cut_off.leading)
        async with held(other):
            lost = asyncio.create_task(cut_off.wait_until_lost())
            # when the leader alone loses the API server
            match outage:
                case "hangs":
                    proxy.fault(any_request, hangs)
                case "refuses":
                    await proxy.refuse_connections()
                case "answers 503":
                    proxy.fault(any_request, refuses(503))
                case _:
                    proxy.fault(any_request, hangs)
                    proxy.cut_connections()
            # then
            stopped = await eventually(lambda: not cut_off.leading, within=5)
            assert stopped <= STOP_AFTER_SECONDS + 0.1
            async with asyncio.timeout(0.5):
                await lost
            assert not other.leading
            await eventually(lambda: other.leading, within=DURATION_SECONDS)
            assert not cut_off.leading
            assert not running.done()


async def test_a_leader_takes_a_short_outage_without_ceasing_to_lead(
    proxy: FaultProxy, proxied: KubeSession, namespace: str
) -> None:
    lease = a_lease(proxied, namespace, "a")
    async with held(lease):
        await eventually(lambda: lease.leading)
        fault = proxy.fault(any_request, refuses(503))
        await asyncio.sleep(2)
        proxy.lift(fault)
        for _ in range(40):
            await asyncio.sleep(0.05)
            assert lease.leading


async def test_a_renewal_that_conflicts_does_not_cost_the_lease(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    lease = a_lease(session, namespace, "a")
    async with held(lease):
        await eventually(lambda: lease.leading)
        # given a change that the holder does not know of, as by a renewal whose answer was lost
        await kube.patch(LEASES, namespace, NAME, {"metadata": {"annotations": {"seen": "1"}}})
        for _ in range(60):
            await asyncio.sleep(0.05)
            assert lease.leading
    assert (await spec_of(kube, namespace))["leaseTransitions"] == 0


async def test_a_leader_that_is_deposed_by_hand_stops_at_its_next_renewal(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    lease = a_lease(session, namespace, "a")
    async with held(lease):
        await eventually(lambda: lease.leading)
        await kube.patch(LEASES, namespace, NAME, {"spec": {"holderIdentity": "somebody-else"}})
        assert await eventually(lambda: not lease.leading, within=4) <= 2.5
        assert (await spec_of(kube, namespace))["holderIdentity"] == "somebody-else"


async def test_a_deleted_lease_is_made_again_by_its_holder(
    session: KubeSession, kube: KubeClient, namespace: str
) -> None:
    first, second = a_lease(session, namespace, "a"), a_lease(session, namespace, "b")
    async with held(first):
        await eventually(lambda: first.leading)
        async with held(second):
            await asyncio.sleep(1.5)
            found = await kube.get(LEASES, namespace, NAME)
            await kube.delete(LEASES, namespace, NAME, uid=found["metadata"]["uid"])
            for _ in range(80):
                await asyncio.sleep(0.05)
                assert not (first.leading and second.leading)
            assert first.leading
