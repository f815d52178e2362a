"""Names of children: valid and distinct, whatever their owners are called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.names import MAX_LABEL, child_name, label_value, service_name

DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")

_PART = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
OBJECT_NAMES = st.lists(_PART, min_size=1, max_size=4).map(".".join).filter(lambda n: len(n) <= 253)
# names that begin alike and are as long as the API allows: the ones that cutting would confuse
LONG_NAMES = st.integers(0, 10**6).map(lambda n: f"{'a' * 245}-{n}")
NAMES = OBJECT_NAMES | LONG_NAMES


@given(NAMES, NAMES)
def test_label_values_are_valid_and_distinct(one: str, other: str) -> None:
    for value in (label_value(one), label_value(other)):
        assert len(value) <= MAX_LABEL
        assert LABEL_VALUE.fullmatch(value)
    assert (label_value(one) == label_value(other)) == (one == other)


@given(NAMES, NAMES)
def test_service_names_are_valid_and_distinct(one: str, other: str) -> None:
    for name in (service_name(one), service_name(other)):
        assert len(name) <= MAX_LABEL
        assert DNS_1035.fullmatch(name)
    assert (service_name(one) == service_name(other)) == (one == other)


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES), st.sampled_from([40, 52, MAX_LABEL]))
def test_child_names_are_valid_and_distinct(
    one: tuple[str, str], other: tuple[str, str], limit: int
) -> None:
    for parts in (one, other):
        name = child_name(*parts, limit=limit)
        assert len(name) <= limit
        assert DNS_1035.fullmatch(name)
        assert name == child_name(*parts, limit=limit)
    assert (child_name(*one) == child_name(*other)) == (one == other)


def test_parts_that_read_the_same_when_joined_are_told_apart() -> None:
    assert child_name("a-b", "c") != child_name("a", "b-c")


@pytest.mark.parametrize("name", ["churn", "churn-v3", "a", "a" * 63])
def test_a_name_that_fits_is_kept(name: str) -> None:
    assert label_value(name) == name
    assert service_name(name) == name


def test_a_name_that_does_not_fit_can_still_be_recognised() -> None:
    assert service_name("3-churn.team").startswith("x3-churn-team-")
    assert label_value("churn" * 20).startswith("churnchurn")
    assert child_name("churn", "churn-v3").startswith("churn-churn-v3-")


def test_both_of_two_long_parts_can_be_recognised() -> None:
    name = child_name("m" * 253, "v" * 253)
    assert name.startswith("m" * 20)
    assert "v" * 20 in name


def test_a_shortened_label_value_is_no_possible_name() -> None:
    # else an object could be named so as to wear another one's label
    assert "_" in label_value("a" * 64)
