"""The passwords by which NATS servers know each other: deleted, they come back as they were."""

from dataclasses import dataclass

import aiohttp
import pytest

from headgate.core.resource import Problem
from headgate.kube.client import KubeClient
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.build.revision import Revision, config_secret
from headgate.streamgateway.servers.nats import NatsServers
from headgate.streamgateway.servers.protocol import Wanted
from tests.builders.gateways import a_gateway_spec

pytestmark = pytest.mark.apiserver


@dataclass
class Running:
    """A gateway whose servers have a configuration."""

    kube: KubeClient
    servers: NatsServers
    gateway: Gateway
    revision: Revision

    async def wanted(self) -> Wanted:
        return await self.servers.wanted_of(
            self.kube, self.gateway, a_gateway_spec(), self.revision.name
        )

    async def delete(self, name: str) -> None:
        secret = await self.kube.get(SECRETS, self.gateway.namespace, name)
        uid = secret["metadata"]["uid"]
        await self.kube.delete(SECRETS, self.gateway.namespace, name, uid=uid)


@pytest.fixture
async def running(kube: KubeClient, namespace: str) -> Running:
    gateway = Gateway(namespace=namespace, name="feed", uid="uid-of-feed")
    async with aiohttp.ClientSession() as http:
        servers = NatsServers(http, image="nats:2")
    revision = (await servers.wanted_of(kube, gateway, a_gateway_spec())).revision
    assert revision is not None
    await kube.create(SECRETS, namespace, config_secret(gateway, revision))
    return Running(kube, servers, gateway, revision)


async def test_they_come_back_from_the_configuration_that_runs(running: Running) -> None:
    # when
    await running.delete(running.gateway.system_name)
    # then: it is the same configuration, and nothing is changed
    assert (await running.wanted()).revision == running.revision
    secret = await running.kube.get(SECRETS, running.gateway.namespace, running.gateway.system_name)
    assert secret["immutable"]


async def test_where_both_are_gone_none_are_made_that_would_part_the_servers(
    running: Running,
) -> None:
    # when
    await running.delete(running.gateway.system_name)
    await running.delete(running.gateway.config_name(running.revision.name))
    wanted = await running.wanted()
    # then
    assert wanted.revision is None
    (problem,) = wanted.problems
    assert isinstance(problem, Problem)
    assert "feed-system, by which the servers that run know each other, was deleted" in str(problem)
    assert "restore one of them" in str(problem)
