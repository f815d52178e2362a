"""Rates are reckoned between two looks at the same process, and never come out negative."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.streamgateway.engines.nats.monitoring import ServerSeen, read_varz
from headgate.streamgateway.engines.nats.rates import Rates, rates_between
from tests.builders.nats_answers import a_varz

COUNTS = st.none() | st.integers(0, 10**12)


def seen(second: int, **changes: Any) -> ServerSeen:
    return read_varz(a_varz(now=f"2026-11-28T00:00:{second:02}Z", **changes))


def test_rates_are_per_second() -> None:
    before = seen(0, out_client_msgs=100, out_client_bytes=0, in_msgs=5, in_bytes=5)
    after = seen(2, out_client_msgs=300, out_client_bytes=500, in_msgs=6, in_bytes=5)
    assert rates_between(before, after) == Rates(
        deliveries=100, delivered_bytes=250, in_msgs=0.5, in_bytes=0, slow_consumers=0
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (seen(0), seen(2, server_id="ANOTHER")),
        (seen(2), seen(0)),
        (seen(1), seen(1)),
        (seen(0, server_id=None), seen(2, server_id=None)),
        (seen(0), read_varz({})),
    ],
    ids=["started anew", "backwards", "at once", "nobody knows who", "nothing answered"],
)
def test_nothing_is_known_between_looks_that_do_not_follow(
    before: ServerSeen, after: ServerSeen
) -> None:
    assert rates_between(before, after) == Rates()


@given(COUNTS, COUNTS)
def test_no_rate_is_negative(before: int | None, after: int | None) -> None:
    rates = rates_between(seen(0, out_client_msgs=before), seen(2, out_client_msgs=after))
    assert rates.deliveries is None or rates.deliveries >= 0
