"""What a server says of itself is used, or refused in words; never is a figure made up."""

import json
from typing import Any

import pytest

from headgate.streamgateway.engines.custom.contract import Fault, ServerStatus, read_status
from tests.builders.custom_gateways import a_status


def read(**fields: Any) -> ServerStatus | Fault:
    return read_status(a_status(**fields))


def asked(**fields: Any) -> int:
    said = read(**fields)
    assert isinstance(said, ServerStatus), said
    return said.asked


def test_what_a_server_must_say_is_enough() -> None:
    assert read() == ServerStatus(
        name="feed-edge-0", connections=100, arrivals=1000, draining=False
    )


def test_what_a_later_contract_adds_is_passed_over() -> None:
    assert read(mood="fine") == read()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"connections": -3}, "connections should be greater than or equal to 0, not -3"),
        ({"connections": "12"}, "connections should be a valid integer, not '12'"),
        ({"connections": 1.5}, "connections should be a valid integer"),
        ({"connections": True}, "connections should be a valid integer, not True"),
        ({"connections": 10**30}, "connections should be less than or equal to 10000000"),
        ({"draining": "no"}, "draining should be a valid boolean, not 'no'"),
        ({"capabilities": "move"}, "capabilities should be a valid array, not 'move'"),
        ({"name": "x" * 300}, "name"),
        ({"deliveries": -1}, "deliveries should be greater than or equal to 0, not -1"),
        ({"cpuSeconds": "much"}, "cpuSeconds should be a valid number, not 'much'"),
    ],
)
def test_a_figure_that_is_none_is_named_with_its_value(fields: dict[str, Any], told: str) -> None:
    said = read(**fields)
    assert isinstance(said, Fault)
    assert told in said.text


@pytest.mark.parametrize("key", ["name", "connections", "arrivals", "draining"])
def test_a_figure_that_is_missing_is_named(key: str) -> None:
    told = json.loads(a_status())
    del told[key]
    said = read_status(json.dumps(told).encode())
    assert isinstance(said, Fault)
    assert said.text == f"GET /headgate/v1/status: {key} is missing from its answer"


@pytest.mark.parametrize(
    "text", [b"", b"connections 12", b"<html>", b"\xff\xfe", b"[" * 10_000, b'{"connections": NaN']
)
def test_what_is_no_json_is_called_so(text: bytes) -> None:
    said = read_status(text)
    assert isinstance(said, Fault)
    assert said.text == "GET /headgate/v1/status: its answer is no JSON"


@pytest.mark.parametrize("text", [b"[]", b"3", b'"fine"', b"null"])
def test_json_that_is_no_object_is_called_so(text: bytes) -> None:
    said = read_status(text)
    assert isinstance(said, Fault)
    assert said.text.startswith("GET /headgate/v1/status: its answer ")


def test_what_a_server_writes_does_not_obey_terminals() -> None:
    said = read(connections="\x1b[31m\u202e" + "x" * 1000)
    assert isinstance(said, Fault)
    assert said.text.isprintable()
    assert len(said.text) < 200


def test_the_same_field_is_the_same_fault_whatever_came() -> None:
    first, second, other = read(connections=-1), read(connections=-2), read(arrivals=-1)
    assert isinstance(first, Fault)
    assert isinstance(second, Fault)
    assert isinstance(other, Fault)
    assert first.kind == second.kind != other.kind


def test_of_a_server_that_drains_all_connections_are_about_to_leave() -> None:
    assert [asked(), asked(leaving=7), asked(draining=True, leaving=7)] == [0, 7, 100]


def test_no_more_leave_than_are_there() -> None:
    assert asked(leaving=300) == 100
