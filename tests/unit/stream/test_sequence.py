"""A reader's place: whatever comes, in whatever order, each message is handed on once, in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.stream.message import Lost
from headgate.stream.sequence import Place, Verdict, count_unbroken


def a_place(position: int = 10, *, is_whole: bool = True, verified: int = 0) -> Place:
    return Place(position=position, is_whole=is_whole, verified=verified)


def test_the_next_message_of_a_whole_stream_is_delivered() -> None:
    assert a_place(10).judge(11, follows=3) is Verdict.DELIVER


def test_a_message_that_skips_one_of_a_whole_stream_is_a_gap_up_to_the_skipped_one() -> None:
    assert a_place(10).judge(12, follows=3) is Verdict.GAP
    assert a_place(10).needed(12, follows=3) == 11


def test_a_message_of_one_subject_is_delivered_when_the_one_before_it_was() -> None:
    assert a_place(10, is_whole=False).judge(25, follows=10) is Verdict.DELIVER


def test_a_message_of_one_subject_that_follows_one_not_seen_is_a_gap() -> None:
    assert a_place(10, is_whole=False).judge(25, follows=17) is Verdict.GAP
    assert a_place(10, is_whole=False).needed(25, follows=17) == 17


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_was_had_already_is_a_duplicate(is_whole: bool) -> None:
    assert a_place(10, is_whole=is_whole).judge(10, follows=9) is Verdict.DUPLICATE


def test_a_hole_in_what_the_whole_stream_holds_is_lost() -> None:
    assert a_place(10).missing_before(14) == Lost(first=11, last=13)


def test_a_hole_between_messages_of_one_subject_is_others_business() -> None:
    assert a_place(10, is_whole=False).missing_before(14) is None


def test_limits_that_passed_a_reader_by_cost_it_what_lay_between() -> None:
    assert a_place(10).passed_by(21) == Lost(first=11, last=20)


def test_limits_that_passed_what_was_verified_not_to_be_ours_cost_nothing() -> None:
    assert a_place(10, is_whole=False, verified=20).passed_by(21) is None


@pytest.mark.parametrize(
    ("sequences", "follows", "unbroken"),
    [
        ([], [], 0),
        ([5], [0], 1),
        ([5, 6, 9], [0, 5, 6], 3),
        ([5, 9], [0, 6], 1),
        ([6, 9], [5, 6], 0),
    ],
    ids=["none", "one", "all", "the second is missing", "the first is missing"],
)
def test_a_batch_counts_up_to_its_first_missing_reply(
    sequences: list[int], follows: list[int], unbroken: int
) -> None:
    assert count_unbroken(sequences, follows) == unbroken


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Draw what a stream holds, and what of it comes: losses, duplicates, any order."""
    is_whole = draw(st.booleans())
    last = draw(st.integers(1, 40))
    held = list(range(1, last + 1))
    if not is_whole:
        held = sorted(draw(st.sets(st.integers(1, 80), min_size=1, max_size=40)))
    came = draw(st.lists(st.sampled_from(held), max_size=120))
    return held, came


def read(place: Place, held: list[int], came: list[int]) -> list[int]:
    """Do as a reader does: deliver, drop, or fetch up to what is needed; at last look again."""
    before = dict(zip(held[1:], held, strict=False))
    handed_on: list[int] = []

    def hand_on(sequence: int) -> None:
        place.take(sequence)
        handed_on.append(sequence)

    def fetch(needed: int) -> None:
        for sequence in held:
            if place.position < sequence <= needed:
                hand_on(sequence)

    for sequence in came:
        follows = before.get(sequence, 0)
        if place.judge(sequence, follows) is Verdict.GAP:
            fetch(place.needed(sequence, follows))
        if place.judge(sequence, follows) is Verdict.DELIVER:
            hand_on(sequence)
    fetch(held[-1])
    return handed_on


@given(arrivals())
def test_any_mix_of_losses_duplicates_and_disorder_ends_in_each_message_once_in_order(
    drawn: tuple[list[int], list[int]],
) -> None:
    held, came = drawn
    is_whole = held == list(range(1, len(held) + 1))
    assert read(a_place(0, is_whole=is_whole), held, came) == held


@given(st.integers(0, 60), st.sets(st.integers(1, 60)))
def test_every_sequence_of_a_whole_stream_is_handed_on_or_lost_and_never_both(
    after: int, held: set[int]
) -> None:
    place = a_place(after)
    accounted: list[int] = []
    for sequence in sorted(number for number in held if number > after):
        lost = place.missing_before(sequence)
        if lost:
            accounted += range(lost.first, lost.last + 1)
        place.take(sequence)
        accounted.append(sequence)

    assert accounted == list(range(after + 1, max(held | {after}) + 1))
