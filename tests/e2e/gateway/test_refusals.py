"""Fear: a mistake of mine cuts off whoever is connected, or is not told."""

from typing import Any

import pytest

from hack.demo.kubectl import KubectlError
from headgate.core.pods import container_security, pod_security
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
        ({"drain": {"deadline": "31m"}}, "spec.drain.deadline.*must be 30m at most"),
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
    # and a pod that is lost meanwhile is replaced by one of the configuration that works
    lost = pool.edges()[0]["metadata"]
    pool.space.kubectl.run("delete", "pod", lost["name"], "-n", pool.space.name, "--wait=false")

    def replaced() -> bool:
        uids = {pod["metadata"]["uid"] for pod in pool.edges()}
        return lost["uid"] not in uids and pool.status()["readyReplicas"] == 2

    pool.space.wait("replaced", replaced, 120)


def test_what_somebody_deletes_or_scales_by_hand_is_as_it_was_soon(pool: Pool) -> None:
    # given
    pool.serve()
    kubectl, place = pool.space.kubectl, ("-n", pool.space.name)
    # when
    core = pool.space.all("StatefulSet")[0]["metadata"]["name"]
    kubectl.run("scale", "statefulset", core, "--replicas=2", *place)
    kubectl.run("delete", "service", pool.gateway, *place)
    # then
    pool.space.wait("the Service", lambda: pool.space.get("Service", pool.gateway), 120)
    pool.space.wait(
        "the core",
        lambda: pool.space.all("StatefulSet")[0]["status"].get("readyReplicas") == 3,
        180,
    )


def test_somebodys_pod_of_an_edges_name_is_named_and_left_alone(pool: Pool) -> None:
    # given
    pool.serve()
    name = f"{pool.gateway}-edge-2"
    theirs = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "nodeSelector": {"there-is": "no-such-node"},
            "securityContext": pod_security(),
            "containers": [
                {"name": "c", "image": "c", "securityContext": container_security()},
            ],
        },
    }
    pool.space.kubectl.apply(theirs, namespace=pool.space.name)
    # when
    pool.scale(3)
    pool.space.wait("told", lambda: pool.status().get("phase") == "Degraded")
    # then
    message = pool.status()["message"]
    assert message == f"pod {name} is there and not this gateway's: delete it"
    # and when it is gone
    pool.space.kubectl.run("delete", "pod", name, "-n", pool.space.name)
    pool.wait_until_healthy(3)


def test_a_certificate_that_is_absent_is_named_and_a_bad_image_corrected_before_it_worked(
    pool: Pool,
) -> None:
    # given: never healthy, for two reasons
    pool.create_users()
    tls = {"websocket": {"port": 80, "tls": {"secretName": "absent"}}}
    pool.create(listeners=tls, engine={"nats": {"image": "example.invalid/none:1"}})
    pool.space.wait("told", lambda: pool.condition("Accepted").get("status") == "False")
    said = pool.condition("Accepted")
    assert said["reason"] == "SecretUnusable"
    assert "spec.listeners.websocket.tls.secretName: there is no Secret absent" in said["message"]
    # when: plain, but the image is still bad
    pool.edit(listeners={"websocket": {"port": 80, "tls": None}})
    pool.space.wait("why", lambda: "ImagePull" in pool.status().get("message", ""), 90)
    # and then a good one
    pool.edit(engine={"nats": {"image": None}})
    # then
    pool.wait_until_healthy(seconds=240)
