"""Approving a run by hand: what is written, what is waited for, what is refused."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from headgate.cli.requests import RequestError
from headgate.cli.runs import approve
from headgate.validation.plan import canonical, plan_of
from tests.builders.validation import IMAGE, a_policy_spec, a_run

RUN = "churn-v3-0a1b2c3d4e"
DIGEST = f"sha256:{'1' * 64}"
AT = "2026-01-02T03:04:05Z"


def a_status(policy: str = "Approval", **changes: Any) -> dict[str, Any]:
    plan = plan_of(a_policy_spec(onInconclusive=policy), {}, IMAGE, {})
    status = {
        "phase": "Succeeded",
        "verdict": "Inconclusive",
        "plan": canonical(plan),
        "report": {"configMap": "c", "digest": DIGEST},
    }
    return {key: value for key, value in (status | changes).items() if value is not None}


class OneRun:
    """A run, and an operator that answers in a way of its own."""

    def __init__(
        self,
        status: dict[str, Any],
        answer: Callable[[Mapping[str, str | None]], dict[str, Any]] = lambda _: {},
        trigger: str = "NewVersion",
    ) -> None:
        self.run = a_run(RUN, trigger=trigger) | {"status": status}
        self.answer = answer
        self.written: Mapping[str, str | None] = {}

    def get(self, name: str) -> dict[str, Any]:
        assert name == RUN
        return self.run

    def annotate(self, name: str, annotations: Mapping[str, str | None]) -> None:
        assert name == RUN
        self.written = annotations
        self.run = {**self.run, "status": {**self.run["status"], **self.answer(annotations)}}

    def config_map(self, name: str) -> dict[str, bytes]:
        raise AssertionError(name)


def recording(annotations: Mapping[str, str | None]) -> dict[str, Any]:
    by = annotations["headgate.dev/approved-by"]
    why = annotations["headgate.dev/approval-why"] or ""
    return {"approval": {"by": by, "why": why, "at": AT, "report": DIGEST}}


def test_who_why_and_which_report_are_written_at_once() -> None:
    run = OneRun(a_status(), recording)
    said = approve(run, RUN, "Ada  Lovelace", "the region is small")
    assert said == f"{RUN}: approved by Ada Lovelace: the region is small"
    assert run.written == {
        "headgate.dev/approved-by": "Ada Lovelace",
        "headgate.dev/approved-report": DIGEST,
        "headgate.dev/approval-why": "the region is small",
    }


def test_without_a_reason_an_older_one_is_taken_away() -> None:
    run = OneRun(a_status(), recording)
    assert approve(run, RUN, "Ada") == f"{RUN}: approved by Ada"
    assert run.written["headgate.dev/approval-why"] is None


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (OneRun(a_status(verdict="Fail")), "says Fail, and only Inconclusive"),
        (OneRun(a_status(verdict="Pass")), "says Pass"),
        (OneRun(a_status(verdict=None, phase="Running")), "no verdict to approve: it is Running"),
        (OneRun(a_status(policy="Block")), "onInconclusive: Block"),
        (OneRun(a_status(), trigger="Schedule"), "trigger Schedule"),
        (
            OneRun(a_status(approval={"by": "Ada", "at": AT, "report": DIGEST})),
            "was approved by Ada already, at 2026-01-02 03:04:05 UTC",
        ),
    ],
)
def test_what_cannot_be_approved_is_refused_and_nothing_is_written(run: OneRun, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        approve(run, RUN, "Eve")
    assert run.written == {}


@pytest.mark.parametrize(("by", "why"), [("", ""), (" ", ""), ("A" * 129, ""), ("A", "b" * 513)])
def test_a_name_must_be_there_and_fit(by: str, why: str) -> None:
    with pytest.raises(RequestError, match="printable characters"):
        approve(OneRun(a_status(), recording), RUN, by, why)


def refused(message: str) -> dict[str, Any]:
    condition = {"type": "Approved", "status": "False", "reason": "ApprovalRefused"}
    return {"conditions": [condition | {"message": message, "lastTransitionTime": AT}]}


def test_a_refusal_by_the_operator_is_told() -> None:
    with pytest.raises(RequestError, match="it does not count"):
        approve(OneRun(a_status(), lambda _: refused("it does not count")), RUN, "Ada")


def test_a_refusal_of_somebody_else_s_offer_is_no_answer() -> None:
    # given: the condition is still the one about the offer before
    run = OneRun(a_status(**refused("the approval by Eve does not count")), recording)
    # then
    assert approve(run, RUN, "Ada") == f"{RUN}: approved by Ada"
    # and: nor is it while the operator has not looked yet
    waiting = OneRun(a_status(**refused("the approval by Eve does not count")))
    times = iter(range(100))
    with pytest.raises(RequestError, match="is the operator running"):
        approve(
            waiting,
            RUN,
            "Ada",
            seconds=5,
            clock=lambda: float(next(times)),
            sleep=lambda _: None,
        )


def test_an_approval_that_nobody_records_is_told() -> None:
    # given
    times = iter(range(100))
    # then
    with pytest.raises(RequestError, match="is the operator running"):
        approve(
            OneRun(a_status()),
            RUN,
            "Ada",
            seconds=5,
            clock=lambda: float(next(times)),
            sleep=lambda _: None,
        )
