"""Connections follow the traffic, and a server that leaves loses nobody's request.

The model is of XGBoost, whose library starts quickly; nothing here depends on the format.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders.artifacts import IRIS_ROWS, an_iris_request, iris_files
from tests.builders.model_server import ModelServer
from tests.builders.steady_client import Line, SteadyClient, Tally, lines, post

AGE = 0.6
SLOW_ROWS = 60_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ModelServer]:
    settings: dict[str, Any] = {
        "HEADGATE_CONNECTION_AGE_SECONDS": AGE,
        "HEADGATE_DRAIN_SECONDS": 12,
    }
    with ModelServer(tmp_path / "s", iris_files("xgboost"), "xgboost", **settings) as started:
        yield started


@pytest.fixture
def ageless_server(tmp_path: Path) -> Iterator[ModelServer]:
    """Its connections end for no other reason than that it leaves."""
    settings: dict[str, Any] = {
        "HEADGATE_CONNECTION_AGE_SECONDS": 600,
        "HEADGATE_DRAIN_SECONDS": 12,
    }
    with ModelServer(tmp_path / "s", iris_files("xgboost"), "xgboost", **settings) as started:
        yield started


def a_slow_body() -> bytes:
    """Rows enough to keep a thread busy for a good part of a second."""
    return json.dumps(an_iris_request(*IRIS_ROWS * (SLOW_ROWS // 3))).encode()


async def test_a_connection_ends_between_requests_once_it_is_old(server: ModelServer) -> None:
    for _ in range(3):
        line = await Line.open(server.port)
        opened = time.monotonic()
        while not (await line.ask()).closes:  # noqa: ASYNC110  (each round asks)
            await asyncio.sleep(0.02)
        lived = time.monotonic() - opened
        assert 0.5 * AGE <= lived < AGE + 0.5
        assert await line.closed_by_server()
        await line.close()


async def test_an_idle_connection_is_kept_and_ends_with_its_next_answer(
    server: ModelServer,
) -> None:
    line = await Line.open(server.port)
    assert not (await line.ask()).closes
    await asyncio.sleep(3 * AGE)
    heard = await line.ask()
    assert (heard.status, heard.closes) == (200, True)
    await line.close()


async def test_no_request_is_lost_while_connections_come_and_go(server: ModelServer) -> None:
    tally = Tally()
    clients = [
        SteadyClient(server.port, tally, keep_alive=number % 2 == 0, pause=0.03)
        for number in range(10)
    ]
    running = [asyncio.create_task(client.run()) for client in clients]
    await asyncio.sleep(4 * AGE)
    for client in clients:
        client.stays.set()
    await asyncio.gather(*running)
    assert tally.lost == []
    assert tally.answered > 100
    assert tally.connections >= 20


async def test_no_request_is_lost_when_the_server_is_told_to_leave(
    ageless_server: ModelServer,
) -> None:
    server = ageless_server
    # given busy clients, one that paused, and one in the middle of sending
    tally = Tally()
    clients = [
        SteadyClient(server.port, tally, keep_alive=number % 2 == 0, pause=0.01 * number)
        for number in range(12)
    ]
    running = [asyncio.create_task(client.run()) for client in clients]
    paused, sending = await Line.open(server.port), await Line.open(server.port)
    assert (await paused.ask()).status == 200
    request = post()
    sending.send(request[:-20])
    await asyncio.sleep(0.5)
    # when
    server.stop()
    await asyncio.sleep(1)  # what a cluster may take to tell everybody that the pod is leaving
    assert server.get("/v2/health/ready").json["error"] == "draining"
    for client in clients:
        client.stays.set()
    sending.send(request[-20:])
    heard = [await sending.hear()]
    await asyncio.sleep(2)
    heard.append(await paused.ask())
    await asyncio.gather(*running)
    # then
    assert [(answer.status, answer.closes) for answer in heard] == [(200, True)] * 2
    assert tally.lost == []
    assert server.exit_code(5) == 0
    for line in (paused, sending):
        await line.close()


async def test_predictions_in_flight_are_finished_before_leaving(tmp_path: Path) -> None:
    # given a server that works on one request while others wait for their turn
    settings: dict[str, Any] = {"HEADGATE_THREADS": 1, "HEADGATE_QUEUE": 16}
    with ModelServer(tmp_path / "s", iris_files("xgboost"), "xgboost", **settings) as server:
        async with lines(server.port, 10) as clients:
            for client in clients:
                client.send(post(a_slow_body()))
            async with asyncio.timeout(30):
                while await asyncio.to_thread(server.metric, "headgate_requests_in_flight") < 3:
                    pass
            # when
            server.stop()
            heard = await asyncio.gather(*(client.hear() for client in clients))
        # then
        assert {answer.status for answer in heard} == {200}
        assert any(answer.closes for answer in heard)
        shapes = {tuple(json.loads(answer.body)["outputs"][0]["shape"]) for answer in heard}
        assert shapes == {(SLOW_ROWS, 3)}
        assert server.exit_code(5) == 0


async def test_a_client_that_stays_silent_does_not_hold_the_server_beyond_its_time(
    tmp_path: Path,
) -> None:
    settings: dict[str, Any] = {"HEADGATE_DRAIN_SECONDS": 4}
    with ModelServer(tmp_path / "s", iris_files("xgboost"), "xgboost", **settings) as server:
        silent = await Line.open(server.port)
        assert (await silent.ask()).status == 200
        started = time.monotonic()
        server.stop()
        assert await silent.closed_by_server()
        closed_after = time.monotonic() - started
        assert server.exit_code(5) == 0
        assert 1.5 < closed_after < time.monotonic() - started < 4.5
        await silent.close()


async def test_requests_beyond_the_queue_are_told_to_come_back(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"HEADGATE_THREADS": 1, "HEADGATE_QUEUE": 1}
    with ModelServer(tmp_path / "s", iris_files("xgboost"), "xgboost", **settings) as server:
        lines = [await Line.open(server.port) for _ in range(6)]
        request = post(a_slow_body())
        heard = await asyncio.gather(*(line.ask(request) for line in lines))
        statuses = sorted(answer.status for answer in heard)
        assert statuses[0] == 200
        assert statuses[-1] == 503
        refused = next(answer for answer in heard if answer.status == 503)
        assert json.loads(refused.body) == {"error": "1 requests wait already"}
        assert server.get("/v2/health/live").status == 200
        for line in lines:
            await line.close()


async def test_a_burst_of_large_requests_is_answered_in_turn(server: ModelServer) -> None:
    lines = [await Line.open(server.port) for _ in range(10)]
    request = post(a_slow_body() + b" " * 1024**2)
    heard = await asyncio.gather(*(line.ask(request) for line in lines))
    assert {answer.status for answer in heard} == {200}
    for line in lines:
        await line.close()


async def test_a_client_that_leaves_before_its_answer_is_nobodys_error(server: ModelServer) -> None:
    for _ in range(3):
        line = await Line.open(server.port)
        line.send(post(a_slow_body()))
        await asyncio.sleep(0.1)
        await line.close()
    deadline = time.monotonic() + 60
    while server.metric("headgate_requests_in_flight") > 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert server.infer(an_iris_request()).status == 200
    assert server.metric("headgate_requests_total", code="500") == 0
