"""Predictions reach a gateway with TLS, and nobody who cannot show that it is one."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headgate.streamgateway.engines.nats.settings import Tls
from tests.builders.artifacts import an_iris_request, iris_files
from tests.builders.model_server import ModelServer
from tests.builders.nats_engine import Engine, a_certificate
from tests.builders.published import Gateway, publishing_to


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return a_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, certificate: Tls) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    with Engine(folder=folder, edge_count=1, tls=certificate) as engine:
        made = Gateway(engine)
        asyncio.run(made.create_stream())
        yield made


def a_server(folder: Path, settings: dict[str, Any]) -> ModelServer:
    settings = settings | {"HEADGATE_DRAIN_SECONDS": 1}
    return ModelServer(folder / "s", iris_files("xgboost"), "xgboost", **settings)


def kinds_told(server: ModelServer) -> set[str]:
    events = ("predictions are not published", "predictions are published")
    return {line.get("kind", "") for line in server.log() if line["event"] in events}


async def test_predictions_arrive_at_a_gateway_whose_authority_is_trusted(
    gateway: Gateway, certificate: Tls, tmp_path: Path
) -> None:
    settings = publishing_to(gateway, tmp_path, "predictions.sealed")
    authority = {"HEADGATE_PREDICTIONS_CA_FILE": certificate.certificate}
    with a_server(tmp_path, settings | authority) as server:
        server.infer(an_iris_request(id="sealed"))
        (message,) = await gateway.arrived("predictions.sealed", 1)
    assert message["id"] == "sealed"


async def test_an_authority_that_is_missing_is_told_and_taken_up_when_it_comes(
    gateway: Gateway, certificate: Tls, tmp_path: Path
) -> None:
    # given
    authority = tmp_path / "ca.crt"
    settings = publishing_to(gateway, tmp_path, "predictions.late")
    with a_server(tmp_path, settings | {"HEADGATE_PREDICTIONS_CA_FILE": authority}) as server:
        await asyncio.to_thread(server.await_log, "predictions are not published")
        assert kinds_told(server) == {"CredentialsMissingError"}
        assert server.infer(an_iris_request(id="late")).status == 200
        # when
        shutil.copy(certificate.certificate, authority)
        # then
        (message,) = await gateway.arrived("predictions.late", 1)
    assert message["id"] == "late"


async def test_a_gateway_of_an_unknown_authority_gets_nothing(
    gateway: Gateway, tmp_path: Path
) -> None:
    settings = publishing_to(gateway, tmp_path, "predictions.unknown")
    with a_server(tmp_path, settings) as server:
        await asyncio.to_thread(server.await_log, "predictions are not published")
        assert server.infer(an_iris_request()).status == 200
        assert kinds_told(server) == {"ServerNotTrustedError"}
        assert server.metric("headgate_predictions_published_total") == 0
