"""Where a stream is read live, and when only a consumer will do."""

from dataclasses import replace

import pytest

from headgate.stream.live_subject import (
    LiveSubject,
    StreamShape,
    choose_live_subject,
    covers,
)

PREDICTIONS = StreamShape(
    name="predictions",
    subjects=("predictions.>",),
    first=1,
    last=0,
    allow_direct=True,
    republish_from="predictions.>",
    republish_to="live.predictions.>",
)


def a_stream(**changes: object) -> StreamShape:
    return replace(PREDICTIONS, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("subject", [">", "predictions.>"])
def test_the_whole_stream_is_read_where_it_is_repeated(subject: str) -> None:
    chosen = choose_live_subject(a_stream(), subject)
    assert chosen == LiveSubject(subject="live.predictions.>", is_whole=True)


def test_one_subject_is_read_where_that_subject_is_repeated() -> None:
    chosen = choose_live_subject(a_stream(), "predictions.iris.v1")
    assert chosen == LiveSubject(subject="live.predictions.iris.v1", is_whole=False)


def test_all_subjects_repeated_below_a_prefix_keep_their_whole_name() -> None:
    stream = a_stream(republish_from=">", republish_to="live.>")
    chosen = choose_live_subject(stream, "predictions.iris")
    assert chosen == LiveSubject(subject="live.predictions.iris", is_whole=False)


def test_of_a_prefix_that_streams_share_only_the_streams_own_part_is_read() -> None:
    stream = a_stream(republish_from=">", republish_to="headgate.live.>")
    chosen = choose_live_subject(stream, ">")
    assert chosen == LiveSubject(subject="headgate.live.predictions.>", is_whole=True)


def test_a_stream_of_several_subjects_is_whole_only_with_all_of_them() -> None:
    stream = a_stream(
        subjects=("predictions.>", "alerts"), republish_from=">", republish_to="live.>"
    )
    assert choose_live_subject(stream, "predictions.>") is None
    assert choose_live_subject(stream, ">") == LiveSubject(subject="live.>", is_whole=True)


def test_a_stream_of_one_literal_subject_is_repeated_at_another() -> None:
    stream = a_stream(subjects=("ticks",), republish_from="ticks", republish_to="live.ticks")
    chosen = choose_live_subject(stream, "ticks")
    assert chosen == LiveSubject(subject="live.ticks", is_whole=True)


def test_placeholders_in_the_destination_stand_for_any_one_part() -> None:
    stream = a_stream(
        subjects=("predictions.*.*",),
        republish_from="predictions.*.*",
        republish_to="live.{{wildcard(2)}}.$1",
    )
    chosen = choose_live_subject(stream, ">")
    assert chosen == LiveSubject(subject="live.*.*", is_whole=True)


@pytest.mark.parametrize(
    ("stream", "subject"),
    [
        (a_stream(republish_to=""), ">"),
        (a_stream(allow_direct=False), ">"),
        (a_stream(headers_only=True), ">"),
        (a_stream(), "predictions.iris.*"),
        (a_stream(republish_from="predictions.a.>", republish_to="live.>"), ">"),
        (a_stream(republish_from="predictions.a.>", republish_to="live.>"), "predictions.b.c"),
        (
            a_stream(republish_from="predictions.*.*", republish_to="live.{{wildcard(1)}}.$2"),
            "predictions.a.b",
        ),
    ],
    ids=[
        "not repeated",
        "no direct gets",
        "without data",
        "a part with wildcards",
        "repeated in part",
        "not repeated for this subject",
        "placeholders are not worked out",
    ],
)
def test_all_else_is_read_by_a_consumer(stream: StreamShape, subject: str) -> None:
    assert choose_live_subject(stream, subject) is None


@pytest.mark.parametrize(
    ("pattern", "subject", "is_covered"),
    [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("a.*", "a.b.c", False),
        ("a.*", "a.>", False),
        ("a.b", "a.*", False),
        (">", ">", True),
        ("a.b.c", "a.b", False),
    ],
)
def test_a_pattern_covers_what_it_matches(pattern: str, subject: str, is_covered: bool) -> None:
    assert covers(pattern, subject) is is_covered
