"""Which changes of conditions become Events."""

import pytest

from headgate.core.conditions import Fact, merge_conditions
from headgate.core.reasons import Reason
from headgate.core.resource import Condition
from headgate.core.transitions import Transition, transitions
from tests.builders.observed import NOW

GOOD = Fact(type="Accepted", status="True", reason=Reason.SPEC_ACCEPTED)
BAD = Fact(type="Accepted", status="False", reason=Reason.SPEC_INVALID, message="spec.replicas")
WORSE = Fact(type="Accepted", status="False", reason=Reason.VERSION_NOT_FOUND, message="no v9")
UP = Fact(type="Available", status="True", reason=Reason.ENOUGH_REPLICAS, message="2 endpoints")
DOWN = Fact(type="Available", status="False", reason=Reason.NO_REPLICAS, message="no endpoints")
FEW = Fact(type="Available", status="True", reason=Reason.TOO_FEW_REPLICAS, message="1 endpoint")
HEALTHY = Fact(type="Healthy", status="True", reason=Reason.ROLLOUT_COMPLETE)
ILL = Fact(type="Healthy", status="False", reason=Reason.PROMOTING)


def conditions(*facts: Fact) -> tuple[Condition, ...]:
    return merge_conditions((), facts, generation=1, now=NOW)


def told(warning: bool, reason: Reason, message: str) -> Transition:
    return Transition(warning=warning, reason=reason.value, message=message)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param((GOOD, UP), (GOOD, UP), (), id="nothing changed"),
        pytest.param(
            (GOOD,), (BAD,), (told(True, Reason.SPEC_INVALID, "spec.replicas"),), id="refused"
        ),
        pytest.param(
            (BAD,), (GOOD,), (told(False, Reason.SPEC_ACCEPTED, "Accepted again"),), id="accepted"
        ),
        pytest.param((BAD,), (WORSE,), (), id="refused for another reason: no transition"),
        pytest.param((), (GOOD, DOWN), (), id="a new Model: it starts without endpoints"),
        pytest.param(
            (), (BAD,), (told(True, Reason.SPEC_INVALID, "spec.replicas"),), id="refused from birth"
        ),
        pytest.param((), (UP,), (), id="served before its status got lost"),
        pytest.param(
            (UP,), (DOWN,), (told(True, Reason.NO_REPLICAS, "no endpoints"),), id="went down"
        ),
        pytest.param(
            (DOWN,), (FEW,), (told(False, Reason.TOO_FEW_REPLICAS, "1 endpoint"),), id="came up"
        ),
        pytest.param((FEW,), (UP,), (), id="still up"),
        pytest.param((HEALTHY,), (ILL,), (), id="another condition: decisions have their Events"),
        pytest.param(
            (GOOD, UP),
            (BAD, DOWN),
            (
                told(True, Reason.SPEC_INVALID, "spec.replicas"),
                told(True, Reason.NO_REPLICAS, "no endpoints"),
            ),
            id="both",
        ),
    ],
)
def test_an_event_is_told_of_each_transition(
    before: tuple[Fact, ...], after: tuple[Fact, ...], expected: tuple[Transition, ...]
) -> None:
    assert transitions(conditions(*before), conditions(*after)) == expected
