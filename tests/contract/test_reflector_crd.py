"""A kind that is taken out of the cluster and put back: the reflector sees both."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

import pytest

from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.errors import ApiError
from headgate.kube.reflector import Reflector
from headgate.kube.resources import Manifest, Resource
from headgate.kube.session import KubeSession
from tests.builders.following import eventually

pytestmark = pytest.mark.apiserver
CRDS = Resource(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False
)


def a_definition(resource: Resource) -> Manifest:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": CRDS.api_version,
        "kind": CRDS.kind,
        "metadata": {"name": f"{resource.plural}.{resource.group}"},
        "spec": {
            "group": resource.group,
            "scope": "Namespaced",
            "names": {"plural": resource.plural, "kind": resource.kind},
            "versions": [version],
        },
    }


@pytest.fixture
async def widgets(kube: KubeClient) -> AsyncIterator[Resource]:
    """A kind of which nobody else knows."""
    resource = Resource(f"{secrets.token_hex(4)}.example.com", "v1", "widgets", "Widget")
    await define(kube, resource)
    yield resource
    with contextlib.suppress(ApiError):
        await undefine(kube, resource)


async def define(kube: KubeClient, resource: Resource) -> None:
    await kube.create(CRDS, "", a_definition(resource))


async def undefine(kube: KubeClient, resource: Resource) -> None:
    name = f"{resource.plural}.{resource.group}"
    found = await kube.get(CRDS, "", name)
    await kube.delete(CRDS, "", name, uid=found["metadata"]["uid"])


async def make(kube: KubeClient, widgets: Resource, namespace: str, name: str) -> None:
    """Create a widget as soon as its kind is served."""
    manifest = {
        "apiVersion": widgets.api_version,
        "kind": widgets.kind,
        "metadata": {"name": name},
    }
    for _ in range(100):
        try:
            await kube.create(widgets, namespace, manifest)
        except ApiError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the kind is not served")


@pytest.mark.timeout(90)
async def test_objects_go_with_their_kind_and_are_seen_again_when_it_comes_back(
    session: KubeSession, kube: KubeClient, widgets: Resource, namespace: str
) -> None:
    # given
    cache: Cache[str] = Cache(lambda obj: str(obj["metadata"]["name"]))
    told: list[tuple[str | None, str | None]] = []
    reflector = Reflector(
        session, widgets, cache, on_change=lambda old, new, _metadata: told.append((old, new))
    )
    running = asyncio.create_task(reflector.run())
    await make(kube, widgets, namespace, "one")
    await eventually(lambda: cache.values() == ["one"])
    # when
    await undefine(kube, widgets)
    await eventually(lambda: cache.values() == [], within=20)
    await asyncio.sleep(1)
    await define(kube, widgets)
    await make(kube, widgets, namespace, "two")
    # then
    await eventually(lambda: cache.values() == ["two"], within=20)
    assert told == [(None, "one"), ("one", None), (None, "two")]
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
