"""Predictions reach a stream, and no request is the worse for a gateway that is down or slow."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.builders.artifacts import IRIS_ROWS, an_iris_request, iris_files
from tests.builders.model_server import ModelServer
from tests.builders.nats_engine import AMYS, Engine
from tests.builders.published import ARRIVAL_SECONDS, Gateway, publishing_to
from tests.builders.waiting import until

NUMBERS = count()
FULL_OF = 250
"""So many answers of 50 KB, to MANY_ROWS, are more than the buffer's 8 MiB."""
MANY_ROWS = an_iris_request(*IRIS_ROWS * 300)
type Serve = Callable[..., ModelServer]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    with Engine(folder=folder, edge_count=1) as engine:
        gateway = Gateway(engine)
        asyncio.run(gateway.create_stream())
        yield gateway


@pytest.fixture
def gateway(mended: Gateway) -> Iterator[Gateway]:
    yield mended
    mended.mend()


@pytest.fixture
def subject() -> str:
    """A subject that no other test publishes to."""
    return f"predictions.test{next(NUMBERS)}"


@pytest.fixture
def serve(gateway: Gateway, subject: str, tmp_path: Path) -> Iterator[Serve]:
    """Start a server that publishes."""
    started: list[ModelServer] = []

    def start(password: str = AMYS) -> ModelServer:
        settings = publishing_to(gateway, tmp_path, subject, password)
        files = iris_files("xgboost")
        drain = {"HEADGATE_DRAIN_SECONDS": 4}
        server = ModelServer(tmp_path / "s", files, "xgboost", **(settings | drain))
        started.append(server)
        server.await_ready()
        return server

    yield start
    for server in started:
        server.__exit__()


async def ask(server: ModelServer, requests: int, request: Any = None, **fields: Any) -> set[int]:
    """Send requests one after the other; return the statuses of their answers."""
    body = request or an_iris_request(**fields)

    def send() -> set[int]:
        return {server.infer(body).status for _ in range(requests)}

    return await asyncio.to_thread(send)


def published(server: ModelServer) -> float:
    return server.metric("headgate_predictions_published_total")


def dropped(server: ModelServer, reason: str) -> float:
    return server.metric("headgate_predictions_dropped_total", reason=reason)


def is_connected(server: ModelServer) -> bool:
    return server.metric("headgate_predictions_connected") == 1


