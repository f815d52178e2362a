"""Streams on a real core: made, changed, refused; and what clients may not do to them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from headgate.streamgateway.engines.nats.errors import (
    JetStreamUnavailableError,
    NoSuchStreamError,
    OutOfSpaceError,
    RequestRefusedError,
)
from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.stream_types import (
    Change,
    Create,
    Nothing,
    Refuse,
    Update,
    WantedStream,
)
from headgate.streamgateway.engines.nats.streams import plan_streams, stream_config
from tests.builders.nats_engine import Engine, connect, eventually
from tests.builders.streams import HOUR, a_wanted_stream

pytestmark = pytest.mark.usefixtures("no_streams_left")


@pytest.fixture
def streams(operator_client: Client) -> Streams:
    return Streams(operator_client)


async def bring_about(streams: Streams, wanted: WantedStream) -> Change:
    """Plan and carry out, as one pass does; return the change."""
    found = await streams.found()
    now = datetime.now(UTC)
    (change,) = plan_streams([wanted], found, core_size=3, store_bytes=256_000_000, now=now)
    if isinstance(change, Create | Update):
        await streams.carry_out(change)
    return change


async def test_a_stream_is_made_once(streams: Streams) -> None:
    wanted = a_wanted_stream()
    assert isinstance(await bring_about(streams, wanted), Create)
    assert isinstance(await bring_about(streams, wanted), Nothing)


async def test_making_it_again_does_no_harm(streams: Streams) -> None:
    change = Create(name="predictions", config=stream_config(a_wanted_stream()))
    await streams.carry_out(change)
    await streams.carry_out(change)
    assert [stream.name for stream in await streams.found()] == ["predictions"]


@pytest.mark.parametrize(
    "changed",
    [
        a_wanted_stream(subjects=("predictions.*", "more.>")),
        a_wanted_stream(replicas=1),
        a_wanted_stream(max_age=timedelta(seconds=30)),
        a_wanted_stream(max_age=None, max_bytes=None),
        a_wanted_stream(max_bytes=20_000_000),
    ],
    ids=["subjects", "replicas", "age", "no limits", "bytes"],
)
async def test_a_changed_stream_is_then_as_wanted(streams: Streams, changed: WantedStream) -> None:
    await bring_about(streams, a_wanted_stream())
    assert isinstance(await bring_about(streams, changed), Update)
    assert isinstance(await bring_about(streams, changed), Nothing)


async def test_what_a_client_of_an_edge_stores_goes_out_live_with_its_sequence(
    engine: Engine, streams: Streams
) -> None:
    await bring_about(streams, a_wanted_stream())
    publisher, subscriber = (
        await connect(engine.edges[0].url),
        await connect(engine.edges[1].websocket_url),
    )
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    await subscriber.subscribe("headgate.live.predictions.>", cb=heard.put)
    await subscriber.flush()
    for number in range(2):
        ack = await publisher.jetstream().publish("predictions.a", b"x")
        assert ack.seq == number + 1
    async with asyncio.timeout(5):
        first, second = await heard.get(), await heard.get()
    assert [(each.headers or {})["Nats-Sequence"] for each in (first, second)] == ["1", "2"]
    assert (second.headers or {})["Nats-Last-Sequence"] == "1"
    fetched = await subscriber.jetstream().get_msg("predictions", 2, direct=True)
    assert fetched.data == b"x"
    await publisher.close()
    await subscriber.close()


async def test_what_would_delete_messages_is_refused_and_they_stay(
    engine: Engine, streams: Streams
) -> None:
    await bring_about(streams, a_wanted_stream())
    client = await connect(engine.edges[0].url)
    for _ in range(4):
        await client.jetstream().publish("predictions.a", b"x" * 10_000)
    await client.close()
    told = await bring_about(streams, a_wanted_stream(max_bytes=20_000))
    assert isinstance(told, Refuse)
    assert told.path == "spec.streams[0].maxBytes"
    told = await bring_about(streams, a_wanted_stream(max_age=timedelta(milliseconds=1)))
    assert isinstance(told, Refuse)
    (stream,) = await streams.found()
    assert (stream.messages, stream.config["max_bytes"]) == (4, 10_000_000)
    assert stream.oldest is not None
    assert datetime.now(UTC) - stream.oldest < HOUR


async def test_a_core_without_room_says_what_to_do(streams: Streams) -> None:
    config = stream_config(a_wanted_stream(max_bytes=10**12))
    with pytest.raises(OutOfSpaceError, match="or make a gateway with larger disks"):
        await streams.carry_out(Create(name="predictions", config=config))


async def test_more_replicas_than_servers_are_told_from_a_lack_of_room(streams: Streams) -> None:
    config = stream_config(a_wanted_stream(replicas=5))
    with pytest.raises(JetStreamUnavailableError, match="fewer servers"):
        await streams.carry_out(Create(name="predictions", config=config))


async def test_overlapping_subjects_are_refused_in_the_servers_words(streams: Streams) -> None:
    await bring_about(streams, a_wanted_stream())
    config = stream_config(a_wanted_stream(name="other", subjects=("predictions.a",)))
    with pytest.raises(RequestRefusedError, match="subjects overlap"):
        await streams.carry_out(Create(name="other", config=config))


async def test_a_stream_that_vanished_cannot_be_changed(streams: Streams) -> None:
    config = stream_config(a_wanted_stream())
    with pytest.raises(NoSuchStreamError):
        await streams.carry_out(Update(name="predictions", config=config))


@pytest.mark.parametrize("verb", ["DELETE", "PURGE", "UPDATE", "CREATE", "LEADER.STEPDOWN"])
async def test_a_client_cannot_change_a_stream(engine: Engine, streams: Streams, verb: str) -> None:
    await bring_about(streams, a_wanted_stream())
    refused: asyncio.Queue[Exception] = asyncio.Queue()
    client = await connect(engine.edges[0].url, error_cb=refused.put)
    await client.publish(f"$JS.API.STREAM.{verb}.predictions", b"{}")
    async with asyncio.timeout(2):
        assert "permissions violation" in str(await refused.get())
    await client.close()


async def test_a_client_cannot_pass_for_the_operator_on_the_live_subjects(engine: Engine) -> None:
    refused: asyncio.Queue[Exception] = asyncio.Queue()
    client = await connect(engine.edges[0].url, error_cb=refused.put)
    await client.publish("headgate.live.predictions.a", b"forged")
    async with asyncio.timeout(2):
        assert "permissions violation" in str(await refused.get())
    await client.close()


async def test_all_pages_of_streams_are_read(streams: Streams) -> None:
    for number in range(3):
        config = stream_config(a_wanted_stream(name=f"s{number}", subjects=(f"s{number}",)))
        await streams.carry_out(Create(name=f"s{number}", config=config))

    async def names() -> bool:
        return [stream.name for stream in await streams.found()] == ["s0", "s1", "s2"]

    await eventually(names)
