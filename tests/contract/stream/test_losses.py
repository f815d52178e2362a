"""Slow applications, and streams that let go of messages: nothing is skipped in silence."""

import asyncio

import pytest

from headgate.stream import Lost, Message, MessagesLostError, StreamWentBackError
from tests.builders.nats_admin import NatsAdmin
from tests.builders.nats_cluster import NatsCluster
from tests.builders.waiting import until
from tests.contract.stream.reading import Application, a_client, reading

WAYS = pytest.mark.parametrize("stream", [{}, {"republish": None}], ids=["live", "consumer"])


def accounted_for(app: Application) -> list[int]:
    """Return what was handed on or reported, in the order of sequences."""
    lost = [n for gone in app.lost for n in range(gone.first, gone.last + 1)]
    return sorted(app.sequences + lost)


@WAYS
async def test_a_slow_application_gets_everything_with_a_buffer_of_four_messages(
    cluster: NatsCluster, admin: NatsAdmin, name: str, stream: dict[str, object]
) -> None:
    await admin.create_stream(name, **stream)
    async with (
        a_client(cluster.edge_urls, name) as client,
        reading(client, name, buffer_messages=4) as app,
    ):
        app.pause = 0.005
        await admin.publish(f"{name}.a", 300)
        await app.has_read(300)

        assert app.sequences == list(range(1, 301))
        assert app.lost == []


@WAYS
@pytest.mark.parametrize("chosen", [">", "a", "*.b"], ids=["whole", "subject", "wildcard"])
async def test_what_the_limits_of_the_stream_took_from_a_slow_application_is_reported(
    cluster: NatsCluster, admin: NatsAdmin, name: str, stream: dict[str, object], chosen: str
) -> None:
    await admin.create_stream(name, max_msgs=20, **stream)
    subject = ">" if chosen == ">" else f"{name}.{chosen}"
    published = f"{name}.x.b" if chosen == "*.b" else f"{name}.a"
    async with (
        a_client(cluster.edge_urls, name) as client,
        reading(client, name, subject=subject, buffer_messages=4) as app,
    ):
        await admin.publish(published, 1)
        await app.has_read(1)
        app.pause = 0.02
        await admin.publish(published, 400, first=1)
        app.pause = 0
        await admin.publish(published, 1, first=401)
        await until(lambda: app.got[-1].sequence == 402)

        assert accounted_for(app) == list(range(1, 403))
        assert app.sequences == sorted(app.sequences)


async def test_what_was_gone_before_the_reader_came_is_reported_exactly(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name, max_msgs=20)
    await admin.publish(f"{name}.a", 100)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name, after=5) as app:
        await app.has_read(20)

        assert app.lost == [Lost(first=6, last=80)]
        assert client.counters.lost == 75


async def test_who_gives_no_callback_for_losses_gets_an_error_that_says_where_to_go_on(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name, max_msgs=20)
    await admin.publish(f"{name}.a", 100)
    async with a_client(cluster.edge_urls, name) as client:
        with pytest.raises(MessagesLostError, match="after=80") as caught:
            await first_of(client.messages(name, after=5))
        message = await first_of(client.messages(name, after=caught.value.last))

    assert message.sequence == 81


async def test_reading_from_the_beginning_of_what_is_held_loses_nothing(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name, max_msgs=20)
    await admin.publish(f"{name}.a", 100)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        await app.has_read(20)

        assert app.sequences == list(range(81, 101))
        assert app.lost == []


