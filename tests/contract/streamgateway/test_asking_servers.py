"""What the operator asks of a gateway's servers, on real ones: figures, moves, pods on trial."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import Error

from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.servers.access import CoreAccess, CoreSessions
from headgate.streamgateway.servers.figures import Figures
from headgate.streamgateway.servers.moves import Mover
from headgate.streamgateway.servers.trial import NO_ACCIDENT, Examiner
from tests.builders.gateways import NOW, an_edge
from tests.builders.nats_engine import AMYS, SECRETS, Engine, connect, eventually

EDGE = "predictions-edge-0"


@dataclass
class Asking:
    """The operator's side, with pods that stand for the engine's edges."""

    engine: Engine
    sessions: CoreSessions
    figures: Figures

    @property
    def access(self) -> CoreAccess:
        gateway = Gateway(namespace="team-a", name="predictions", uid="u1")
        urls = tuple(server.url for server in self.engine.core)
        return CoreAccess(gateway=gateway, secrets=SECRETS, urls=urls)

    def pod(self, name: str = EDGE) -> EdgePod:
        return an_edge(0, name=name, ip="127.0.0.1", revision="r2", connections=None)

    async def connections(self) -> int | None:
        (pod,) = await self.figures.read([self.pod()])
        return pod.connections


@pytest_asyncio.fixture
async def asking(engine: Engine) -> AsyncIterator[Asking]:
    def monitoring(pod: EdgePod) -> str:
        return f"http://127.0.0.1:{engine.named(pod.name).ports.monitoring}"

    async with aiohttp.ClientSession() as http:
        found = Asking(engine, CoreSessions(), Figures(http, monitoring))
        yield found
        await found.sessions.close()


class Clients:
    """Some users on one edge, and how many of them were asked to move."""

    def __init__(self) -> None:
        self.asked: set[Client] = set()
        self.all: list[Client] = []

    async def join(self, url: str, count: int) -> None:
        for _ in range(count):
            client = Client()

            async def heard(client: Client = client) -> None:
                self.asked.add(client)

            await client.connect(
                url, user="amy", password=AMYS, lame_duck_mode_cb=heard,
                allow_reconnect=False,
            )  # fmt: skip
            self.all.append(client)

    async def close(self, clients: list[Client]) -> None:
        for client in clients:
            await client.close()


async def test_as_many_are_asked_as_is_wanted_and_those_who_left_are_not_counted(
    asking: Asking,
) -> None:
    # given: five clients
    clients = Clients()
    before = await asking.connections() or 0
    await clients.join(asking.engine.named(EDGE).url, 5)
    mover = Mover(asking.sessions, asking.figures)

    async def all_are_counted() -> bool:
        return await asking.connections() == before + 5

    await eventually(all_are_counted)
    # when
    await mover.move(asking.access, [Moves(pod=EDGE, count=3)], NOW)

    async def three_have_heard() -> bool:
        return len(clients.asked) == 3

    await eventually(three_have_heard)
    # then
    assert mover.asked_at == NOW
    assert await mover.asked(asking.access) == {EDGE: 3}
    # when: others are asked, not the same again; and then those leave
    await mover.move(asking.access, [Moves(pod=EDGE, count=1)], NOW)

    async def a_fourth_has_heard() -> bool:
        return len(clients.asked) == 4

    await eventually(a_fourth_has_heard)
    await clients.close(list(clients.asked))

    async def nobody_is_awaited() -> bool:
        return await mover.asked(asking.access) == {}

    await eventually(nobody_is_awaited)
    await clients.close(clients.all)


async def test_who_was_asked_and_stayed_is_asked_after_all_others(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: two of four were asked, and stay
    clients = Clients()
    before = await asking.connections() or 0
    await clients.join(asking.engine.named(EDGE).url, 4)
    mover = Mover(asking.sessions, asking.figures)

    async def all_are_counted() -> bool:
        return await asking.connections() == before + 4

    await eventually(all_are_counted)
    await mover.move(asking.access, [Moves(pod=EDGE, count=2)], NOW)
    # when: they do not count as about to leave any more
    monkeypatch.setattr("headgate.streamgateway.servers.moves.ASKED_AGAIN", 0.0)
    assert await mover.asked(asking.access) == {}
    await mover.move(asking.access, [Moves(pod=EDGE, count=2)], NOW)

    # then
    async def all_have_heard() -> bool:
        return len(clients.asked) == 4

    await eventually(all_have_heard)
    await clients.close(clients.all)


async def test_a_pod_on_trial_shows_that_it_delivers_and_whom_it_refused(asking: Asking) -> None:
    # given
    server = asking.engine.named(EDGE)
    for _ in range(3):
        with pytest.raises(Error):
            await connect(server.url, "amy", "not hers")
    examiner = Examiner(asking.sessions, asking.figures, lambda _pod, _scheme: server.websocket_url)
    # when
    (pod,) = await examiner.examine(asking.access, [asking.pod()], "r2", "ws")
    (other,) = await examiner.examine(asking.access, [asking.pod()], "r1", "ws")
    # then
    assert pod.undelivered == ""
    assert ((pod.arrived or 0) >= 3, pod.refusal) == (True, "Authentication Failure")
    assert other.undelivered is None


async def test_one_message_that_does_not_come_through_is_no_verdict(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: nobody listens there, and no time passes from one look to the next
    monkeypatch.setattr("headgate.streamgateway.servers.trial.PROBED_AGAIN", -1.0)
    examiner = Examiner(asking.sessions, asking.figures, lambda *_: "nats://127.0.0.1:9")
    # when
    found = [
        (await examiner.examine(asking.access, [asking.pod()], "r2", "nats"))[0].undelivered
        for _ in range(NO_ACCIDENT)
    ]
    # then
    assert found[:-1] == [None] * (NO_ACCIDENT - 1)
    assert "a connection is refused" in str(found[-1])


async def test_pods_that_do_not_answer_have_no_figures(asking: Asking) -> None:
    async with aiohttp.ClientSession() as http:
        figures = Figures(http, lambda _pod: "http://127.0.0.1:9")
        (pod,) = await figures.read([asking.pod()])
    assert pod.connections is None
    assert figures.server_id(EDGE) is None
