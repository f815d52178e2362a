"""Children of a gateway that somebody deletes or changes, on a real API server."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.errors import NotFound
from headgate.kube.resources import SERVICES
from headgate.streamgateway.build.children import client_service
from headgate.streamgateway.build.owned import Gateway, Manifest
from headgate.streamgateway.children import LOOKED_AGAIN, Children, NameTakenError
from tests.builders.gateways import a_gateway_spec
from tests.faults.conftest import NewNamespace

pytestmark = [pytest.mark.apiserver]


@dataclass
class Kept:
    """The clients' Service of a gateway, and the operator's time."""

    kube: KubeClient
    gateway: Gateway
    now: datetime = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
    children: Children = field(init=False)

    def __post_init__(self) -> None:
        self.children = Children(kube=self.kube, clock=lambda: self.now)

    async def ensure(self, after: timedelta = timedelta(0)) -> Manifest | None:
        self.now += after
        manifest = client_service(self.gateway, a_gateway_spec())
        return await self.children.ensure(self.gateway, manifest)

    async def found(self) -> Manifest:
        return await self.kube.get(SERVICES, self.gateway.namespace, self.gateway.name)

    async def delete(self) -> None:
        uid = (await self.found())["metadata"]["uid"]
        await self.kube.delete(SERVICES, self.gateway.namespace, self.gateway.name, uid=uid)


@pytest.fixture
async def kept(kube: KubeClient, new_namespace: NewNamespace) -> Kept:
    made = Kept(kube, Gateway(namespace=await new_namespace(), name="feed", uid="uid-of-feed"))
    await made.ensure()
    return made


async def test_what_nobody_touched_is_read_once_a_minute_and_never_written(kept: Kept) -> None:
    # given
    before = await kept.found()
    # when, then
    assert await kept.ensure(LOOKED_AGAIN - timedelta(seconds=1)) is None
    assert await kept.ensure(timedelta(seconds=1)) == before
    assert await kept.ensure(timedelta(seconds=1)) is None
    assert (await kept.found())["metadata"]["managedFields"] == before["metadata"]["managedFields"]


async def test_what_was_deleted_is_made_again_within_a_minute(kept: Kept) -> None:
    # given
    await kept.delete()
    with pytest.raises(NotFound):
        await kept.found()
    # when
    await kept.ensure(LOOKED_AGAIN)
    # then
    assert (await kept.found())["spec"]["selector"]


async def test_what_was_changed_is_as_it_was_within_a_minute(kept: Kept) -> None:
    # given
    right = (await kept.found())["spec"]["selector"]
    wrong = {"spec": {"selector": {"headgate.dev/serving": "nobody"}}}
    await kept.kube.patch(SERVICES, kept.gateway.namespace, kept.gateway.name, wrong)
    # when
    await kept.ensure(LOOKED_AGAIN)
    # then
    assert (await kept.found())["spec"]["selector"] == right


async def test_what_is_seen_to_be_otherwise_is_looked_at_at_once(kept: Kept) -> None:
    await kept.delete()
    kept.children.doubt(kept.gateway, "Service", kept.gateway.name)
    await kept.ensure()
    assert await kept.found()


async def test_an_object_of_somebody_else_is_never_touched(kept: Kept) -> None:
    # given
    await kept.delete()
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": kept.gateway.name},
        "spec": {"ports": [{"port": 99}]},
    }
    created = await kept.kube.create(SERVICES, kept.gateway.namespace, theirs)
    # when
    with pytest.raises(NameTakenError, match="Service feed is there and not this gateway's"):
        await kept.ensure(LOOKED_AGAIN)
    # then
    assert await kept.found() == created
