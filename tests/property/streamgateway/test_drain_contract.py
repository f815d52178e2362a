"""Whatever a server answers, it is read or refused in words; and what is read makes sense."""

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.streamgateway.engines.custom.contract import Fault, ServerStatus, read_status
from headgate.streamgateway.engines.custom.rates import Look, rates_between
from tests.builders.custom_gateways import a_status

EXAMPLES = int(os.environ.get("HEADGATE_PROPERTY_EXAMPLES", "40")) * 4
KEYS = ("name", "connections", "arrivals", "draining", "leaving", "capabilities", "deliveries")
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = plain | st.lists(plain, max_size=3) | st.dictionaries(st.text(max_size=5), plain)
counts = st.none() | st.integers(0, 10**15)
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(text=st.binary(max_size=200))
def test_bytes_that_mean_nothing_are_refused(text: bytes) -> None:
    assert isinstance(read_status(text), Fault)


@quick
@given(fields=st.dictionaries(st.sampled_from(KEYS), values, max_size=4))
def test_an_answer_is_read_or_refused_in_a_line(fields: dict[str, Any]) -> None:
    said = read_status(a_status(**fields))
    if isinstance(said, ServerStatus):
        assert 0 <= said.asked <= said.connections
    else:
        assert said.text.isprintable()
        assert 0 < len(said.text) < 300


@quick
@given(before=counts, after=counts, seconds=st.floats(-5, 1e6))
def test_a_rate_is_never_below_zero(before: int | None, after: int | None, seconds: float) -> None:
    # given
    looks = []
    for at, deliveries in ((10.0, before), (10.0 + seconds, after)):
        said = read_status(a_status(deliveries=deliveries))
        assert isinstance(said, ServerStatus)
        looks.append(Look(at=at, said=said))
    # when
    rate = rates_between(*looks).deliveries
    # then
    assert rate is None or rate >= 0
