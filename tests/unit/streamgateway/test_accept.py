"""What is refused of a gateway's spec, by its field, beyond what the API server refuses."""

from typing import Any

import pytest

from headgate.streamgateway.accept import problems_of
from headgate.streamgateway.amounts import cpu_requested
from tests.builders.custom_gateways import a_custom_spec
from tests.builders.gateways import a_gateway_spec


def a_stream(name: str, *subjects: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "subjects": list(subjects), **fields}


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        (
            {"streams": [a_stream("a", "x.>"), a_stream("b", "y", "x.*.z")]},
            "spec.streams[1].subjects[1]",
            "x.*.z of b and x.> of a have subjects in common",
        ),
        (
            {"streams": [a_stream("a", "headgate.probe")]},
            "spec.streams[0].subjects[0]",
            "subjects that begin with `headgate` are not for streams of users",
        ),
        (
            {"streams": [a_stream("a", "x", replicas=1)]},
            "spec.streams[0].replicas",
            "one copy of a would be lost with its pod",
        ),
        (
            {"streams": [a_stream("a", "x", maxBytes="3Gi")], "storage": {"size": "2Gi"}},
            "spec.streams[0].maxBytes",
            "3Gi do not fit on a disk of 2Gi",
        ),
        (
            {"streams": [a_stream("a", "x", maxBytes="100m")], "storage": {"size": "2Gi"}},
            "spec.streams[0].maxBytes",
            "100m is less than a byte",
        ),
        ({"drain": {"window": "50s", "deadline": "40s"}}, "spec.drain.window", "longer than"),
        ({"drain": {"deadline": "31m"}}, "spec.drain.deadline", "30m at most"),
        (
            {"autoscaling": {"maxReplicas": 3, "cpuUtilization": 60}},
            "spec.autoscaling.cpuUtilization",
            "neither it nor limits.cpu is set",
        ),
    ],
)
def test_a_mistake_is_named_by_its_field(fields: dict[str, Any], path: str, message: str) -> None:
    (problem,) = problems_of(a_gateway_spec(**fields), "feed")
    assert problem.path == path
    assert message in problem.message


@pytest.mark.parametrize("name", ["a" * 41, "1st", "a.b"])
def test_a_name_that_no_service_can_have_is_refused(name: str) -> None:
    assert [each.path for each in problems_of(a_gateway_spec(), name)] == ["metadata.name"]


def test_two_copies_of_one_subject_in_different_words_are_no_overlap() -> None:
    spec = a_gateway_spec(streams=[a_stream("a", "x.a.>"), a_stream("b", "x.b.>", "x.a")])
    assert problems_of(spec, "feed") == ()


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"auth": {"allowAnonymous": True}}, "spec.auth", "decides by itself who may connect"),
        ({"streams": [a_stream("a", "x")]}, "spec.streams", "keeps what it likes"),
        ({"storage": {"size": "1Gi"}}, "spec.storage", "have no disk"),
        (
            {"listeners": {"websocket": {"port": 80}, "nats": {"port": 4222}}},
            "spec.listeners.nats",
            "for any protocol over TCP",
        ),
        (
            {"autoscaling": {"maxReplicas": 4}},
            "spec.autoscaling.connectionsPerPod",
            "known to you alone",
        ),
        (
            {"server": {"port": 9000, "controlPort": 9000}},
            "spec.engine.custom.controlPort",
            "9000 is engine.custom.port too",
        ),
        (
            {"server": {"env": [{"name": "HEADGATE_PORT", "value": "1"}]}},
            "spec.engine.custom.env[0].name",
            "names in HEADGATE_ are reserved",
        ),
    ],
)
def test_what_means_nothing_for_a_server_of_ones_own_is_refused(
    fields: dict[str, Any], path: str, message: str
) -> None:
    (problem,) = problems_of(a_custom_spec(**fields), "feed")
    assert problem.path == path
    assert message in problem.message


def test_a_server_of_ones_own_needs_nothing_but_its_image() -> None:
    spec = a_custom_spec()
    assert problems_of(spec, "feed") == ()
    assert spec.listeners.websocket is not None
    assert spec.listeners.nats is None


def test_nats_needs_to_know_who_may_connect() -> None:
    spec = a_gateway_spec(auth=None)
    assert [each.path for each in problems_of(spec, "feed")] == ["spec.auth"]


@pytest.mark.parametrize("kind", ["requests", "limits"])
def test_a_part_of_the_cpu_is_taken_of_the_request_or_of_the_limit(kind: str) -> None:
    autoscaling = {"maxReplicas": 3, "cpuUtilization": 60}
    spec = a_gateway_spec(autoscaling=autoscaling, resources={kind: {"cpu": "500m"}})
    assert not problems_of(spec, "feed")
    assert cpu_requested(spec) == 0.5
