"""What the operator asks of a server of one's own, on a real one."""

import asyncio

import aiohttp

from headgate.streamgateway.decide.plan import Moves
from tests.builders.custom_gateways import a_custom_gateway
from tests.builders.fanout import Fanout, FanoutClients
from tests.builders.gateways import NOW
from tests.builders.nats_engine import eventually
from tests.builders.waiting import until
from tests.contract.custom_gateway.asking import Asking, leaving


async def eventually_has(asking: Asking, fanout: Fanout, count: int) -> None:
    async def has() -> bool:
        return (await asking.look(fanout.pod())).connections == count

    await eventually(has)


async def test_a_servers_figures_are_read(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    asking = Asking(http, fanout.control)
    await clients.join(fanout.websocket, 5)
    await eventually_has(asking, fanout, 5)
    # when: three texts to each, and ten seconds later another look
    for text in ("a", "b", "c"):
        async with http.post(fanout.publish, data=text) as answer:
            assert answer.ok
    await until(lambda: all(len(client.heard) == 3 for client in clients.all))
    asking.clock.now += 10
    pod = await asking.look(fanout.pod())
    # then
    assert (pod.connections, pod.arrived, pod.slow_consumers) == (5, 5, 0)
    assert pod.deliveries_per_second == 1.5
    assert pod.memory_bytes is not None
    assert pod.memory_bytes > 1_000_000
    assert pod.cpu_cores is not None
    assert (pod.movable, pod.complaint) == (True, "")


async def test_a_few_are_asked_to_move(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    asking = Asking(http, fanout.control)
    await clients.join(fanout.websocket, 6, polite=False)
    await eventually_has(asking, fanout, 6)
    # when
    pod = fanout.pod()
    await asking.servers.move(a_custom_gateway(pod), [Moves(pod=pod.name, count=2)], NOW)
    told = await asking.ask(pod)
    # then: they are known to be about to leave, by every operator
    assert (told.asked, told.asked_at) == ({pod.name: 2}, NOW)
    assert (await Asking(http, fanout.control).ask(pod)).asked == {pod.name: 2}


async def test_clients_that_are_asked_and_stay_are_closed_as_by_a_restart(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    asking = Asking(http, fanout.control)
    (client,) = await clients.join(fanout.websocket, 1, polite=False)
    await eventually_has(asking, fanout, 1)
    # when
    pod = fanout.pod()
    await asking.servers.move(a_custom_gateway(pod), [Moves(pod=pod.name, count=1)], NOW)
    await asyncio.wait_for(client.over.wait(), 30)
    # then
    assert (client.asked, client.socket.close_code) == (True, 1012)


async def test_a_pod_out_of_the_service_asks_everybody_and_is_not_ready(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    asking = Asking(http, fanout.control)
    joined = await clients.join(fanout.websocket, 8)
    await eventually_has(asking, fanout, 8)
    # when
    pod = fanout.pod()
    await asking.servers.cordon([pod])
    async with http.get(f"{fanout.control}/headgate/v1/ready") as answer:
        cordoned = answer.status
    # and: one is enough, the server spreads the rest by itself
    await asking.servers.move(leaving(pod), [Moves(pod=pod.name, count=1)], NOW)
    asked = (await asking.ask(pod)).asked
    async with asyncio.timeout(30):
        await asyncio.gather(*(client.over.wait() for client in joined))
    await eventually_has(asking, fanout, 0)
    # then
    assert cordoned == 503
    assert asked[pod.name] > 0
    assert all(client.asked for client in joined)


async def test_a_drain_that_is_asked_for_twice_is_one(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    asking = Asking(http, fanout.control)
    joined = await clients.join(fanout.websocket, 4, polite=False)
    await eventually_has(asking, fanout, 4)
    # when: an hour is asked for first
    pod = fanout.pod()
    for window in ("1h", "1s"):
        await asking.servers.move(leaving(pod, window), [Moves(pod=pod.name, count=1)], NOW)
    await until(lambda: any(client.asked for client in joined))
    (first,) = [client for client in joined if client.asked]
    await asyncio.wait_for(first.over.wait(), 30)
    # then: by now a window of one second would have been over
    assert sum(client.asked for client in joined) == 1


async def test_a_server_that_is_told_to_end_lets_its_clients_go_first(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    asking = Asking(http, fanout.control)
    joined = await clients.join(fanout.websocket, 4)
    await eventually_has(asking, fanout, 4)
    # when: as by an eviction, of which the operator knows nothing
    fanout.end()
    async with asyncio.timeout(30):
        await asyncio.gather(*(client.over.wait() for client in joined))
    await until(fanout.has_ended)
    # then
    assert all(client.asked for client in joined)
    assert fanout.process is not None
    assert fanout.process.returncode == 0


async def test_another_token_moves_nobody_and_is_told(
    fanout: Fanout, http: aiohttp.ClientSession, clients: FanoutClients
) -> None:
    # given
    joined = await clients.join(fanout.websocket, 1)
    other = Asking(http, fanout.control, "another")
    # when
    pod = fanout.pod()
    await other.servers.move(leaving(pod), [Moves(pod=pod.name, count=1)], NOW)
    seen = await other.lasting(pod)
    # then
    assert "GET /headgate/v1/status on port 8081 was answered 401" in seen.complaint
    assert (seen.connections, joined[0].asked) == (None, False)


async def test_another_pods_server_is_not_taken_for_this_one(
    fanout: Fanout, http: aiohttp.ClientSession
) -> None:
    asking = Asking(http, fanout.control)
    seen = await asking.lasting(fanout.pod(name="feed-edge-7"))
    assert seen.connections is None
    assert "name is not that of the pod" in seen.complaint


async def test_a_server_that_is_gone_is_told_of_without_its_address(
    fanout: Fanout, http: aiohttp.ClientSession
) -> None:
    # given
    asking = Asking(http, "http://127.0.0.1:9")
    # when
    seen = await asking.lasting(fanout.pod())
    # then
    assert seen.connections is None
    assert seen.complaint.startswith("GET /headgate/v1/status on port 8081 failed: ")
    assert "127.0.0.1" not in seen.complaint
