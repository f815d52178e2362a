"""What was in the way in the last pass: whether it is tried again, and what is seen meanwhile."""

from headgate.core.reasons import Reason
from headgate.streamgateway.decide import decide, memory_of
from headgate.streamgateway.hindrance import Hindrance, hindered
from tests.builders.gateways import NOW, SECOND, a_drain, a_gateway, an_edge

REFUSED = Hindrance(refused="the API server refuses pod feed-edge-2: quota", at=NOW)


def test_what_was_refused_is_asked_for_again_after_ten_seconds() -> None:
    assert REFUSED.is_fresh(NOW + 9 * SECOND)
    assert not REFUSED.is_fresh(NOW + 10 * SECOND)
    assert not Hindrance(at=NOW).is_fresh(NOW)


def test_the_same_words_are_the_same_hindrance_whenever_it_was_met() -> None:
    assert REFUSED.is_as(Hindrance(refused=REFUSED.refused))
    assert not REFUSED.is_as(Hindrance(taken=REFUSED.refused))


def test_a_name_that_is_taken_is_told_in_every_pass_and_decides_no_configuration() -> None:
    # given: a drain that could not take its pod out of the Service
    status = {"drain": a_drain(1, cordoned_at=NOW - 2 * SECOND)}
    seen = a_gateway(an_edge(0), an_edge(1), spec={"replicas": 1}, wanted="r2", remembered=status)
    taken = Hindrance(taken="Service feed is there and not this gateway's", at=NOW)
    # when
    plan = decide(hindered(seen, taken), NOW)
    # then
    assert plan.memory == memory_of(seen.status)
    assert plan.facts[0].reason is Reason.NAME_TAKEN
    assert plan.message == (
        "metadata.name: Service feed is there and not this gateway's: delete it,"
        " or name the gateway otherwise"
    )