async def test_a_reader_of_one_subject_gets_that_subject_with_its_own_headers(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    async with (
        a_client(cluster.edge_urls, name) as client,
        reading(client, name, subject=f"{name}.a", after=None) as app,
    ):
        await client.publish(f"{name}.b", b"0")
        await asyncio.sleep(0.2)  # the reader stands at the end of what is there now
        await client.publish(f"{name}.a", b"1", headers={"Model": "iris"}, message_id="one")
        await client.publish(f"{name}.b", b"2")
        await client.publish(f"{name}.a", b"3", message_id="three")
        await app.has_read(2)

        assert app.got[0] == Message(
            sequence=2,
            subject=f"{name}.a",
            data=b"1",
            headers={"Model": "iris", "Nats-Msg-Id": "one"},
        )
        assert app.sequences == [2, 4]
        assert client.counters.gaps == 0


async def test_a_quiet_subject_whose_messages_expire_raises_no_false_alarm(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name, max_msgs=5)
    async with (
        a_client(cluster.edge_urls, name) as client,
        reading(client, name, subject=f"{name}.rare") as app,
    ):
        await admin.publish(f"{name}.rare", 1)
        await app.has_read(1)
        for first in range(0, 12, 4):
            await admin.publish(f"{name}.often", 4, first=first)
            await asyncio.sleep(1.2)  # time for a look while the stream still holds all that is new
        await admin.publish(f"{name}.rare", 1, first=1)
        await app.has_read(2)

        assert app.lost == []


async def test_messages_deleted_in_the_middle_are_reported(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    await admin.publish(f"{name}.a", 9)
    await admin.ask(f"STREAM.MSG.DELETE.{name}", {"seq": 5})
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        await app.has_read(8)

        assert app.lost == [Lost(first=5, last=5)]
        assert accounted_for(app) == list(range(1, 10))


async def test_a_stream_that_was_made_anew_is_an_error_and_no_silence(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    await admin.publish(f"{name}.a", 9)
    async with a_client(cluster.edge_urls, name) as client:
        read = client.messages(name, after=8)
        assert (await anext(read)).sequence == 9
        await admin.ask(f"STREAM.DELETE.{name}", {})
        await admin.create_stream(name)
        await admin.publish(f"{name}.b", 3)
        with pytest.raises(StreamWentBackError, match="ends at 3"):
            await anext(read)


@pytest.mark.parametrize("parts", [(">",), ("a", "b.>")], ids=["one subject", "two subjects"])
async def test_another_stream_that_is_repeated_below_the_same_prefix_is_not_mixed_in(
    cluster: NatsCluster, admin: NatsAdmin, name: str, parts: tuple[str, ...]
) -> None:
    shared = {"republish": {"src": ">", "dest": f"{name}live.>"}}
    other = f"{name}other"
    await admin.create_stream(name, subjects=[f"{name}.{part}" for part in parts], **shared)
    await admin.create_stream(other, **shared)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        await admin.publish(f"{name}.a", 1)
        await app.has_read(1)
        await admin.publish(f"{other}.a", 20)
        await admin.publish(f"{name}.a", 20, first=1)
        await app.has_read(21)

        assert {message.subject for message in app.got} == {f"{name}.a"}
        assert app.sequences == list(range(1, 22))


@WAYS
async def test_messages_near_the_largest_that_a_server_takes_are_read_too(
    cluster: NatsCluster, admin: NatsAdmin, name: str, stream: dict[str, object]
) -> None:
    await admin.create_stream(name, **stream)
    sizes = [10, 900_000, 300_000, 900_000, 10]
    async with a_client(cluster.edge_urls, name) as client:
        for size in sizes:
            await client.publish(f"{name}.a", b"x" * size)
        async with reading(client, name) as app:
            await app.has_read(5)
            for size in sizes:
                await client.publish(f"{name}.a", b"x" * size)
            await app.has_read(10)

            assert [len(message.data) for message in app.got] == sizes * 2


@WAYS
async def test_a_reader_that_leaves_takes_its_consumer_along(
    cluster: NatsCluster, admin: NatsAdmin, name: str, stream: dict[str, object]
) -> None:
    await admin.create_stream(name, **stream)
    async with a_client(cluster.edge_urls, name) as client:
        async with reading(client, name) as app:
            await admin.publish(f"{name}.a", 2)
            await app.has_read(2)
        await asyncio.sleep(0.2)

        assert await admin.consumers_of(name) == 0


async def first_of(read: object) -> Message:
    async for message in read:  # type: ignore[attr-defined]
        assert isinstance(message, Message)
        return message
    raise AssertionError("nothing came")
