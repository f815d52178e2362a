"""The token between operator and servers: made once, kept in a Secret, and never guessed."""

import base64

import aiohttp
import pytest

from headgate.core.resource import Problem
from headgate.kube.client import KubeClient
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.servers.custom import CustomServers
from headgate.streamgateway.servers.secrets import own_passwords
from tests.builders.custom_gateways import a_custom_spec

pytestmark = pytest.mark.apiserver


def a_gateway(namespace: str) -> Gateway:
    return Gateway(namespace=namespace, name="feed", uid="6f0d5a3e-0000-4000-8000-000000000000")


async def test_it_is_made_once(kube: KubeClient, namespace: str) -> None:
    # when
    first = await own_passwords(kube, a_gateway(namespace), ("control",))
    second = await own_passwords(kube, a_gateway(namespace), ("control",))
    # then
    assert isinstance(first, dict)
    assert len(first["control"]) > 40
    assert second == first


async def test_one_that_pods_mount_can_be_made_anew(kube: KubeClient, namespace: str) -> None:
    # given: of an immutable Secret, kubelets hand old content to new pods
    await own_passwords(kube, a_gateway(namespace), ("control",), mounted=True)
    secret = await kube.get(SECRETS, namespace, "feed-system")
    # then
    assert not secret.get("immutable")


async def test_another_token_is_another_configuration(
    kube: KubeClient, namespace: str, http: aiohttp.ClientSession
) -> None:
    # given
    servers, gateway = CustomServers(http), a_gateway(namespace)
    before = (await servers.wanted_of(kube, gateway, a_custom_spec())).revision
    same = (await servers.wanted_of(kube, gateway, a_custom_spec())).revision
    # when
    secret = await kube.get(SECRETS, namespace, gateway.system_name)
    await kube.delete(SECRETS, namespace, gateway.system_name, uid=secret["metadata"]["uid"])
    after = (await servers.wanted_of(kube, gateway, a_custom_spec())).revision
    # then
    assert before is not None
    assert after is not None
    assert before == same
    assert before.name != after.name


async def test_two_gateways_have_two(kube: KubeClient, namespace: str) -> None:
    # given
    other = Gateway(namespace=namespace, name="other", uid="6f0d5a3e-0000-4000-8000-000000000001")
    # when
    one = await own_passwords(kube, a_gateway(namespace), ("control",))
    two = await own_passwords(kube, other, ("control",))
    # then
    assert one != two


async def test_a_secret_of_another_engine_is_told_and_left_as_it_is(
    kube: KubeClient, namespace: str
) -> None:
    # given
    data = {"system": base64.b64encode(b"something").decode()}
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "feed-system", "namespace": namespace},
        "data": data,
    }
    await kube.create(SECRETS, namespace, manifest)
    # when
    told = await own_passwords(kube, a_gateway(namespace), ("control",))
    # then
    assert isinstance(told, Problem)
    assert "Secret feed-system lacks control" in told.message
    assert "something" not in told.message
    assert (await kube.get(SECRETS, namespace, "feed-system"))["data"] == data