async def test_a_prediction_arrives_with_what_was_answered_and_nothing_of_what_was_asked(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    # when
    answer = serve().infer(an_iris_request(id="r-7"))
    # then
    (message,) = await gateway.arrived(subject, 1)
    assert message.keys() - answer.json.keys() == {"prediction_id", "at", "latency_ms"}
    assert {name: message[name] for name in answer.json} == answer.json
    assert (message["id"], message["model_version"]) == ("r-7", "iris-v1")
    assert message["latency_ms"] > 0
    assert datetime.fromisoformat(message["at"]).tzinfo is not None


async def test_an_answer_in_binary_arrives_with_its_values(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    # given
    server = serve()
    wanted = server.infer(an_iris_request()).json["outputs"]
    # when
    in_binary = {"binary_data_output": True}
    answer = server.infer(an_iris_request(id="binary", parameters=in_binary))
    assert answer.headers["Inference-Header-Content-Length"]
    # then
    messages = await gateway.arrived_up_to(subject, "binary")
    (binary,) = messages[-1]["outputs"]
    assert binary["data"] == pytest.approx(wanted[0]["data"])
    assert (binary["datatype"], binary["shape"]) == (wanted[0]["datatype"], wanted[0]["shape"])


async def test_a_long_answer_arrives_without_its_values(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    answer = serve().infer(an_iris_request(*IRIS_ROWS * 3000, id="long"))
    (message,) = await gateway.arrived(subject, 1)
    assert len(answer.body) > 64 * 1024
    assert (message["id"], message["truncated"]) == ("long", True)
    for told, whole in zip(message["outputs"], answer.json["outputs"], strict=True):
        assert told == {name: whole[name] for name in ("name", "datatype", "shape")}


async def test_requests_that_have_one_id_are_predictions_of_their_own(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    await ask(serve(), 3, id="1")
    messages = await gateway.arrived(subject, 3)
    assert {message["id"] for message in messages} == {"1"}
    assert len({message["prediction_id"] for message in messages}) == 3


async def test_a_request_that_is_refused_is_no_prediction(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    server = serve()
    assert await ask(server, 1, {"inputs": []}) == {400}
    await ask(server, 1, id="good")
    (message,) = await gateway.arrived(subject, 1)
    assert message["id"] == "good"


async def test_a_gateway_that_is_killed_costs_no_request_and_gets_predictions_when_it_is_back(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    # given
    server = serve()
    await until(lambda: is_connected(server), ARRIVAL_SECONDS)
    asking = asyncio.create_task(ask(server, FULL_OF, MANY_ROWS))
    await until(lambda: published(server) > 20, ARRIVAL_SECONDS)
    # when
    gateway.kill()
    # then
    assert await asking == {200}
    assert await ask(server, FULL_OF, MANY_ROWS) == {200}
    assert dropped(server, "buffer_full") > 0
    assert not is_connected(server)
    assert server.metric("headgate_predictions_buffered") > 100
    # and when
    gateway.start_again()
    await ask(server, 1, id="after")
    # then
    await gateway.arrived_up_to(subject, "after")
    sent = 2 * FULL_OF + 1
    await until(lambda: published(server) + all_dropped(server) == sent, ARRIVAL_SECONDS)


def all_dropped(server: ModelServer) -> float:
    return sum(dropped(server, why) for why in ("buffer_full", "not_stored", "too_large"))


async def test_a_wrong_password_is_told_once_and_a_right_one_needs_no_new_pod(
    gateway: Gateway, serve: Serve, subject: str, tmp_path: Path
) -> None:
    # given
    server = serve("not-amys-password")
    # when
    assert await ask(server, 50) == {200}
    await asyncio.to_thread(server.await_log, "predictions are not published")
    (tmp_path / "password").write_text(AMYS)
    # then
    await gateway.arrived(subject, 50)
    lines = [line for line in server.log() if line["event"] == "predictions are not published"]
    (line,) = lines
    assert (line["level"], line["kind"]) == ("warning", "CredentialsRefusedError")
    assert "not-amys-password" not in str(server.log())


async def test_a_gateway_that_does_not_answer_costs_no_request(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    # given
    server = serve()
    await until(lambda: is_connected(server), ARRIVAL_SECONDS)
    # when
    with gateway.stopped():
        answered = await ask(server, 80)
        waiting = server.metric("headgate_predictions_buffered")
    # then
    assert answered == {200}
    assert waiting > 40
    await gateway.arrived(subject, 80)


async def test_a_server_that_leaves_publishes_what_it_still_has(
    gateway: Gateway, serve: Serve, subject: str
) -> None:
    # given
    server = serve()
    await until(lambda: is_connected(server), ARRIVAL_SECONDS)
    with gateway.stopped():
        await ask(server, 60)
        server.stop()
    # then
    assert await asyncio.to_thread(server.exit_code) == 0
    assert server.log()[-1]["event"] == "predictions flushed"
    assert server.log()[-1]["left"] == 0
    await gateway.arrived(subject, 60)


async def test_a_server_leaves_without_a_gateway_and_says_what_it_could_not_publish(
    gateway: Gateway, serve: Serve
) -> None:
    # given
    server = serve()
    gateway.kill()
    await ask(server, 10)
    # when
    server.stop()
    # then
    assert await asyncio.to_thread(server.exit_code) == 0
    assert server.log()[-1]["event"] == "predictions flushed"
    assert server.log()[-1]["left"] > 0


async def test_a_subject_that_no_stream_keeps_is_counted_and_named_in_the_log(
    gateway: Gateway, tmp_path: Path
) -> None:
    settings = publishing_to(gateway, tmp_path, "elsewhere.churn")
    files = iris_files("xgboost")
    with ModelServer(tmp_path / "s", files, "xgboost", **settings) as server:
        await ask(server, 2)
        await until(lambda: dropped(server, "not_stored") == 2, ARRIVAL_SECONDS)
        messages = [line.get("message", "") for line in server.log()]
    assert any("elsewhere.churn" in text and "Is there a stream" in text for text in messages)
