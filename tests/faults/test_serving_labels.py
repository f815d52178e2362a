"""Whether clients are sent to a pod, by a cache that may be behind: "out for good" has to win."""

from dataclasses import dataclass

import pytest

from headgate.core import labels
from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.errors import Conflict
from headgate.kube.resources import PODS
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.records import GatewayPodRecord, by_gateway, project_gateway_pod
from headgate.streamgateway.serving import ServingLabels
from tests.builders.resources import Manifest
from tests.faults.conftest import NewNamespace

pytestmark = [pytest.mark.apiserver]
NAME = "ticker-1"


@dataclass
class PodOfAPool:
    """One pod on the API server, as the operator saw it last."""

    kube: KubeClient
    namespace: str
    cache: Cache[GatewayPodRecord]

    @property
    def labels(self) -> ServingLabels:
        return ServingLabels(kube=self.kube, pods=self.cache, namespace=self.namespace)

    @property
    def seen(self) -> EdgePod:
        """Return what a decision would be made of now."""
        record = self.cache.get(self.namespace, NAME)
        assert record is not None
        return record.edge

    async def create(self) -> Manifest:
        manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": NAME,
                "labels": {labels.GATEWAY: "ticker", labels.SERVING: labels.SERVING_OPEN},
            },
            "spec": {
                "automountServiceAccountToken": False,
                "containers": [{"name": "server", "image": "example.invalid/server:1"}],
            },
        }
        created = await self.kube.create(PODS, self.namespace, manifest)
        self.cache.remember(created)
        return created

    async def told_by_hand(self, serving: str) -> Manifest:
        """Label it as `kubectl label` does; nobody has heard of it yet."""
        patch = {"metadata": {"labels": {labels.SERVING: serving}}}
        return await self.kube.patch(PODS, self.namespace, NAME, patch)

    async def serving(self) -> str:
        """Return what the API server has."""
        pod = await self.kube.get(PODS, self.namespace, NAME)
        return str(pod["metadata"]["labels"][labels.SERVING])


@pytest.fixture
async def pod(kube: KubeClient, new_namespace: NewNamespace) -> PodOfAPool:
    found = PodOfAPool(kube, await new_namespace(), Cache(project_gateway_pod, by_gateway))
    await found.create()
    return found


async def test_a_full_pod_leaves_the_service_and_comes_back(pod: PodOfAPool) -> None:
    await pod.labels.close(pod.seen)
    assert await pod.serving() == labels.SERVING_FULL
    assert (pod.seen.serving, pod.seen.full) == (True, True)
    await pod.labels.open(pod.seen)
    assert await pod.serving() == labels.SERVING_OPEN
    assert (pod.seen.serving, pod.seen.full) == (True, False)


@pytest.mark.parametrize("act", ["open", "close"])
async def test_what_was_taken_out_for_good_and_not_heard_of_yet_stays_out(
    pod: PodOfAPool, act: str
) -> None:
    # given
    await pod.told_by_hand(labels.SERVING_LEAVING)
    # when
    with pytest.raises(Conflict):
        await getattr(pod.labels, act)(pod.seen)
    # then
    assert await pod.serving() == labels.SERVING_LEAVING


@pytest.mark.parametrize("act", ["open", "close"])
async def test_what_was_taken_out_for_good_after_the_decision_stays_out(
    pod: PodOfAPool, act: str
) -> None:
    # given
    decided_from = pod.seen
    pod.cache.remember(await pod.told_by_hand(labels.SERVING_LEAVING))
    # when
    await getattr(pod.labels, act)(decided_from)
    # then
    assert await pod.serving() == labels.SERVING_LEAVING


@pytest.mark.parametrize("act", ["open", "close"])
async def test_another_pod_of_the_name_is_left_alone(pod: PodOfAPool, act: str) -> None:
    # given
    decided_from = pod.seen
    await pod.kube.delete(PODS, pod.namespace, NAME, uid=decided_from.uid)
    await pod.create()
    await pod.told_by_hand(labels.SERVING_FULL if act == "open" else labels.SERVING_OPEN)
    before = await pod.serving()
    # when
    await getattr(pod.labels, act)(decided_from)
    # then
    assert await pod.serving() == before


async def test_a_pod_leaves_for_good_whatever_was_said_meanwhile(pod: PodOfAPool) -> None:
    await pod.told_by_hand(labels.SERVING_FULL)
    await pod.labels.leave(pod.seen)
    assert await pod.serving() == labels.SERVING_LEAVING
    assert not pod.seen.serving


async def test_another_pod_of_the_name_does_not_leave_in_its_stead(pod: PodOfAPool) -> None:
    # given
    decided_from = pod.seen
    await pod.kube.delete(PODS, pod.namespace, NAME, uid=decided_from.uid)
    await pod.create()
    # when
    with pytest.raises(Conflict):
        await pod.labels.leave(decided_from)
    # then
    assert await pod.serving() == labels.SERVING_OPEN
