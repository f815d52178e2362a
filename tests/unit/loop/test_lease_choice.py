"""Who may lead: decided from the Lease alone, without any clock of another machine."""

import pytest

from headgate.loop.lease import DURATION_SECONDS, Choice, Holding, choose, read_holding

ME, OTHER = "operator-a", "operator-b"


def held_by(holder: str, duration: float = DURATION_SECONDS) -> Holding:
    return Holding(holder, duration, transitions=1, resource_version="7")


@pytest.mark.parametrize(
    ("holding", "unchanged_seconds", "last_holder", "expected"),
    [
        pytest.param(None, 0.0, "", Choice.CREATE, id="there is none yet"),
        pytest.param(None, 0.0, ME, Choice.CREATE, id="ours was deleted"),
        pytest.param(None, 1.0, OTHER, Choice.WAIT, id="another's was deleted: it may go on yet"),
        pytest.param(None, 6.0, OTHER, Choice.CREATE, id="another's was deleted long ago"),
        pytest.param(held_by(ME), 0.0, "", Choice.RENEW, id="ours from before a restart"),
        pytest.param(held_by(ME), 99.0, "", Choice.RENEW, id="ours however old"),
        pytest.param(held_by(""), 0.0, "", Choice.TAKE, id="released"),
        pytest.param(held_by(OTHER), 5.9, "", Choice.WAIT, id="renewed not long ago"),
        pytest.param(held_by(OTHER), 6.0, "", Choice.TAKE, id="not renewed in time"),
        pytest.param(held_by(OTHER, 15), 6.0, "", Choice.WAIT, id="held for longer than ours"),
        pytest.param(held_by(OTHER, 15), 15.0, "", Choice.TAKE, id="and that has passed"),
        pytest.param(held_by(OTHER, 1), 2.0, "", Choice.WAIT, id="a short time is not believed"),
    ],
)
def test_the_lease_goes_to(
    holding: Holding | None, unchanged_seconds: float, last_holder: str, expected: Choice
) -> None:
    assert choose(holding, ME, unchanged_seconds, last_holder) is expected


def test_a_lease_without_a_spec_is_free() -> None:
    holding = read_holding({"metadata": {"resourceVersion": "3"}})
    assert holding == Holding("", 0.0, 0, "3")
