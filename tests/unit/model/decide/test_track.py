"""spec.track follows the newest validated version, and never goes to an older one by itself."""

from dataclasses import replace
from typing import Any

from headgate.core.reasons import Reason
from headgate.model.decide import decide
from headgate.model.decide.target import target_of
from headgate.model.observed import Memory, Observed, ValidationSeen
from headgate.model.status_types import Phase, Tracked
from tests.builders.observed import (
    NOW,
    a_canary_seen,
    a_memory,
    a_model_seen,
    a_rejection,
    a_spec,
    a_trackable,
    a_tracked,
    at_pause,
    no_version,
)

WAITING = ValidationSeen(refused=False, detail="v3-run: attempt 1 runs")
REFUSED = ValidationSeen(refused=True, detail="v3-run: 1 of 1 checks failed")
TRACK = {"policy": "NewestValidated"}
SPEC = a_spec(track=TRACK, version=None)


def seen_with(*versions: Any, **changes: Any) -> Observed:
    """Return a Model that follows its versions: v1 serves, and was chosen by the track."""
    memory = a_memory(tracked=a_tracked("v1"))
    parts: dict[str, Any] = {"spec": SPEC, "memory": memory, "trackable": versions} | changes
    return a_model_seen(**parts)


def memory_after(seen: Observed) -> Memory:
    """Return what is remembered after one decision; the same where none is taken."""
    change = decide(seen, NOW).change
    return seen.memory if change is None else change.memory


def chosen(seen: Observed) -> str | None:
    """Return the version that is followed after one decision."""
    tracked = memory_after(seen).tracked
    return tracked.version if tracked is not None else None


def test_a_newer_validated_version_is_remembered_before_it_is_rolled_out() -> None:
    seen = seen_with(a_trackable("v1"), a_trackable("v2"))
    first = decide(seen, NOW)
    assert first.change is not None
    assert first.change.memory == replace(seen.memory, tracked=a_tracked("v2"))
    assert [told.reason for told in first.change.announcements] == [Reason.VERSION_TRACKED]
    rollout = memory_after(replace(seen, memory=first.change.memory)).rollout
    assert rollout is not None
    assert rollout.version == "v2"


def test_versions_that_are_not_validated_are_passed_over_and_named() -> None:
    no_policy = a_trackable("v4", asks=False)
    cases = {
        "v3 waits for its validation: v3-run: attempt 1 runs": a_trackable(
            "v3", validation=WAITING
        ),
        "v3 is passed over: v3-run: 1 of 1 checks failed": a_trackable("v3", validation=REFUSED),
        "v4 is passed over: it names no policy": no_policy,
    }
    for told, version in cases.items():
        seen = seen_with(a_trackable("v1"), version)
        plan = decide(seen, NOW)
        assert plan.change is None
        assert plan.state.phase is Phase.HEALTHY
        assert plan.state.message.startswith(f"v1 serves; {told}")


def test_the_newest_of_many_is_taken_and_the_name_decides_within_a_second() -> None:
    at_once = [a_trackable(name, created_at=NOW) for name in ("v2", "v3")]
    assert chosen(seen_with(a_trackable("v1"), *at_once)) == "v3"


def test_an_older_version_that_is_validated_late_is_not_taken() -> None:
    seen = seen_with(
        a_trackable("v1"), a_trackable("v3"), memory=a_memory("v3", tracked=a_tracked("v3"))
    )
    late = replace(seen, trackable=(a_trackable("v1"), a_trackable("v2"), a_trackable("v3")))
    assert chosen(late) == "v3"
    assert target_of(late) == "v3"


def test_what_serves_goes_on_when_it_is_deleted_though_older_ones_are_validated() -> None:
    seen = seen_with(
        a_trackable("v1"),
        running={"v2": 2},
        pinned="v2",
        memory=a_memory("v2", tracked=a_tracked("v2")),
        versions={"v2": no_version("v2")},
    )
    plan = decide(seen, NOW)
    assert plan.change is None
    assert plan.weights == (("v2", 100),)
    assert plan.state.reason is Reason.VERSION_NOT_FOUND
    assert "A newer validated version takes over" in plan.state.message


def test_a_version_on_trial_that_is_deleted_gives_way_to_what_serves() -> None:
    memory = a_memory("v1", rollout=at_pause("v2"), tracked=a_tracked("v2"))
    seen = a_canary_seen(spec=SPEC, memory=memory, trackable=(a_trackable("v1"),))
    after = memory_after(seen)
    assert (after.stable, after.rollout) == ("v1", None)


def test_a_version_that_was_gone_back_from_waits_for_a_newer_one() -> None:
    memory = a_memory("v1", tracked=a_tracked("v2"), rejected=(a_rejection("v2", SPEC),))
    seen = seen_with(a_trackable("v1"), a_trackable("v2"), memory=memory)
    plan = decide(seen, NOW)
    assert plan.change is None
    assert plan.state.phase is Phase.DEGRADED
    assert "a newer validated version is taken in its stead" in plan.state.message
    newer = memory_after(replace(seen, trackable=(*seen.trackable, a_trackable("v3"))))
    assert (newer.tracked, newer.rejected) == (a_tracked("v3"), ())


def test_a_retry_request_takes_the_rejected_version_again() -> None:
    memory = a_memory("v1", tracked=a_tracked("v2"), rejected=(a_rejection("v2", SPEC),))
    seen = seen_with(a_trackable("v1"), a_trackable("v2"), memory=memory, request="retry/v2/1")
    after = memory_after(replace(seen, memory=memory_after(seen)))
    assert after.rollout is not None
    assert after.rollout.version == "v2"


def test_a_model_that_turns_to_track_begins_at_what_serves() -> None:
    unproven = a_trackable("v2", asks=False)
    seen = seen_with(a_trackable("v1"), unproven, memory=a_memory("v2"))
    assert chosen(seen) == "v2"


def test_nobody_knows_the_age_of_a_deleted_version_so_only_later_ones_are_newer() -> None:
    seen = seen_with(a_trackable("v1"), memory=a_memory("v2"))
    assert memory_after(seen).tracked == Tracked(version="v2", created_at=NOW)


def test_naming_a_version_again_forgets_what_was_followed() -> None:
    seen = seen_with(a_trackable("v1"), a_trackable("v2"), spec=a_spec("v1"))
    assert memory_after(seen).tracked is None


def test_a_first_version_is_awaited_in_words() -> None:
    nothing = a_memory(None)
    cases: tuple[tuple[tuple[Any, ...], Phase, Reason], ...] = (
        ((), Phase.DEGRADED, Reason.VERSION_NOT_FOUND),
        (
            (a_trackable("v1", validation=WAITING),),
            Phase.PROGRESSING,
            Reason.WAITING_FOR_VALIDATION,
        ),
        ((a_trackable("v1", validation=REFUSED),), Phase.DEGRADED, Reason.VALIDATION_FAILED),
        ((a_trackable("v1", asks=False),), Phase.DEGRADED, Reason.VALIDATION_FAILED),
    )
    for versions, phase, reason in cases:
        seen = seen_with(*versions, running={}, pinned=None, service=None, memory=nothing)
        plan = decide(seen, NOW)
        assert plan.change is None
        assert (plan.state.phase, plan.state.reason) == (phase, reason)


def test_a_first_version_that_was_deleted_makes_room_for_another() -> None:
    gone = a_memory(None, tracked=a_tracked("v2"))
    seen = seen_with(a_trackable("v1"), running={}, pinned=None, service=None, memory=gone)
    assert chosen(seen) == "v1"
