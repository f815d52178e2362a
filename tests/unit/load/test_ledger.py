"""The ledger that says what clients of a stream were handed."""

from hypothesis import given
from hypothesis import strategies as st

from tests.load.stream.ledger import Balance, Ledger, Page


def test_a_client_that_got_each_sequence_once_misses_nothing() -> None:
    ledger = Ledger(1, first=5)
    for sequence in range(5, 9):
        ledger.record(0, sequence)
    assert ledger.balance(8) == Balance(
        clients=1, deliveries=4, missing=0, duplicates=0, disordered=0, incomplete_clients=0
    )


def test_a_client_that_got_nothing_misses_all() -> None:
    assert Ledger(2, first=1).balance(10).missing == 20


def test_what_came_before_the_first_sequence_is_not_counted() -> None:
    ledger = Ledger(1, first=5)
    ledger.record(0, 4)
    assert ledger.balance(5).deliveries == 0


def test_what_comes_after_the_last_sequence_is_not_missing_before_it() -> None:
    ledger = Ledger(1, first=1)
    ledger.record(0, 3)
    assert ledger.pages[0].missing(2) == [1, 2]


def test_disorder_is_counted() -> None:
    page = Page(first=1)
    for sequence in (2, 1, 3):
        page.record(sequence)
    assert page.disordered == 1


@given(st.lists(st.integers(1, 50)))
def test_missing_and_duplicates_are_what_sets_say(sequences: list[int]) -> None:
    page = Page(first=1)
    for sequence in sequences:
        page.record(sequence)
    assert set(page.missing(50)) == set(range(1, 51)) - set(sequences)
    assert page.duplicates() == len(sequences) - len(set(sequences))
