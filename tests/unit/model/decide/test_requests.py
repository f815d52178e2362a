"""Requests by hand: handled once, or refused with what could be asked for."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import Announcement, Change, decide
from headgate.model.decide.steps import spec_digest, steps_digest
from headgate.model.observed import Memory, Observed
from headgate.model.status_types import (
    HistoryEntry,
    LastRequest,
    Outcome,
    Rejection,
    RolloutKind,
)
from tests.builders.observed import (
    NOW,
    SECOND,
    a_canary_seen,
    a_failing_pod,
    a_leaving,
    a_memory,
    a_model_seen,
    a_rejection,
    a_rollout,
    a_spec,
    at_pause,
    pods,
    steps,
)

ENDLESS = a_spec("v2", strategy=steps({"setWeight": 10}, {"pause": {}}, {"setWeight": 50}))


def asked(request: str, **changes: Any) -> Observed:
    usual: dict[str, Any] = {"spec": ENDLESS, "request": request}
    return a_canary_seen(**(usual | changes))


def handled(value: str, message: str) -> LastRequest:
    return LastRequest(value=value, outcome="RequestHandled", message=message)


def refusal_of(seen: Observed) -> str:
    """Return why a request was refused, having checked that nothing else came of it."""
    change = decide(seen, NOW).change
    assert change is not None
    last = change.memory.last_request
    assert last is not None
    assert last.outcome == "RequestRefused"
    assert replace(change.memory, last_request=None) == replace(seen.memory, last_request=None)
    told = Announcement(warning=True, reason=Reason.REQUEST_REFUSED, message=last.message)
    assert change.announcements == (told,)
    return last.message


def test_promote_goes_past_a_pause() -> None:
    change = decide(asked("promote/v2/1"), NOW).change
    done = "v2 goes past the pause of step 2"
    assert change == Change(
        memory=a_memory(
            rollout=a_rollout(step=2, weight=50, waiting_since=NOW),
            last_request=handled("promote/v2/1", done),
        ),
        announcements=(Announcement(reason=Reason.REQUEST_HANDLED, message=done),),
    )


def test_a_request_is_handled_once() -> None:
    change = decide(asked("promote/v2/1"), NOW).change
    assert change is not None
    again = asked("promote/v2/1", memory=replace(change.memory, rollout=at_pause()))
    assert decide(again, NOW).change is None
    assert decide(replace(again, request="promote/v2/2"), NOW).change is not None


def test_promote_full_skips_what_is_left() -> None:
    change = decide(asked("promote-full/v2/1"), NOW).change
    done = "v2 skips its remaining steps"
    rollout = at_pause(full=True, step_started_at=None, waiting_since=NOW)
    assert change == Change(
        memory=a_memory(rollout=rollout, last_request=handled("promote-full/v2/1", done)),
        announcements=(Announcement(reason=Reason.REQUEST_HANDLED, message=done),),
    )
    # then it waits for its pods only
    plan = decide(asked("promote-full/v2/1", memory=change.memory), NOW)
    assert plan.replicas == (("v1", 2), ("v2", 2))
    ready = asked("promote-full/v2/1", memory=change.memory, pods={"v1": (), "v2": pods("v2", 2)})
    promoted = decide(ready, NOW).change
    assert promoted is not None
    assert promoted.memory.stable == "v2"


def test_promote_full_is_still_watched() -> None:
    full = a_memory(rollout=at_pause(full=True, step_started_at=None))
    failing = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2"),)}
    change = decide(a_canary_seen(memory=full, pods=failing), NOW).change
    assert change is not None
    assert change.memory.rejected[0].name == "v2"


def test_abort_goes_back_and_is_not_tried_again() -> None:
    seen = asked("abort/v2/1")
    why = "v2 was aborted by a request"
    change = decide(seen, NOW).change
    assert change == Change(
        memory=a_memory(
            rejected=(
                Rejection(
                    name="v2",
                    reason="AbortedByRequest",
                    message=why,
                    at=NOW,
                    spec_digest=spec_digest(ENDLESS),
                ),
            ),
            history=(HistoryEntry(version="v2", at=NOW, outcome=Outcome.REJECTED, message=why),),
            last_request=handled("abort/v2/1", "v2 was aborted"),
        ),
        announcements=(Announcement(reason=Reason.REQUEST_HANDLED, message="v2 was aborted"),),
    )
    assert decide(replace(seen, memory=change.memory), NOW).change is None


def test_retry_tries_a_rejected_version_again_from_the_beginning() -> None:
    rejected = a_memory(rejected=(a_rejection("v2", ENDLESS), a_rejection("v3", ENDLESS)))
    seen = a_model_seen(spec=ENDLESS, memory=rejected, request="retry/v2/1")
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory == a_memory(
        rejected=(a_rejection("v3", ENDLESS),),
        last_request=handled("retry/v2/1", "v2 may be tried again"),
    )
    started = decide(replace(seen, memory=change.memory), NOW).change
    assert started is not None
    assert started.memory.rollout == a_rollout(
        started_at=NOW, waiting_since=NOW, weight=10, steps_digest=steps_digest(ENDLESS)
    )


@pytest.mark.parametrize("paused", [False, True])
def test_a_paused_spec_hears_requests(paused: bool) -> None:
    spec = a_spec("v2", strategy=steps({"setWeight": 10}, {"pause": {}}), paused=paused)
    change = decide(asked("abort/v2/1", spec=spec), NOW).change
    assert change is not None
    assert change.memory.rejected[0].reason == "AbortedByRequest"


def test_abort_lets_the_dependents_leave_first() -> None:
    seen = asked("abort/v2/1", dependents={"v2": ("ranking-v1",)})
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.rollout == at_pause()
    assert change.memory.leaving == a_leaving(
        "v2", since=NOW, reason="AbortedByRequest", message="v2 was aborted by a request"
    )
    assert change.memory.last_request == handled(
        "abort/v2/1", "v2 is aborted once ranking-v1 has left it"
    )
    # then it waits, not for ever, and goes
    marked = replace(seen, memory=change.memory)
    assert decide(marked, NOW + SECOND).change is None
    for then in (replace(marked, dependents={}), marked):
        later = NOW + (SECOND if then is not marked else 5 * SECOND)
        gone = decide(then, later).change
        assert gone is not None
        assert gone.memory.rejected[0].reason == "AbortedByRequest"


def test_abort_is_heard_where_the_version_was_about_to_be_replaced() -> None:
    seen = asked(
        "abort/v2/1",
        spec=a_spec("v3"),
        memory=a_memory(rollout=at_pause(), leaving=a_leaving("v2")),
        dependents={"v2": ("ranking-v1",)},
    )
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.leaving is not None
    assert change.memory.leaving.reason == "AbortedByRequest"


class TestRefusals:
    """Nothing changes but status.lastRequest, which says why."""

    @pytest.mark.parametrize(
        "request_text",
        ["promote", "promote/v2", "promote/v2/1/2", "delete/v2/1", "/", "promote v2"],
    )
    def test_what_is_no_request(self, request_text: str) -> None:
        assert refusal_of(asked(request_text)) == (
            f"annotation headgate.dev/request: {request_text!r} is not VERB/VERSION/UNIQUE with "
            "VERB one of promote, promote-full, abort, retry"
        )

    @pytest.mark.parametrize("verb", ["promote", "promote-full", "abort"])
    def test_of_a_version_that_is_not_under_way(self, verb: str) -> None:
        assert refusal_of(asked(f"{verb}/v3/1")) == (
            f"cannot {verb} v3: no rollout of it is under way (v2 is)"
        )
        at_rest = a_model_seen(request=f"{verb}/v1/1")
        assert refusal_of(at_rest) == (f"cannot {verb} v1: no rollout of it is under way (none is)")

    def test_to_promote_where_nothing_pauses(self) -> None:
        seen = asked("promote/v2/1", memory=a_memory(rollout=a_rollout()))
        assert refusal_of(seen) == (
            "cannot promote v2: it is not at a pause; promote-full skips all remaining steps"
        )

    @pytest.mark.parametrize("verb", ["promote", "promote-full"])
    def test_to_promote_while_the_spec_holds_the_rollout(self, verb: str) -> None:
        paused = ENDLESS.model_copy(update={"paused": True})
        assert refusal_of(asked(f"{verb}/v2/1", spec=paused)) == (
            f"cannot {verb} v2: spec.paused is true; set it to false first"
        )

    def test_to_promote_by_a_spec_that_cannot_be_read(self) -> None:
        odd = (Problem("spec.strategy", "is odd"),)
        assert refusal_of(asked("promote/v2/1", problems=odd)) == (
            "cannot promote v2: the spec is refused: spec.strategy: is odd"
        )

    def test_to_abort_a_first_version(self) -> None:
        first = a_memory(None, rollout=a_rollout("v2", kind=RolloutKind.INITIAL))
        assert refusal_of(asked("abort/v2/1", memory=first, pods={})) == (
            "cannot abort v2: there is no earlier version to go back to"
        )

    def test_to_retry_what_is_not_rejected(self) -> None:
        assert refusal_of(asked("retry/v2/1")) == (
            "cannot retry v2: it is not rejected (rejected: none)"
        )

    def test_of_any_length(self) -> None:
        """A ModelStatus that the API server refuses would stop the Model for good."""
        message = refusal_of(asked("x" * 200_000))
        assert len(message) <= 1024

    def test_going_back_comes_before_any_request(self) -> None:
        failing = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2"),)}
        change = decide(asked("promote-full/v2/1", pods=failing), NOW).change
        assert change is not None
        assert change.memory.rejected[0].reason == "CrashLooping"
        assert change.memory.last_request is None


def test_a_model_without_requests_remembers_none() -> None:
    assert decide(a_model_seen(memory=Memory(stable="v1")), NOW).change is None
