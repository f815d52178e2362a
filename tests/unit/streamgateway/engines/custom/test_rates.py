"""What a server did between two looks: known, or not known, and never below zero."""

from typing import Any

from headgate.streamgateway.engines.custom.contract import ServerStatus, read_status
from headgate.streamgateway.engines.custom.rates import Look, Rates, Watched, rates_between
from tests.builders.custom_gateways import a_status


def a_look(at: float, **fields: Any) -> Look:
    said = read_status(a_status(**fields))
    assert isinstance(said, ServerStatus)
    return Look(at=at, said=said)


def test_rates_are_per_second() -> None:
    before = a_look(10, deliveries=100, cpuSeconds=1.0)
    after = a_look(14, deliveries=300, cpuSeconds=3.0)
    assert rates_between(before, after) == Rates(deliveries=50, cpu_cores=0.5)


def test_a_counter_that_began_anew_says_nothing() -> None:
    before = a_look(10, deliveries=100, cpuSeconds=9.0)
    after = a_look(14, deliveries=3, cpuSeconds=0.1)
    assert rates_between(before, after) == Rates()


def test_what_a_server_does_not_count_is_not_known() -> None:
    assert rates_between(a_look(10, deliveries=5), a_look(14)) == Rates()


def test_two_looks_at_once_say_nothing() -> None:
    assert rates_between(a_look(10, deliveries=5), a_look(10, deliveries=9)) == Rates()


def test_a_burst_between_two_looks_in_a_row_is_no_load() -> None:
    # given: 40 a second until now
    watched = Watched(last=a_look(10, deliveries=0)).then(a_look(12, deliveries=80))
    # when: 20 ms later 100 more were delivered, and then none for the rest of the second
    at_once = watched.then(a_look(12.02, deliveries=180))
    later = at_once.then(a_look(13, deliveries=180))
    # then
    assert at_once.rates == Rates(deliveries=40)
    assert later.rates == Rates(deliveries=100)
