"""What the API server does not let the operator make: told, and no harm to what is there."""

import json

import pytest

from headgate.core import labels
from tests.builders.resources import Manifest
from tests.faults.custom_gateway.test_changes import nobody_noticed
from tests.faults.custom_gateway.ticker import Ticker

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(600)]


class Quota:
    """So many pods and no more; nobody but the API server counts them here."""

    def __init__(self, ticker: Ticker, pods: int) -> None:
        self._witness = ticker.node.witness
        self._path = f"/api/v1/namespaces/{ticker.node.namespace}/resourcequotas"
        quota: Manifest = {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "few"},
            "spec": {"hard": {"pods": str(pods)}},
        }
        self._send("POST", self._path, quota)
        status = {"status": {"hard": {"pods": str(pods)}, "used": {"pods": str(pods)}}}
        self._send("PATCH", f"{self._path}/few/status", status, "application/merge-patch+json")

    def lift(self) -> None:
        self._send("DELETE", f"{self._path}/few", {})

    def _send(
        self, method: str, path: str, body: Manifest, content_type: str = "application/json"
    ) -> None:
        answer = self._witness.send(method, path, json.dumps(body), content_type=content_type)
        assert answer.accepted, answer.message


async def test_a_pod_beyond_the_quota_is_told_and_the_others_can_leave(ticker: Ticker) -> None:
    # given
    quota = Quota(ticker, pods=2)
    # when
    ticker.edit(replicas=3)
    status = await ticker.until("told", lambda status: status["phase"] == "Degraded")
    # then
    assert status["message"].startswith("the API server refuses pod ticker-edge-2: ")
    assert "exceeded quota: few" in status["message"]
    # and when somebody takes a pod out meanwhile, it is drained all the same
    first = next(iter(ticker.node.list().values()))["metadata"]
    change = {"metadata": {"labels": {labels.SERVING: labels.SERVING_LEAVING}}}
    ticker.node.change(first["name"], change)
    await ticker.until(
        "the pod is gone", lambda _status: first["uid"] not in ticker.node.list(), seconds=180
    )
    # and all is well once there is room
    quota.lift()
    await ticker.until_healthy(3)
    nobody_noticed(await ticker.last_word())


async def test_somebodys_pod_of_an_edges_name_is_told_and_left_alone(ticker: Ticker) -> None:
    # given
    theirs: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "ticker-edge-2"},
        "spec": {
            "automountServiceAccountToken": False,
            "containers": [{"name": "c", "image": "example.invalid/c:1"}],
        },
    }
    path = f"/api/v1/namespaces/{ticker.node.namespace}/pods"
    answer = ticker.node.witness.send(
        "POST", path, json.dumps(theirs), content_type="application/json"
    )
    assert answer.accepted, answer.message
    # when
    ticker.edit(replicas=3)
    status = await ticker.until("told", lambda status: status["phase"] == "Degraded")
    # then
    assert status["message"] == "pod ticker-edge-2 is there and not this gateway's: delete it"
    assert answer.body["metadata"]["uid"] in {
        pod["metadata"]["uid"] for pod in ticker.node.witness.get(path).body["items"]
    }
