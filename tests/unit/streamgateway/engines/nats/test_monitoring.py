"""Answers of real servers are read, and what is missing in them is not known rather than zero."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.streamgateway.engines.nats.monitoring import (
    ConnectionSeen,
    Health,
    ServerSeen,
    read_connections,
    read_healthz,
    read_statsz,
    read_varz,
)
from tests.builders.nats_answers import EDGE_ID, LAME_DUCK_HEALTHZ, a_connz, a_statsz, a_varz

TEXTS = st.text("a0-Z", max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
START = datetime(2026, 11, 28, 0, 14, 30, 399894, tzinfo=UTC)


def test_varz_is_read() -> None:
    assert read_varz(a_varz()) == ServerSeen(
        server_id=EDGE_ID,
        name="predictions-edge-0",
        version="2.15.1",
        tags=("role:edge",),
        at=datetime(2026, 11, 28, 0, 14, 33, 156085, tzinfo=UTC),
        started=START,
        config_loaded=START,
        connections=2,
        routes=8,
        leaves=0,
        subscriptions=314,
        slow_consumers=0,
        stale_connections=0,
        in_msgs=16,
        in_bytes=13479,
        out_msgs=32,
        out_bytes=32798,
        delivered_msgs=12,
        delivered_bytes=13958,
        cpu_percent=1.5,
        memory_bytes=20074496,
    )


def test_an_answer_to_a_ping_is_read() -> None:
    seen = read_statsz(a_statsz())
    assert (seen.name, seen.connections, seen.routes) == ("predictions-core-0", 1, 1)
    assert (seen.delivered_msgs, seen.in_msgs, seen.out_msgs) == (3, 12, 19)
    assert seen.meta_leader == "predictions-core-1"


@pytest.mark.parametrize("value", [None, "5", -1, True, [], {}])
def test_what_is_no_count_is_not_known(value: Any) -> None:
    assert read_varz(a_varz(connections=value)).connections is None


def test_an_empty_answer_knows_nothing() -> None:
    seen = read_varz({})
    known = {field.name for field in fields(seen) if getattr(seen, field.name) not in {None, ()}}
    assert known == set()


@given(st.dictionaries(st.sampled_from(sorted(a_varz())), JSON))
def test_whatever_a_pod_answers_is_read_without_an_error(answer: dict[str, Any]) -> None:
    read_varz(answer)


@given(JSON, JSON)
def test_whatever_a_server_answers_to_a_ping_is_read(server: Any, stats: Any) -> None:
    read_statsz({"server": server, "statsz": stats})


@given(st.lists(JSON, max_size=3))
def test_whatever_stands_in_a_list_of_connections_is_read(entries: list[Any]) -> None:
    read_connections({"connections": entries})


def test_connections_are_read() -> None:
    page = read_connections(a_connz())
    started = datetime(2026, 11, 28, 0, 14, 31, 942526, tzinfo=UTC)
    assert (page.total, page.offset) == (3, 1)
    assert page.connections == (
        ConnectionSeen(
            cid=23,
            name="ws",
            user="amy",
            account="APP",
            is_websocket=True,
            started=started,
            pending_bytes=0,
        ),
    )


def test_a_server_in_lame_duck_mode_is_leaving() -> None:
    health = read_healthz(500, LAME_DUCK_HEALTHZ)
    assert health == Health(ready=False, leaving=True, detail=LAME_DUCK_HEALTHZ["error"])


def test_a_server_that_is_ill_is_not_leaving() -> None:
    health = read_healthz(503, {"status": "unavailable", "error": "JetStream is not current"})
    assert (health.ready, health.leaving) == (False, False)


def test_a_healthy_server_is_ready() -> None:
    assert read_healthz(200, {"status": "ok"}) == Health(ready=True, leaving=False)
