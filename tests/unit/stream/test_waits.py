"""Waits between attempts, and addresses that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.stream.access import Access
from headgate.stream.backoff import wait_seconds
from headgate.stream.consumer import Delivery, read_delivery
from headgate.stream.message import read_stored


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_never_passes_its_bound(attempt: int, chance: float) -> None:
    assert 0 <= wait_seconds(attempt, first=1, most=5, chance=chance) < 5


def test_the_bound_of_a_wait_doubles() -> None:
    assert [wait_seconds(n, first=1, most=5, chance=1) for n in range(4)] == [1, 2, 4, 5]


@pytest.mark.parametrize("url", ["", "host:4222", "http://host:80", "nats://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not an address such as"):
        Access(servers=(url,))


def test_no_address_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="name at least one"):
        Access(servers=())


def test_secrets_are_not_shown_when_access_is_printed() -> None:
    secrets = ["hunter2", "t0k"]
    access = Access(servers=("nats://host",), password=secrets[0], token=secrets[1])
    assert not [secret for secret in secrets if secret in repr(access)]


def test_a_delivery_is_read_from_the_short_and_the_long_form_of_its_reply() -> None:
    expected = Delivery(sequence=7, count=3, left=9)
    assert read_delivery("$JS.ACK.stream.consumer.1.7.3.1700.9") == expected
    assert read_delivery("$JS.ACK.domain.hash.stream.consumer.1.7.3.1700.9.random") == expected


@pytest.mark.parametrize("reply", ["", "_INBOX.a.b", "$JS.ACK.too.short"])
def test_a_reply_of_another_kind_is_no_delivery(reply: str) -> None:
    assert read_delivery(reply) is None


@pytest.mark.parametrize(
    "headers",
    [None, {}, {"Nats-Sequence": "x"}, {"Nats-Sequence": "1", "Nats-Last-Sequence": "-1"}],
)
def test_a_message_without_a_sequence_is_not_taken_for_one_of_a_stream(
    headers: dict[str, str] | None,
) -> None:
    assert read_stored("live.a", b"forged", headers) is None
