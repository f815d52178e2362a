"""The system account sees all servers, and moves one connection without touching its neighbours."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from nats.aio.client import Client

from headgate.streamgateway.engines.nats.errors import (
    ConnectionUnreadyError,
    CoreUnreachableError,
    LoginRefusedError,
    NoSuchConnectionError,
    ServerGoneError,
)
from headgate.streamgateway.engines.nats.monitoring import ConnectionSeen, read_varz
from headgate.streamgateway.engines.nats.sessions import open_session
from headgate.streamgateway.engines.nats.system import SystemAccount
from headgate.streamgateway.engines.nats.users import SYSTEM_USER
from tests.builders.nats_engine import SECRETS, Engine, Server, connect
from tests.builders.raw_nats import RawClient


async def id_of(system: SystemAccount, server: Server) -> str:
    seen = await system.servers(expected=5)
    (server_id,) = [each.server_id for each in seen if each.name == server.name]
    assert server_id is not None
    return server_id


async def found(system: SystemAccount, server_id: str, name: str) -> ConnectionSeen | None:
    page = await system.connections(server_id)
    return next((each for each in page.connections if each.name == name), None)


async def cid_of(system: SystemAccount, server_id: str, name: str) -> int:
    connection = await found(system, server_id, name)
    assert connection is not None
    return connection.cid


async def test_all_servers_answer_with_their_names_and_figures(system: SystemAccount) -> None:
    seen = await system.servers(expected=5)
    assert [(server.name, server.tags) for server in seen] == [
        ("predictions-core-0", ("role:core",)),
        ("predictions-core-1", ("role:core",)),
        ("predictions-core-2", ("role:core",)),
        ("predictions-edge-0", ("role:edge",)),
        ("predictions-edge-1", ("role:edge",)),
    ]
    assert all(server.connections is not None and server.memory_bytes for server in seen)


async def test_who_does_not_answer_is_not_waited_for(system: SystemAccount) -> None:
    async with asyncio.timeout(1):
        assert len(await system.servers(expected=6, wait=0.3)) == 5


async def test_the_monitoring_page_tells_the_same_server(
    engine: Engine, system: SystemAccount
) -> None:
    edge = engine.edges[0]
    page = read_varz(edge.ask("/varz")[1])
    assert page.server_id == await id_of(system, edge)


async def test_connections_are_listed_in_pages_without_the_operators_own(
    engine: Engine, system: SystemAccount
) -> None:
    edge = engine.edges[1]
    server_id = await id_of(system, edge)
    async with AsyncExitStack() as open_ones:
        for number in range(5):
            raw = RawClient(port=edge.ports.client or 0, name=f"page-{number}")
            await (await open_ones.enter_async_context(raw)).log_in()
        pages = [await system.connections(server_id, limit=2, offset=at) for at in (0, 2, 4)]
    names = [each.name for page in pages for each in page.connections]
    assert [name for name in names if name.startswith("page-")] == [f"page-{n}" for n in range(5)]
    assert {page.total for page in pages} == {5}
    assert {each.user for page in pages for each in page.connections} == {"amy"}
    core = await system.connections(await id_of(system, engine.core[0]))
    assert all(each.account == "APP" for each in core.connections)


async def test_one_client_alone_is_asked_to_move_and_stays_connected(
    engine: Engine, system: SystemAccount
) -> None:
    edge = engine.edges[0]
    server_id = await id_of(system, edge)
    port = edge.ports.client or 0
    async with RawClient(port=port, name="moves") as moves, RawClient(port=port) as stays:
        await moves.log_in()
        await stays.log_in()
        await system.ask_to_move(server_id, await cid_of(system, server_id, "moves"))
        assert (await moves.read_info())["ldm"] is True
        assert await moves.ping() == b"PONG"
        assert await stays.ping() == b"PONG"


@pytest.mark.parametrize("kind", ["nats", "websocket"])
async def test_the_library_tells_its_application_to_move(
    engine: Engine, system: SystemAccount, kind: str
) -> None:
    edge = engine.edges[0]
    asked = asyncio.Event()

    async def leave() -> None:
        asked.set()

    url = edge.url if kind == "nats" else edge.websocket_url
    client = await connect(url, name=kind, lame_duck_mode_cb=leave)
    server_id = await id_of(system, edge)
    connection = await found(system, server_id, kind)
    assert connection is not None
    assert connection.is_websocket == (kind == "websocket")
    await system.ask_to_move(server_id, connection.cid)
    async with asyncio.timeout(2):
        await asked.wait()
    await client.flush()
    assert client.is_connected
    await client.close()


async def test_a_kicked_connection_is_cut(engine: Engine, system: SystemAccount) -> None:
    edge = engine.edges[0]
    server_id = await id_of(system, edge)
    async with RawClient(port=edge.ports.client or 0, name="kicked") as raw:
        await raw.log_in()
        await system.kick(server_id, await cid_of(system, server_id, "kicked"))
        assert b"PONG" not in await raw.rest()


async def test_a_connection_that_has_left_is_told_from_a_server_that_has(
    engine: Engine, system: SystemAccount
) -> None:
    server_id = await id_of(system, engine.edges[0])
    with pytest.raises(NoSuchConnectionError, match="has no connection 999999"):
        await system.ask_to_move(server_id, 999_999)
    with pytest.raises(NoSuchConnectionError):
        await system.kick(server_id, 999_999)
    with pytest.raises(ServerGoneError, match="NOBODY is not there"):
        await system.ask_to_move("NOBODY", 1)


async def test_a_client_that_has_not_said_hello_cannot_be_asked(
    engine: Engine, system: SystemAccount
) -> None:
    edge = engine.edges[0]
    server_id = await id_of(system, edge)
    async with RawClient(port=edge.ports.client or 0) as silent:
        with pytest.raises(ConnectionUnreadyError, match="cannot be told to move"):
            await system.ask_to_move(server_id, silent.info["client_id"])


async def test_a_lost_session_says_so(engine: Engine) -> None:
    client = await engine.connect_as_system()
    await client.close()
    with pytest.raises(CoreUnreachableError):
        await SystemAccount(client).connections("ANY")
    with pytest.raises(CoreUnreachableError):
        await SystemAccount(client).servers(expected=1)


async def test_a_session_is_opened_with_any_server_that_is_there(engine: Engine) -> None:
    urls = ["nats://127.0.0.1:1", engine.core[1].url]
    client = await open_session(urls, SYSTEM_USER, SECRETS.system)
    assert isinstance(client, Client)
    await client.close()


async def test_a_wrong_password_of_the_operator_is_told_from_a_core_that_is_away(
    engine: Engine,
) -> None:
    with pytest.raises(LoginRefusedError, match="refuses headgate-system"):
        await open_session([engine.core[0].url], SYSTEM_USER, "wrong")
    with pytest.raises(CoreUnreachableError, match=r"127\.0\.0\.1:1"):
        await open_session(["nats://127.0.0.1:1"], SYSTEM_USER, SECRETS.system)
