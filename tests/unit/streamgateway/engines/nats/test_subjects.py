"""Subjects: which a stream may have, and which two can mean the same message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.streamgateway.engines.nats.subjects import do_overlap, problem_with_subject

WORDS = st.sampled_from(["a", "b", "c"])
SUBJECTS = st.lists(WORDS, min_size=1, max_size=4).map(".".join)
PATTERNS = st.builds(
    lambda words, last: ".".join([*words, *last]),
    st.lists(WORDS | st.just("*"), min_size=1, max_size=3),
    st.sampled_from([[], [">"]]),
)


def matches(pattern: str, subject: str) -> bool:
    words, given_words = pattern.split("."), subject.split(".")
    if words[-1] == ">":
        words = words[:-1]
        if len(given_words) <= len(words):
            return False
        given_words = given_words[: len(words)]
    return len(words) == len(given_words) and all(
        word in {"*", other} for word, other in zip(words, given_words, strict=True)
    )


@given(PATTERNS, PATTERNS, SUBJECTS)
def test_two_that_match_one_message_overlap(one: str, other: str, subject: str) -> None:
    if matches(one, subject) and matches(other, subject):
        assert do_overlap(one, other)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a.>", "a", False),
        ("a.>", "a.b.c", True),
        ("a.*", "a.>", True),
        ("a.*", "a.b.c", False),
        ("*.b", "a.*", True),
        ("a.b.>", "a.c.>", False),
    ],
)
def test_overlaps(one: str, other: str, *, overlap: bool) -> None:
    assert (do_overlap(one, other), do_overlap(other, one)) == (overlap, overlap)


@pytest.mark.parametrize("subject", ["predictions.>", "a", "a.*.c", "a-b_c.d/e"])
def test_well_formed_subjects_are_taken(subject: str) -> None:
    assert problem_with_subject(subject) == ""


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ("", "1 to 255"),
        ("a" * 256, "1 to 255"),
        ("a..b", "words between dots"),
        ("a.", "words between dots"),
        ("a.>.b", "words between dots"),
        ("a b", "words between dots"),
        ("a.b>", "words between dots"),
        ("a\n", "words between dots"),
        (">", "begins with a word"),
        ("*.a", "begins with a word"),
        ("$JS.API.>", "begin with `$JS`"),
        ("headgate.live.>", "begin with `headgate`"),
        ("_INBOX.>", "begin with `_INBOX`"),
    ],
)
def test_others_are_told_why_not(subject: str, problem: str) -> None:
    assert problem in problem_with_subject(subject)
