"""The whole operator tells how a Model's predictions fare, whatever happens to their gateway."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders.apiserver import ApiServer
from tests.builders.predictions import STREAM, some_predictions
from tests.builders.resources import API_VERSION, Manifest, a_model, a_model_version
from tests.builders.witness import GROUP, Witness
from tests.faults.conftest import CRDS
from tests.load.operator_process import OperatorProcess, running

pytestmark = pytest.mark.apiserver
GATEWAY: Manifest = {
    "apiVersion": API_VERSION,
    "kind": "StreamGateway",
    "metadata": {"name": "feed", "namespace": "default"},
    "spec": {"auth": {"secretRef": {"name": "feed-users"}}, "streams": [STREAM]},
}
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
LONGEST_SECONDS = 60.0


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    """A user of an API server of its own: the operator looks at all that is there."""
    server = ApiServer(tmp_path / "apiserver", owner=os.getpid())
    server.start()
    try:
        user = Witness(server.kubeconfig)
        user.install(sorted(CRDS.glob("headgate.dev_*.yaml")))
        with running(OperatorProcess(server.kubeconfig, tmp_path / "operator.log")):
            yield user
    finally:
        server.kill()


def wait_until_told(witness: Witness, wanted: tuple[str, str]) -> str:
    """Return the message once the Model's condition has this status and reason."""
    end = time.monotonic() + LONGEST_SECONDS
    while True:
        model = witness.get(f"{GROUP}/namespaces/default/models/churn").body
        conditions: list[Any] = model.get("status", {}).get("conditions", [])
        found = next((each for each in conditions if each["type"] == "PredictionsRouted"), None)
        if found is not None and (found["status"], found["reason"]) == wanted:
            return str(found["message"])
        assert time.monotonic() < end, model.get("status")
        time.sleep(0.1)


def templates(witness: Witness) -> list[Any]:
    """Return the templates of the Deployments, waiting for the first: its status comes before."""
    end = time.monotonic() + LONGEST_SECONDS
    while not (items := witness.get(DEPLOYMENTS).body["items"]):
        assert time.monotonic() < end, "no Deployment"
        time.sleep(0.1)
    return [item["spec"]["template"] for item in items]


def test_the_condition_follows_the_gateway_and_the_pods_template_does_not(
    witness: Witness,
) -> None:
    # given
    for made in (a_model_version(), a_model(predictions=some_predictions())):
        assert witness.create(made).accepted
    assert "no StreamGateway feed" in wait_until_told(witness, ("False", "GatewayNotFound"))
    before = templates(witness)
    # when it comes
    assert witness.create(GATEWAY).accepted
    wait_until_told(witness, ("True", "PredictionsRouted"))
    # and changes
    witness.patch(GATEWAY, {"spec": {"streams": [STREAM | {"subjects": ["others.>"]}]}})
    assert "predictions.churn" in wait_until_told(witness, ("False", "SubjectNotKept"))
    witness.patch(GATEWAY, {"spec": {"listeners": {"nats": {"port": 4333}}}})
    assert "set 4333" in wait_until_told(witness, ("False", "GatewayUnfit"))
    # and goes
    witness.send("DELETE", f"{GROUP}/namespaces/default/streamgateways/feed")
    wait_until_told(witness, ("False", "GatewayNotFound"))
    # then
    assert templates(witness) == before
