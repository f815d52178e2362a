"""Secrets of certificates that pods would wait for without a word are named, for either engine."""

import base64
from typing import Any

import aiohttp
import pytest

from headgate.kube.client import KubeClient
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.servers.custom import CustomServers
from headgate.streamgateway.servers.nats import NatsServers
from headgate.streamgateway.servers.protocol import Servers
from headgate.streamgateway.types import StreamGatewaySpec
from tests.builders.custom_gateways import a_custom_spec
from tests.builders.gateways import a_gateway_spec

pytestmark = pytest.mark.apiserver
LISTENERS = {"websocket": {"port": 80, "tls": {"secretName": "certificate"}}}


@pytest.fixture(params=["nats", "custom"])
async def either(request: pytest.FixtureRequest) -> tuple[Servers, StreamGatewaySpec]:
    async with aiohttp.ClientSession() as http:
        if request.param == "nats":
            return NatsServers(http, image="nats:2"), a_gateway_spec(listeners=LISTENERS)
        return CustomServers(http), a_custom_spec(listeners=LISTENERS)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "there is no Secret certificate in "),
        ({"tls.crt": "YQ=="}, "Secret certificate lacks tls.key"),
        ({"ca.crt": "YQ=="}, "Secret certificate lacks tls.crt and tls.key"),
    ],
)
async def test_one_that_is_absent_or_lacks_a_key_is_named(
    kube: KubeClient,
    namespace: str,
    either: tuple[Servers, StreamGatewaySpec],
    data: dict[str, str] | None,
    told: str,
) -> None:
    # given
    if data is not None:
        await create(kube, namespace, data)
    # when
    wanted = await wanted_of(kube, namespace, *either)
    # then
    (problem,) = wanted.problems
    assert problem.path == "spec.listeners.websocket.tls.secretName"
    assert problem.message.startswith(told)


async def test_one_with_both_keys_is_mounted(
    kube: KubeClient, namespace: str, either: tuple[Servers, StreamGatewaySpec]
) -> None:
    both = base64.b64encode(b"pem").decode()
    await create(kube, namespace, {"tls.crt": both, "tls.key": both})
    assert (await wanted_of(kube, namespace, *either)).revision is not None


async def create(kube: KubeClient, namespace: str, data: dict[str, str]) -> None:
    metadata = {"name": "certificate"}
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
    await kube.create(SECRETS, namespace, manifest)


async def wanted_of(
    kube: KubeClient, namespace: str, servers: Servers, spec: StreamGatewaySpec
) -> Any:
    gateway = Gateway(namespace=namespace, name="feed", uid="uid-of-feed")
    return await servers.wanted_of(kube, gateway, spec)
