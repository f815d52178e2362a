"""Servers that leave: leaders step down first, clients are told and spread, quorum may be lost."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from nats.aio.client import Client

from headgate.streamgateway.engines.nats.errors import JetStreamUnavailableError
from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.leaders import Leaders, Leaderships
from headgate.streamgateway.engines.nats.monitoring import read_healthz, read_varz
from headgate.streamgateway.engines.nats.stream_types import Create
from headgate.streamgateway.engines.nats.streams import stream_config
from headgate.streamgateway.engines.nats.system import SystemAccount
from tests.builders.nats_engine import Engine, connect, eventually
from tests.builders.raw_nats import RawClient
from tests.builders.streams import a_wanted_stream


@pytest.fixture
def leaving(tmp_path: Path) -> Iterator[Engine]:
    with Engine(folder=tmp_path, edge_count=1) as engine:
        yield engine


async def meta_leader(system: Client, servers: int) -> str | None:
    seen = await SystemAccount(system).servers(expected=servers)
    return next((each.meta_leader for each in seen if each.meta_leader), None)


async def make_stream(operator: Client) -> None:
    change = Create(name="predictions", config=stream_config(a_wanted_stream()))
    await Streams(operator).carry_out(change)


@pytest.mark.usefixtures("no_streams_left")
async def test_leaders_step_down_and_others_follow(
    engine: Engine, system_client: Client, operator_client: Client
) -> None:
    # given
    await make_stream(operator_client)
    context = operator_client.jetstream()
    await context.add_consumer("predictions", durable_name="reader", ack_policy="explicit")
    info = await context.stream_info("predictions")
    assert info.cluster is not None
    leader = info.cluster.leader or ""
    leaders = Leaders(system_client, operator_client)
    # when
    held = await leaders.held_by(leader, await meta_leader(system_client, 5))
    assert held.streams == ("predictions",)
    await leaders.step_down(held)

    # then
    async def nothing_held() -> bool:
        meta = await meta_leader(system_client, 5)
        try:
            return meta is not None and not (await leaders.held_by(leader, meta)).movable
        except JetStreamUnavailableError:
            return False  # the election is under way

    await eventually(nothing_held)
    client = await connect(engine.edges[0].url)
    await client.jetstream().publish("predictions.a", b"still taken")
    await client.close()


@pytest.mark.usefixtures("no_streams_left")
async def test_every_leadership_is_somebodys(
    engine: Engine, system_client: Client, operator_client: Client
) -> None:
    await make_stream(operator_client)
    leaders = Leaders(system_client, operator_client)
    meta = await meta_leader(system_client, 5)
    held = [await leaders.held_by(server.name, meta) for server in engine.core]
    assert sorted(each.meta for each in held) == [False, False, True]
    assert sorted(each.streams for each in held) == [(), (), ("predictions",)]


@pytest.mark.usefixtures("no_streams_left")
async def test_a_stream_of_one_replica_is_told_to_stay(
    engine: Engine, system_client: Client, operator_client: Client
) -> None:
    config = stream_config(a_wanted_stream(replicas=1))
    await Streams(operator_client).carry_out(Create(name="predictions", config=config))
    leaders = Leaders(system_client, operator_client)
    held = [await leaders.held_by(server.name, None) for server in engine.core]
    assert [each for each in held if each != Leaderships()] == [Leaderships(fixed=("predictions",))]
    await leaders.step_down(Leaderships(streams=("vanished",)))


async def test_lame_duck_mode_tells_clients_takes_no_more_and_counts_on(leaving: Engine) -> None:
    edge = leaving.edges[0]
    async with AsyncExitStack() as open_ones:
        raw = await open_ones.enter_async_context(RawClient(port=edge.ports.client or 0))
        await raw.log_in()
        edge.lame_duck()
        assert (await raw.read_info())["ldm"] is True
        health = read_healthz(*edge.ask("/healthz"))
        assert (health.ready, health.leaving) == (False, True)
        assert read_varz(edge.ask("/varz")[1]).connections == 1
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", edge.ports.client)


async def test_lame_duck_mode_ends_at_once_when_the_last_client_has_left_before(
    leaving: Engine,
) -> None:
    edge = leaving.edges[0]
    edge.lame_duck()
    process = edge.process
    assert process is not None

    async def has_ended() -> bool:
        return process.poll() is not None

    await eventually(has_ended, seconds=5)
    assert process.returncode == 0


async def test_a_core_without_quorum_says_so_instead_of_telling_of_no_streams(
    leaving: Engine,
) -> None:
    operator = await leaving.connect_as_operator()
    await make_stream(operator)
    for server in leaving.core[1:]:
        server.kill()

    async def says_so() -> bool:
        try:
            found = await Streams(operator, timeout=2).found()
        except JetStreamUnavailableError as error:
            return bool(re.search("no leader|not available|no answer", str(error)))
        assert [each.name for each in found] == ["predictions"]  # a leader that leads a while yet
        return False

    await eventually(says_so, seconds=30)
    await operator.close()


async def test_a_core_of_one_stands_alone_with_its_edges_as_leaves(tmp_path: Path) -> None:
    with Engine(folder=tmp_path, core_size=1) as engine:
        operator = await engine.connect_as_operator()
        system = await engine.connect_as_system()
        config = stream_config(a_wanted_stream(replicas=1))
        await Streams(operator).carry_out(Create(name="predictions", config=config))
        publisher, subscriber = (
            await connect(engine.edges[0].url),
            await connect(engine.edges[1].url),
        )
        live = await subscriber.subscribe("headgate.live.predictions.>")
        await subscriber.flush()
        assert len(await SystemAccount(system).servers(expected=3)) == 3

        async def heard() -> bool:  # interest passes two links before the first is heard
            await publisher.jetstream().publish("predictions.a", b"x")
            return live.pending_msgs > 0

        await eventually(heard)
        assert not (await Leaders(system, operator).held_by("predictions-core-0", None)).movable
        for client in (publisher, subscriber, operator, system):
            await client.close()
