"""A message is stored once, however often it had to be sent."""

import asyncio

import pytest

from headgate.stream import PublishFailedError, StreamError, Timing
from tests.builders.nats_admin import NatsAdmin, edge_of
from tests.builders.nats_cluster import NatsCluster
from tests.contract.stream.reading import a_client, reading


async def test_a_message_published_twice_under_one_id_is_stored_once(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    async with a_client(cluster.edge_urls, name) as client:
        once = await client.publish(f"{name}.a", b"x", message_id="same")
        again = await client.publish(f"{name}.a", b"x", message_id="same")

    assert (once.sequence, once.is_duplicate) == (1, False)
    assert (again.sequence, again.is_duplicate) == (1, True)


async def test_publishing_survives_the_edge_it_goes_through(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        publishing = [
            asyncio.create_task(client.publish(f"{name}.a", str(number).encode()))
            for number in range(50)
        ]
        await asyncio.sleep(0)
        held_by = edge_of(cluster, name)
        assert held_by is not None
        held_by.kill()
        stored = await asyncio.gather(*publishing)
        await app.has_read(50)

        assert {message.data for message in app.got} == {str(n).encode() for n in range(50)}
        assert sorted(published.sequence for published in stored) == list(range(1, 51))


async def test_a_subject_of_no_stream_is_an_error_after_the_time_allowed(
    cluster: NatsCluster, name: str
) -> None:
    async with a_client(cluster.edge_urls, name, timing=Timing(publish_within=0.5)) as client:
        with pytest.raises(PublishFailedError, match="Is there a stream with this subject"):
            await client.publish(f"{name}.nowhere", b"x")


async def test_a_message_that_is_too_large_is_refused_without_trying_again(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    async with a_client(cluster.edge_urls, name) as client:
        with pytest.raises(StreamError, match="maximum payload"):
            await client.publish(f"{name}.a", b"x" * (1 << 20 | 1))
