"""Streams are made and changed as the spec says, and no message is deleted by it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from headgate.streamgateway.engines.nats.stream_types import (
    Change,
    Create,
    FoundStream,
    LeaveAlone,
    Nothing,
    Refuse,
    Update,
    WantedStream,
)
from headgate.streamgateway.engines.nats.streams import plan_streams, stream_config
from tests.builders.streams import HOUR, NOW, a_found_stream, a_wanted_stream


def plan(
    wanted: Sequence[WantedStream], found: Sequence[FoundStream] = (), *, core_size: int = 3
) -> tuple[Change, ...]:
    return plan_streams(wanted, found, core_size=core_size, store_bytes=100_000_000, now=NOW)


def refusal(wanted: WantedStream, found: FoundStream) -> Refuse:
    (change,) = plan([wanted], [found])
    assert isinstance(change, Refuse)
    return change


def test_a_stream_that_is_not_there_is_made() -> None:
    wanted = a_wanted_stream()
    assert plan([wanted]) == (Create(name="predictions", config=stream_config(wanted)),)


def test_a_stream_is_made_so_that_subscribers_see_gaps_and_can_fetch_them() -> None:
    config = stream_config(a_wanted_stream())
    assert config["republish"] == {"src": ">", "dest": "headgate.live.>"}
    assert config["allow_direct"]


def test_a_stream_that_is_as_wanted_is_left() -> None:
    assert plan([a_wanted_stream()], [a_found_stream()]) == (Nothing(name="predictions"),)


def test_the_order_of_subjects_is_no_difference() -> None:
    wanted = a_wanted_stream(subjects=("b", "a"))
    found = a_found_stream(wanted)
    found = replace(found, config={**found.config, "subjects": ["b", "a"]})
    assert plan([wanted], [found]) == (Nothing(name="predictions"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"subjects": ("predictions.v2.>",)},
        {"subjects": ("predictions.>", "more")},
        {"replicas": 1},
        {"max_age": 48 * HOUR},
        {"max_age": None},
        {"max_age": 7 * HOUR},
        {"max_bytes": 20_000_000},
        {"max_bytes": 5_000_000},
        {"max_bytes": None},
    ],
    ids=repr,
)
def test_what_deletes_nothing_is_changed(changes: dict[str, Any]) -> None:
    wanted, found = a_wanted_stream(**changes), a_found_stream()
    config = {**found.config, **stream_config(wanted)}
    assert plan([wanted], [found]) == (Update(name="predictions", config=config),)


def test_what_others_set_of_a_stream_is_kept() -> None:
    found = a_found_stream()
    found = replace(found, config={**found.config, "max_msg_size": 1000})
    (change,) = plan([a_wanted_stream(replicas=1)], [found])
    assert isinstance(change, Update)
    assert change.config["max_msg_size"] == 1000


def test_less_room_than_is_used_is_refused() -> None:
    told = refusal(a_wanted_stream(max_bytes=4_000_000), a_found_stream())
    assert told.path == "spec.streams[0].maxBytes"
    assert "holds 5000000 bytes; with 4000000 its oldest messages, 1000000 bytes" in told.message


def test_a_shorter_age_than_the_oldest_message_has_is_refused() -> None:
    told = refusal(a_wanted_stream(max_age=5 * HOUR), a_found_stream())
    assert told.path == "spec.streams[0].maxAge"
    assert "the oldest of its 500 messages is of 2026-11-28T06:00:00Z; with 5h" in told.message


def test_an_age_where_there_was_none_is_refused_if_it_deletes() -> None:
    found = a_found_stream(a_wanted_stream(max_age=None))
    assert refusal(a_wanted_stream(max_age=HOUR), found).path == "spec.streams[0].maxAge"


def test_a_shorter_age_of_an_empty_stream_is_set() -> None:
    found = a_found_stream(messages=0, oldest=None)
    (change,) = plan([a_wanted_stream(max_age=HOUR)], [found])
    assert isinstance(change, Update)


def test_the_window_of_duplicates_is_no_longer_than_messages_live() -> None:
    config = stream_config(a_wanted_stream(max_age=timedelta(seconds=30)))
    assert config["duplicate_window"] == config["max_age"] == 30 * 10**9


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"storage": "memory"}, "storage memory"),
        ({"retention": "workqueue"}, "retention workqueue"),
        ({"mirror": {"name": "x"}}, "a mirror"),
        ({"sealed": True}, "a seal"),
    ],
)
def test_a_stream_of_another_kind_is_not_touched(other: dict[str, Any], words: str) -> None:
    found = a_found_stream()
    told = refusal(a_wanted_stream(), replace(found, config={**found.config, **other}))
    assert told.path == "spec.streams[0].name"
    assert words in told.message


def test_more_replicas_than_servers_are_refused() -> None:
    (change,) = plan([a_wanted_stream()], core_size=1)
    message = "3 replicas need as many servers, and the core has 1"
    assert change == Refuse(name="predictions", path="spec.streams[0].replicas", message=message)


def test_streams_that_do_not_fit_the_disks_together_are_refused() -> None:
    first = a_wanted_stream(max_bytes=60_000_000)
    second = a_wanted_stream(name="b", subjects=("b",), max_bytes=60_000_000)
    changes = plan([first, second])
    assert isinstance(changes[0], Create)
    assert isinstance(changes[1], Refuse)
    assert changes[1].path == "spec.streams[1].maxBytes"
    assert "3 x 60000000 bytes do not fit into 120000000 bytes" in changes[1].message


def test_a_stream_that_no_spec_names_is_reported_and_its_room_counted() -> None:
    other = a_found_stream(a_wanted_stream(name="old", subjects=("old",), max_bytes=95_000_000))
    changes = plan([a_wanted_stream()], [other])
    assert isinstance(changes[0], Refuse)
    assert changes[1] == LeaveAlone(name="old")


@pytest.mark.parametrize("is_wanted", [True, False])
def test_subjects_that_another_stream_has_are_refused(*, is_wanted: bool) -> None:
    other = a_wanted_stream(name="all", subjects=("predictions.*",))
    mine = a_wanted_stream()
    changes = plan([other, mine]) if is_wanted else plan([mine], [a_found_stream(other)])
    (told,) = [change for change in changes if isinstance(change, Refuse)]
    assert told.path == f"spec.streams[{int(is_wanted)}].subjects"
    assert '"predictions.>" overlaps "predictions.*" of stream all' in told.message
