"""Fear: a mistake of mine cuts off whoever is connected, or is not told."""

from typing import Any

import pytest

from hack.demo.kubectl import KubectlError
from tests.e2e.gateway.pool import STREAM, Pool


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"auth": {}}, "set secretRef, or allowAnonymous: true"),
        ({"auth": {"secretRef": {"name": "u"}, "allowAnonymous": True}}, "and not both"),
        ({"listeners": {"websocket": {"port": 0}}}, "spec.listeners.websocket.port"),
        ({"listeners": {"websocket": {"port": 80}, "nats": {"port": 80}}}, "ports of their own"),
        ({"listeners": {"serviceType": "ClusterIP"}}, "set websocket, nats, or both"),
        ({"replicas": 0}, "spec.replicas"),
        ({"streams": [{**STREAM, "replicas": 2}]}, "must be 1, 3 or 5"),
        ({"streams": [{**STREAM, "subjects": ["a b"]}]}, "spec.streams[0].subjects[0]"),
        ({"streams": [STREAM, STREAM]}, "spec.streams: duplicate entries"),
        ({"autoscaling": {"minReplicas": 3, "maxReplicas": 2}}, "minReplicas must not be above"),
        ({"autoscaling": {"maxReplicas": 2, "connectionsPerPod": 0}}, "connectionsPerPod"),
        ({"drain": {"window": "60s", "deadline": "30s"}}, "window must not be longer"),
        ({"rebalance": {"maxSkew": 1}}, "spec.rebalance.maxSkew"),
        ({"engine": {"custom": {"image": "x"}}}, "decides by itself who may connect"),
        ({"engine": {"nats": {"version": "2.14"}}}, "name an image with that version"),
    ],
)
def test_the_api_server_names_the_field(pool: Pool, spec: dict[str, Any], told: str) -> None:
    with pytest.raises(KubectlError, match=told.replace("[", r"\[").replace("]", r"\]")):
        pool.create(**spec)


def test_a_secret_that_is_absent_or_malformed_is_named_and_what_serves_goes_on(pool: Pool) -> None:
    # given: no Secret yet
    pool.create()
    pool.space.wait("told", lambda: pool.condition("Accepted").get("status") == "False")
    assert "there is no Secret users" in pool.condition("Accepted")["message"]
    # when
    pool.create_users()
    pool.wait_until_healthy()
    stable = pool.status()["stableRevision"]
    # and then somebody spoils it
    pool.create_users(alice="short")
    pool.space.wait("told", lambda: pool.condition("Accepted").get("status") == "False")
    # then
    message = pool.condition("Accepted")["message"]
    assert "key alice: the password is shorter than 8 characters" in message
    assert len(pool.edges()) == 2
    assert pool.status()["stableRevision"] == stable
