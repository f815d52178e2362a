"""Fear: my predictions do not arrive, or the gateway takes my model down with it."""

from typing import Any

from tests.builders.resources import Manifest
from tests.e2e.artifacts import HARMLESS
from tests.e2e.gateway.pool import GATEWAY, USER, Pool
from tests.e2e.space import MODEL, Space

SUBJECT = f"predictions.{MODEL}"
PREDICTIONS: dict[str, Any] = {
    "streamGateway": {"name": GATEWAY},
    "subject": SUBJECT,
    "user": {"name": USER, "secretRef": {"name": "users"}},
}
ENOUGH = 50


def routed(space: Space) -> tuple[str, str]:
    condition = space.condition("Model", MODEL, "PredictionsRouted")
    return condition.get("status", ""), condition.get("reason", "")


def pods(space: Space) -> set[str]:
    return {pod["metadata"]["uid"] for pod in space.pods_of("v1")}


def enough(pool: Pool) -> list[Manifest]:
    messages = pool.read()
    return messages if len(messages) >= ENOUGH else []


def test_predictions_arrive_with_what_the_model_answered(pool: Pool) -> None:
    # given
    space = pool.space
    pool.serve()
    space.serve(predictions=PREDICTIONS)
    assert routed(space) == ("True", "PredictionsRouted")
    pool.start_reader(SUBJECT)
    # when
    load = space.start_load(rate=20, keys=HARMLESS)
    messages = space.wait("predictions", lambda: enough(pool), 120)
    # then
    assert not load.stop().failures_outside(())
    for message in messages:
        assert (message["model_name"], message["model_version"]) == (MODEL, "v1")
        (output,) = message["outputs"]
        assert (output["name"], output["data"][0]) in {("value", key / 2) for key in HARMLESS}
    assert len({message["prediction_id"] for message in messages}) == len(messages)


def test_a_model_serves_without_its_gateway_and_publishes_once_it_is_there(pool: Pool) -> None:
    # given: users, and nothing that they could be users of
    space = pool.space
    pool.create_users()
    space.serve(predictions=PREDICTIONS)
    load = space.start_load(rate=20, keys=HARMLESS)
    before = pods(space)
    assert routed(space) == ("False", "GatewayNotFound")
    assert "its predictions are lost" in space.status()["message"]
    space.wait("told", lambda: "GatewayNotFound" in space.reasons_of_events())
    # when
    pool.create()
    pool.wait_until_healthy()
    # then
    space.wait("routed", lambda: routed(space) == ("True", "PredictionsRouted"))
    pool.start_reader(SUBJECT)
    space.wait("predictions", lambda: enough(pool), 120)
    assert pods(space) == before
    assert not load.stop().failures_outside(())
