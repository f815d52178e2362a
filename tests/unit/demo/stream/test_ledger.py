"""What pods of clients print is added up right."""

import json
from typing import Any

import pytest

from hack.demo.stream.ledger import CrowdLedger
from hack.demo.stream.promises import StreamStory, promises
from headgate.streamgateway.status_types import Continuity, StreamGatewayStatus


def a_line(**figures: Any) -> str:
    """Two clients that heard the messages 1 to 10."""
    told = {
        "done": False,
        "at": 100.0,
        "clients": 2,
        "hearing": 2,
        "connected": 2,
        "published": 0,
        "refused": 0,
        "last_sequence": 0,
        "least_last": 10,
        "most_last": 10,
        "first_sum": 2,
        "received": 20,
        "twice": 0,
        "moves": 2,
        "reconnects": 0,
        "lost": 0,
        "errors": [],
        "delays": {},
    }
    return json.dumps(told | figures)


def a_ledger(*lines: str) -> CrowdLedger:
    ledger = CrowdLedger()
    for number, line in enumerate(lines):
        assert ledger.take(f"pod-{number}", line)
    return ledger


def a_story(ledger: CrowdLedger, **changes: Any) -> StreamStory:
    facts: dict[str, Any] = {
        "clients": 4,
        "last": 10,
        "ledger": ledger,
        "status": StreamGatewayStatus(),
        "rejected": "NotReady",
        "stable_kept": True,
    }
    return StreamStory(**(facts | changes))


def broken(story: StreamStory) -> list[str]:
    return [promise.text for promise in promises(story) if not promise.holds]


def test_messages_that_were_not_handed_on_are_counted_over_all_pods() -> None:
    ledger = a_ledger(a_line(), a_line(received=17))
    assert ledger.missing(10) == 3


def test_only_what_came_after_a_clients_first_message_can_be_missing() -> None:
    ledger = a_ledger(a_line(first_sum=1 + 4, received=17))
    assert ledger.missing(10) == 0


def test_a_message_that_its_publisher_never_heard_of_was_published_all_the_same() -> None:
    ledger = a_ledger(a_line(most_last=11, received=21), a_line(clients=0, last_sequence=10))
    assert ledger.last_sequence == 11


def test_a_pods_last_line_counts_and_no_other() -> None:
    ledger = a_ledger(a_line(received=3))
    ledger.take("pod-0", a_line())
    assert ledger.total("received") == 20


def test_the_last_sequence_is_the_publishers_and_the_least_is_of_readers() -> None:
    ledger = a_ledger(a_line(), a_line(clients=0, hearing=0, least_last=0, last_sequence=12))
    assert (ledger.last_sequence, ledger.least_last) == (12, 10)


@pytest.mark.parametrize("line", ["", "Traceback", "{}", '{"delays": 3, "at": 1}', "[]"])
def test_what_else_a_pod_prints_is_left_alone(line: str) -> None:
    ledger = CrowdLedger()
    assert not ledger.take("pod-0", line)
    assert ledger.latest == {}


def test_a_quantile_is_of_a_stretch_of_time_and_of_all_pods() -> None:
    # given: 98 fast and two slow messages, and slow ones at other times
    slow = a_line(at=50.0, delays={"30": 500})
    ledger = a_ledger(slow, a_line(delays={"-40": 98}), a_line(at=101.0, delays={"0": 2}))
    # then
    assert ledger.delay(0.5, 100, 102) == pytest.approx(1.1**-40)
    assert ledger.delay(0.99, 100, 102) == pytest.approx(1.0)
    assert ledger.delay(0.99, 200, 300) is None


def test_all_promises_hold_where_nothing_happened_to_the_clients() -> None:
    assert broken(a_story(a_ledger(a_line(), a_line()))) == []


@pytest.mark.parametrize(
    ("line", "promise"),
    [
        (a_line(received=19), "no message is lost"),
        (a_line(twice=1), "no message is handed on twice"),
        (a_line(reconnects=1), "clients move without a moment unconnected"),
        (a_line(hearing=1, first_sum=1, received=10), "every client hears the stream"),
        (a_line(errors=["refused"]), "every client hears the stream"),
    ],
)
def test_a_promise_that_is_broken_by_clients_is_said_to_be(line: str, promise: str) -> None:
    assert broken(a_story(a_ledger(a_line(), line))) == [promise]


def test_a_promise_that_is_broken_by_the_gateway_is_said_to_be() -> None:
    ledger = a_ledger(a_line(), a_line())
    cut = StreamGatewayStatus(continuity=Continuity(forced_closes=1))
    assert broken(a_story(ledger, status=cut)) == ["no connection is cut off"]
    back = "a bad configuration goes back by itself"
    assert broken(a_story(ledger, rejected="")) == [back]
    assert broken(a_story(ledger, stable_kept=False)) == [back]
