"""What the API server refuses of gateways by their engine, whether or not the operator runs."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders.apiserver import ApiServer
from tests.builders.resources import Manifest
from tests.builders.witness import Witness

pytestmark = pytest.mark.apiserver
CRDS = Path(__file__).resolve().parents[2] / "crds"
CUSTOM = {"custom": {"image": "registry.example.com/team/fanout:1"}}
ANYBODY = {"allowAnonymous": True}


@pytest.fixture(scope="module")
def witness(api: ApiServer) -> Witness:
    user = Witness(api.kubeconfig)
    user.install(sorted(CRDS.glob("headgate.dev_*.yaml")))
    return user


def a_gateway(name: str = "feed", **spec: Any) -> Manifest:
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "StreamGateway",
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("spec", "path", "says"),
    [
        ({}, "spec.auth", "is required: set secretRef, or allowAnonymous: true"),
        ({"engine": {"nats": {}}}, "spec.auth", "is required"),
        ({"engine": {**CUSTOM, "nats": {}}}, "spec.engine", "exactly one of nats and custom"),
        ({"engine": CUSTOM, "auth": ANYBODY}, "spec.auth", "decides by itself who may connect"),
        (
            {"engine": CUSTOM, "streams": [{"name": "a", "subjects": ["x"]}]},
            "spec.streams",
            "keeps what it likes",
        ),
        ({"engine": CUSTOM, "storage": {}}, "spec.storage", "have no disk"),
        (
            {"engine": CUSTOM, "listeners": {"nats": {"port": 4222}}},
            "spec.listeners.nats",
            "for any protocol over TCP",
        ),
        (
            {"engine": CUSTOM, "autoscaling": {"maxReplicas": 3}},
            "spec.autoscaling.connectionsPerPod",
            "known to you alone",
        ),
        (
            {"engine": {"custom": {"image": "a", "port": 8081}}},
            "spec.engine.custom.controlPort",
            "ports of their own",
        ),
        (
            {"engine": {"custom": {"image": "a", "env": [{"name": "HEADGATE_PORT"}]}}},
            "spec.engine.custom.env[0].name",
            "names in HEADGATE_ are reserved",
        ),
        ({"engine": {"custom": {}}}, "spec.engine.custom.image", "Required value"),
    ],
)
def test_what_means_nothing_for_an_engine_is_refused_by_its_field(
    witness: Witness, spec: dict[str, Any], path: str, says: str
) -> None:
    answer = witness.create(a_gateway(**spec), dry_run=True)
    assert answer.code == 422, answer
    assert path in answer.message
    assert says in answer.message
    assert "evaluation error" not in answer.message, answer.message


@pytest.mark.parametrize(
    "spec",
    [
        {"auth": ANYBODY},
        {"engine": CUSTOM},
        {"engine": CUSTOM, "streams": [], "listeners": {"websocket": {"port": 80}}},
        {"engine": CUSTOM, "autoscaling": {"maxReplicas": 3, "connectionsPerPod": 500}},
    ],
)
def test_what_an_engine_needs_is_enough(witness: Witness, spec: dict[str, Any]) -> None:
    answer = witness.create(a_gateway(**spec), dry_run=True)
    assert answer.accepted, answer.message


def test_a_gateway_keeps_its_engine(witness: Witness) -> None:
    # given
    gateway = a_gateway("keeps", engine=CUSTOM)
    assert witness.create(gateway).accepted
    # when
    answer = witness.patch(
        gateway, {"spec": {"engine": {"custom": None, "nats": {}}, "auth": ANYBODY}}
    )
    # then
    assert "cannot be changed from NATS to a server of your own" in answer.message


def test_a_server_of_ones_own_gets_another_image(witness: Witness) -> None:
    # given
    gateway = a_gateway("changes", engine=CUSTOM)
    assert witness.create(gateway).accepted
    # when
    answer = witness.patch(gateway, {"spec": {"engine": {"custom": {"image": "other:2"}}}})
    # then
    assert answer.accepted, answer.message
