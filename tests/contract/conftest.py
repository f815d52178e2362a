"""A real etcd and kube-apiserver, started once for the whole run, and clients to it."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.credentials import from_kubeconfig
from headgate.kube.resources import Resource
from headgate.kube.session import KubeSession
from tests.builders.apiserver import ApiServer
from tests.builders.proxy import FaultProxy

NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False)


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server that ends with the run; one in $HEADGATE_TEST_APISERVER stays for the next."""
    kept = os.environ.get("HEADGATE_TEST_APISERVER")
    if kept:
        server = ApiServer(Path(kept))
    else:
        server = ApiServer(tmp_path_factory.mktemp("apiserver"), owner=os.getpid())
    server.start()
    yield server
    if not kept:
        server.kill()


@pytest.fixture
async def session(api: ApiServer) -> AsyncIterator[KubeSession]:
    opened = KubeSession(from_kubeconfig(api.kubeconfig))
    yield opened
    await opened.close()
    await asyncio.sleep(0.05)  # connections that were being opened end a moment later


@pytest.fixture
def kube(session: KubeSession) -> KubeClient:
    return KubeClient(session)


@pytest.fixture
async def namespace(kube: KubeClient) -> str:
    """A namespace that no other test uses."""
    name = f"test-{secrets.token_hex(4)}"
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    await kube.create(NAMESPACES, "", manifest)
    return name


@pytest.fixture
async def proxy(api: ApiServer) -> AsyncIterator[FaultProxy]:
    """A door to the API server that can be told to fail."""
    opened = FaultProxy(from_kubeconfig(api.kubeconfig))
    await opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
async def proxied(proxy: FaultProxy) -> AsyncIterator[KubeSession]:
    """A session that goes through the proxy."""
    opened = KubeSession(proxy.credentials)
    yield opened
    await opened.close()
    await asyncio.sleep(0.05)
