"""The operator, real servers that keep the drain contract, clients that count what they miss."""

import asyncio

import pytest

from tests.builders.resources import Manifest
from tests.faults.custom_gateway.ticker import CLIENTS, Ticker
from tests.load.operator_process import OperatorProcess

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(600)]


def nobody_noticed(told: Manifest) -> None:
    """Every client heard every tick, and none was cut off."""
    assert (told["missing"], told["cut"], told["connected"]) == (0, 0, CLIENTS), told


async def test_scaling_and_a_new_configuration_cost_clients_nothing(ticker: Ticker) -> None:
    # when: up, and down to one
    ticker.edit(replicas=3)
    await ticker.until_healthy(3)
    ticker.edit(replicas=1)
    small = await ticker.until_healthy(1)
    # and another configuration, with other ports
    ticker.edit_server(port=9080, controlPort=9081)
    after = await ticker.until(
        "another revision",
        lambda status: (
            status["phase"] == "Healthy" and status["stableRevision"] != small["stableRevision"]
        ),
    )
    await ticker.until(
        "the old pod is gone",
        lambda _status: {pod.control_port for pod in ticker.node.pods.values()} == {9081},
    )
    # then
    told = await ticker.last_word()
    nobody_noticed(told)
    assert small["continuity"]["moved"] > 0
    assert after["continuity"]["moved"] > small["continuity"]["moved"]
    assert after["continuity"]["forcedCloses"] == 0


async def test_a_drain_goes_on_with_another_operator(
    ticker: Ticker, operator: OperatorProcess
) -> None:
    # given
    ticker.edit(replicas=1, drain={"window": "15s", "deadline": "60s"})
    await ticker.until("a drain", lambda status: (status.get("drain") or {}).get("askingSince"))
    # when
    await asyncio.to_thread(operator.kill)
    await asyncio.to_thread(operator.start)
    # then
    status = await ticker.until_healthy(1)
    nobody_noticed(await ticker.last_word())
    assert status["continuity"]["forcedCloses"] == 0


@pytest.mark.parametrize(
    ("image", "reason", "told"),
    [
        ("docker.io/headgate/nothing-there:1", "PodFailing", "ImagePullBackOff"),
        ("garbage:1", "ContractBroken", "GET /headgate/v1/status: its answer is no JSON"),
    ],
)
async def test_a_bad_image_goes_back_and_nobody_notices(
    ticker: Ticker, image: str, reason: str, told: str
) -> None:
    # given
    stable = (await ticker.until_healthy(2))["stableRevision"]
    # when
    ticker.edit_server(image=image)
    status = await ticker.until("rejected", lambda status: status.get("rejected"))
    # then
    assert (status["rejected"]["reason"], status["stableRevision"]) == (reason, stable)
    assert told in status["rejected"]["message"]
    # and its pod leaves
    await ticker.until(
        "the trial is over",
        lambda status: not status.get("drain") and len(ticker.node.list()) == 2,
    )
    nobody_noticed(await ticker.last_word())
