"""The token between operator and servers: made once, kept in a Secret, and never guessed."""

import base64

import pytest

from headgate.core.resource import Problem
from headgate.kube.client import KubeClient
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.servers.secrets import own_passwords

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
