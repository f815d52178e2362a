"""The status to write: what is remembered, what was observed, and the conditions."""

from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Condition, Problem
from headgate.model.decide import Plan, decide
from headgate.model.observed import Memory, Observed
from headgate.model.records import memory_of
from headgate.model.status import status_of
from headgate.model.status_types import (
    HistoryEntry,
    ModelStatus,
    Outcome,
    Phase,
    RolloutKind,
    VersionStatus,
)
from tests.builders.observed import (
    MINUTE,
    NOW,
    a_canary_seen,
    a_failing_pod,
    a_leaving,
    a_memory,
    a_model_seen,
    a_previous,
    a_rejection,
    a_rollout,
    a_spec,
    an_unready_pod,
    at_pause,
    errors_of,
    evidence_against,
    pods,
)


def status(seen: Observed, previous: tuple[Condition, ...] = ()) -> ModelStatus:
    return status_of(seen, decide(seen, NOW), previous, NOW)


def condition(seen: Observed, kind: str) -> tuple[str, str, str]:
    (found,) = [entry for entry in status(seen).conditions if entry.type == kind]
    return found.status, found.reason, found.message


def test_a_model_at_rest() -> None:
    found = status(a_model_seen(generation=7))
    assert found.model_dump(exclude={"conditions"}, exclude_defaults=True, by_alias=False) == {
        "observed_generation": 7,
        "phase": Phase.HEALTHY,
        "message": "v1 serves",
        "url": "http://churn.team-a.svc",
        "selector": "headgate.dev/model=churn",
        "replicas": 2,
        "stable_version": "v1",
        "versions": (
            {"name": "v1", "weight": 100, "share": 100, "replicas": 2, "ready_replicas": 2},
        ),
    }


def test_a_canary_shows_its_weight_its_step_and_the_share_that_pods_really_give() -> None:
    found = status(a_canary_seen())
    assert (found.canary_version, found.canary_weight, found.step) == ("v2", 10, "1/4")
    assert found.versions == (
        VersionStatus(name="v1", weight=90, share=67, replicas=2, ready_replicas=2),
        VersionStatus(name="v2", weight=10, share=33, replicas=1, ready_replicas=1),
    )


def test_a_first_version_has_no_steps() -> None:
    first = a_memory(None, rollout=a_rollout("v1", kind=RolloutKind.INITIAL, weight=100))
    found = status(a_model_seen({"v1": 1}, memory=first))
    assert (found.step, found.canary_weight) == (None, 100)


def test_pods_on_their_way_out_do_not_count() -> None:
    leaving = {"v1": (*pods("v1", 2), an_unready_pod("v1", 3, leaving=True))}
    assert status(a_model_seen(pods=leaving)).replicas == 2


def test_a_transition_is_told_in_the_write_that_remembers_it() -> None:
    seen = a_model_seen(spec=a_spec("v2"))
    found = status(seen)
    assert found.rollout is not None
    assert found.canary_version == "v2"
    assert found.phase is Phase.PROGRESSING


EVERYTHING = Memory(
    stable="v1",
    rollout=at_pause(evidence=evidence_against(errors_of(100, 20), errors_of(900, 4))),
    previous=a_previous("v0"),
    leaving=a_leaving("v2", reason="CrashLooping", message="it ended"),
    rejected=(a_rejection("v3", a_spec("v2")),),
    history=(HistoryEntry(version="v1", at=NOW, outcome=Outcome.PROMOTED),),
)


@pytest.mark.parametrize("memory", [Memory(), a_memory(), EVERYTHING])
def test_what_is_remembered_survives_the_way_through_the_api_server(memory: Memory) -> None:
    """JSON and back, microseconds and all: a restarted operator decides the same."""
    seen = a_canary_seen(memory=memory)
    written = status_of(seen, Plan(state=decide(seen, NOW).state), (), NOW).dump()
    read = ModelStatus.model_validate(written, by_alias=True, by_name=False)
    assert memory_of(read) == memory
    assert read.dump() == written


def test_writing_it_again_changes_nothing() -> None:
    seen = a_canary_seen()
    first = status(seen)
    again = status_of(seen, decide(seen, NOW), first.conditions, NOW + MINUTE)
    assert again == first


class TestConditions:
    """One aspect each."""

    def test_available_is_apart_from_how_a_rollout_goes(self) -> None:
        failing = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2"),)}
        seen = a_canary_seen(pods=failing, endpoints={"v1": 2})
        assert condition(seen, "Available") == (
            "True",
            Reason.ENOUGH_REPLICAS,
            "2 endpoints for 2 replicas of v1",
        )

    @pytest.mark.parametrize(
        ("endpoints", "expected"),
        [
            ({}, ("False", Reason.NO_REPLICAS, "the Service has no endpoints")),
            ({"v1": 1}, ("True", Reason.TOO_FEW_REPLICAS, "1 endpoints for 2 replicas of v1")),
        ],
    )
    def test_available_tells_what_can_answer(
        self, endpoints: dict[str, int], expected: tuple[str, str, str]
    ) -> None:
        assert condition(a_model_seen(endpoints=endpoints), "Available") == expected

    def test_accepted_names_the_field(self) -> None:
        seen = a_model_seen(problems=(Problem("spec.replicas", "is odd"),))
        assert condition(seen, "Accepted") == (
            "False",
            Reason.SPEC_INVALID,
            "spec.replicas: is odd",
        )

    def test_accepted_tells_a_name_that_is_taken_apart(self) -> None:
        seen = a_model_seen(problems=(Problem("metadata.name", "is taken"),))
        assert condition(seen, "Accepted")[1] == Reason.NAME_TAKEN

    def test_accepted_waits_for_the_version(self) -> None:
        assert condition(a_model_seen(spec=a_spec("v9")), "Accepted")[:2] == (
            "False",
            Reason.VERSION_NOT_FOUND,
        )

    def test_progressing_and_healthy_exclude_each_other(self) -> None:
        at_rest, under_way = a_model_seen(), a_canary_seen()
        assert [condition(at_rest, kind)[0] for kind in ("Progressing", "Healthy")] == [
            "False",
            "True",
        ]
        assert [condition(under_way, kind)[0] for kind in ("Progressing", "Healthy")] == [
            "True",
            "False",
        ]

    def test_rolled_back_names_the_version_and_the_reason(self) -> None:
        spec = a_spec("v2")
        went_back = a_memory(
            rejected=(a_rejection("v2", spec),),
            history=(HistoryEntry(version="v2", at=NOW, outcome=Outcome.REJECTED),),
        )
        assert condition(a_model_seen(spec=spec, memory=went_back), "RolledBack") == (
            "True",
            Reason.CRASH_LOOPING,
            "v2: it ended",
        )
        assert condition(a_model_seen(), "RolledBack") == ("False", Reason.NO_ROLLBACK, "")

    def test_times_change_only_with_the_status(self) -> None:
        first = status(a_model_seen())
        later = NOW + MINUTE
        under_way = a_canary_seen()
        second = status_of(under_way, decide(under_way, later), first.conditions, later)
        times = {entry.type: entry.last_transition_time for entry in second.conditions}
        assert times["Available"] == NOW
        assert times["Progressing"] == times["Healthy"] == later

    def test_no_message_is_longer_than_the_api_server_takes(self) -> None:
        wordy: Any = tuple(Problem(f"spec.field{n}", "x" * 900) for n in range(5))
        found = status(a_model_seen(problems=wordy))
        assert max(len(entry.message) for entry in found.conditions) <= 1024
        assert len(found.message) <= 1024
