"""Credentials that change under a running operator, and a session that kopf shares."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from headgate.kube.client import KubeClient
from headgate.kube.credentials import Credentials, TokenFile, from_kubeconfig
from headgate.kube.errors import Unauthorized, Unavailable
from headgate.kube.resources import PODS, SERVICES
from headgate.kube.session import KubeSession, OnResponse
from tests.builders.apiserver import ApiServer
from tests.builders.proxy import FaultProxy, any_request, refuses

pytestmark = pytest.mark.apiserver


@contextlib.asynccontextmanager
async def opened(
    credentials: Credentials, on_response: OnResponse | None = None
) -> AsyncIterator[KubeSession]:
    session = KubeSession(credentials, on_response)
    try:
        yield session
    finally:
        await session.close()
        await asyncio.sleep(0.05)


@pytest.fixture
async def token_door(proxy: FaultProxy, tmp_path: Path) -> tuple[FaultProxy, Path]:
    """An API server that takes the token `good` and no other."""

    async def check(request: web.Request) -> web.StreamResponse | None:
        if request.headers.get("Authorization") == "Bearer good":
            return None
        return await refuses(401, "Unauthorized")(request)

    proxy.fault(any_request, check)
    return proxy, tmp_path / "token"


async def test_a_token_that_was_replaced_on_disk_is_read_when_the_old_one_is_refused(
    token_door: tuple[FaultProxy, Path], namespace: str
) -> None:
    proxy, file = token_door
    file.write_text("stale", encoding="utf-8")
    async with opened(Credentials(proxy.url, token_file=TokenFile(file))) as session:
        kube = KubeClient(session)
        with pytest.raises(Unauthorized):
            await kube.list(PODS, namespace)
        file.write_text("good", encoding="utf-8")
        assert await kube.list(PODS, namespace) == []


async def test_a_refused_write_is_sent_again_with_its_body_under_the_new_token(
    token_door: tuple[FaultProxy, Path], namespace: str
) -> None:
    proxy, file = token_door
    file.write_text("stale", encoding="utf-8")
    token = TokenFile(file)
    token.token(0.0)
    file.write_text("good", encoding="utf-8")
    token._read_at = float("inf")  # not old enough to be read again by itself
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": "one"},
        "spec": {"ports": [{"port": 80}]},
    }
    async with opened(Credentials(proxy.url, token_file=token)) as session:
        applied = await KubeClient(session).apply(service)
    assert applied["spec"]["ports"][0]["port"] == 80


async def test_a_session_that_kopf_closed_is_opened_again(api: ApiServer, namespace: str) -> None:
    async with opened(from_kubeconfig(api.kubeconfig)) as session:
        kube = KubeClient(session)
        await kube.list(SERVICES, namespace)
        await session.http.close()  # what kopf does after a refused login
        assert await kube.list(SERVICES, namespace) == []
    with pytest.raises(Unavailable, match="stopping"):
        await kube.list(SERVICES, namespace)


async def test_every_answer_is_counted_by_verb_resource_and_code(
    proxy: FaultProxy, namespace: str
) -> None:
    counted: list[tuple[str, str, str]] = []
    async with opened(proxy.credentials, lambda *answer: counted.append(answer)) as session:
        kube = KubeClient(session, attempts=1)
        await kube.list(PODS, namespace)
        fault = proxy.fault(any_request, refuses(503))
        with pytest.raises(Unavailable):
            await kube.list(PODS, namespace)
        proxy.lift(fault)
        await proxy.refuse_connections()
        with pytest.raises(Unavailable):
            await kube.get(PODS, namespace, "x")
    assert counted == [
        ("list", "pods", "200"),
        ("list", "pods", "503"),
        ("get", "pods", "error"),
    ]


async def test_an_answer_that_is_not_json_is_a_failure_of_the_server(
    proxy: FaultProxy, proxied: KubeSession, namespace: str
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="<html>please log in</html>")

    proxy.fault(any_request, answer)
    with pytest.raises(Unavailable, match="NotJSON"):
        await KubeClient(proxied, attempts=1).list(PODS, namespace)
