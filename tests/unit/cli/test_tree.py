"""What `kubectl headgate status` shows: everything one needs, in words, at 80 columns."""

from typing import Any

from rich.console import Console

from headgate.cli.tree import render_model
from tests.builders.resources import a_model

AT = "2026-01-02T03:04:05Z"
STEPS = {"canary": {"steps": [{"setWeight": 20}, {"pause": {"duration": "30s"}}]}}


def shown(status: dict[str, Any], **spec: Any) -> str:
    console = Console(width=80)
    with console.capture() as captured:
        console.print(render_model({**a_model(**spec), "status": status}))
    return captured.get()


def a_version(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "weight": 0, "share": 0, "replicas": 1, "readyReplicas": 1} | changes


def test_a_model_that_was_never_reconciled_says_so() -> None:
    text = shown({})
    assert "not seen yet" in text
    assert "no version has pods yet" in text


def test_versions_show_wanted_and_realised_shares_and_their_part() -> None:
    text = shown(
        {
            "phase": "Progressing",
            "stableVersion": "churn-v1",
            "canaryVersion": "churn-v2",
            "versions": [
                a_version("churn-v1", weight=90, share=67, replicas=2, readyReplicas=2),
                a_version("churn-v2", weight=10, share=33),
            ],
        }
    )
    stable, canary = (line for line in text.splitlines() if "churn-v" in line)
    assert stable.split()[-5:] == ["churn-v1", "stable", "90%", "67%", "2/2"]
    assert canary.split()[-4:] == ["canary", "10%", "33%", "1/1"]


def test_the_version_kept_to_go_back_to_is_named_as_such() -> None:
    text = shown(
        {
            "stableVersion": "churn-v2",
            "previous": {"version": "churn-v1", "since": AT},
            "versions": [a_version("churn-v1"), a_version("churn-v2", weight=100)],
        }
    )
    assert "kept warm" in text


def test_a_rollout_shows_each_step_and_what_the_gates_counted() -> None:
    text = shown(
        {
            "stableVersion": "churn-v1",
            "rollout": {
                "version": "churn-v2",
                "kind": "Canary",
                "startedAt": AT,
                "waitingSince": AT,
                "step": 1,
                "evidence": {"canary": {"requests": 50, "errors": 2}, "stable": {"requests": 90}},
            },
        },
        strategy=STEPS,
    )
    assert "✓ setWeight 20" in text
    assert "▶ pause 30s" in text
    assert "churn-v2: 2 errors of 50 requests" in text
    assert "churn-v1: 0 errors of 90 requests" in text


def test_a_first_version_takes_no_steps() -> None:
    rollout = {"version": "v1", "kind": "Initial", "startedAt": AT, "waitingSince": AT}
    text = shown({"rollout": rollout}, strategy=STEPS)
    assert "setWeight" not in text
    assert "promotion" in text


def test_a_rejection_shows_its_reason_its_time_and_its_message() -> None:
    rejection = {"name": "churn-v3", "reason": "ErrorRatioExceeded", "at": AT, "specDigest": "x"}
    text = shown({"rejected": [rejection | {"message": "a ratio of 40, limit 2 [analysis]"}]})
    assert "churn-v3  ErrorRatioExceeded at 2026-01-02 03:04:05Z" in text
    assert "a ratio of 40, limit 2 [analysis]" in text


def test_a_spec_that_the_operator_has_not_seen_is_pointed_out() -> None:
    model = a_model()
    model["metadata"]["generation"] = 2
    console = Console(width=80)
    with console.capture() as captured:
        console.print(render_model({**model, "status": {"observedGeneration": 1}}))
    assert "not seen the latest spec" in captured.get()


def test_a_condition_that_is_not_as_it_should_be_says_why() -> None:
    condition = {
        "type": "Accepted",
        "status": "False",
        "reason": "NameTaken",
        "message": "the name churn of a child is taken",
        "lastTransitionTime": AT,
    }
    text = shown({"conditions": [condition]})
    assert "Accepted=False (NameTaken): the name churn of a child is taken" in text


def test_a_spec_that_cannot_be_read_does_not_hide_the_status() -> None:
    text = shown({"phase": "Degraded", "message": "spec.replicas: too many"}, replicas=-1)
    assert "spec.replicas: too many" in text
