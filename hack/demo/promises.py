"""What the demo promises, and whether it held. Pure."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rich.table import Table

from hack.demo.record import Record
from headgate.model.status_types import ModelStatus, Outcome, Rejection

MOST_SECONDS_TO_RETURN = 10.0
MOST_SECONDS_TO_REJECT = 30.0
LEAST_REQUESTS = 500
MOST_UNSENT = 0.05
"""Part of the requests that a crowded machine may keep the load from sending on time."""


@dataclass(frozen=True)
class Promise:
    """One sentence, what was seen, and whether it is true."""

    text: str
    seen: str
    holds: bool


EXPECTED_VERDICTS: Mapping[str, str] = {
    "digits-v1": "Pass",
    "digits-v2": "Pass",
    "digits-v3": "Fail",
    "digits-v4": "Fail",
    "digits-v5": "Inconclusive",
}


@dataclass(frozen=True)
class Gate:
    """What validation said of versions, and which of them ever had pods."""

    verdicts: Mapping[str, str]
    with_pods: AbstractSet[str]


@dataclass(frozen=True)
class Story:
    """What happened to the versions of one Model."""

    model: str
    record: Record
    status: ModelStatus
    rejected: Mapping[str, Rejection]
    """Rejections by version, each as status had it at the time: a changed spec clears them."""
    seconds_to_reject_v4: float | None
    gate: Gate

    def named(self, version: str) -> str:
        """Return the name of the ModelVersion."""
        return f"{self.model}-{version}"


def promises(story: Story) -> Sequence[Promise]:
    """Return every promise with its verdict."""
    return (
        _promoted(story),
        _rejected(story, "v3"),
        _failed_only_by_v3(story),
        _returned(story),
        _rejected(story, "v4"),
        _rejected_soon(story),
        _never_served(story),
        _serves_on(story),
        _was_loaded(story),
        _judged(story),
        _gated(story),
    )


def _promoted(story: Story) -> Promise:
    name = story.named("v2")
    turns = [entry for entry in story.status.history if entry.version == name]
    seen = ", ".join(entry.outcome.value for entry in turns) or "never"
    holds = any(entry.outcome is Outcome.PROMOTED for entry in turns)
    return Promise("v2 is promoted through its steps", seen, holds)


def _rejected(story: Story, version: str) -> Promise:
    found = story.rejected.get(story.named(version))
    seen = found.reason if found is not None else "not rejected"
    return Promise(f"{version} is named in status.rejected", seen, found is not None)


def _failed_only_by_v3(story: Story) -> Promise:
    others = story.record.failures_outside([story.named("v3")])
    seen = ", ".join(f"{number} x {what}" for what, number in others.items()) or "none other"
    return Promise("nothing fails but what v3 answers itself", seen, not others)


def _returned(story: Story) -> Promise:
    seconds = story.record.of(story.named("v3")).seconds_to_return
    seen = "v3 never failed" if seconds is None else f"{seconds:.1f} s"
    holds = seconds is not None and seconds <= MOST_SECONDS_TO_RETURN
    text = f"at most {MOST_SECONDS_TO_RETURN:g} s from v3's first bad answer to its last answer"
    return Promise(text, seen, holds)


def _rejected_soon(story: Story) -> Promise:
    seconds = story.seconds_to_reject_v4
    seen = "not rejected" if seconds is None else f"{seconds:.1f} s"
    holds = seconds is not None and seconds <= MOST_SECONDS_TO_REJECT
    return Promise(f"v4 is rejected within {MOST_SECONDS_TO_REJECT:g} s", seen, holds)


def _never_served(story: Story) -> Promise:
    answered = story.record.of(story.named("v4")).requests
    return Promise("v4, which cannot start, gets no request", f"{answered} answers", answered == 0)


def _serves_on(story: Story) -> Promise:
    stable = story.status.stable_version or "nothing"
    return Promise("v2 serves in the end", stable, stable == story.named("v2"))


def _was_loaded(story: Story) -> Promise:
    sent, unsent = story.record.requests, story.record.unsent
    seen = f"{sent} requests, {unsent} skipped by a crowded machine"
    holds = sent >= LEAST_REQUESTS and unsent <= sent * MOST_UNSENT
    return Promise("all of it under steady load", seen, holds)


def _judged(story: Story) -> Promise:
    seen = ", ".join(f"{name}: {verdict}" for name, verdict in story.gate.verdicts.items())
    holds = dict(story.gate.verdicts) == dict(EXPECTED_VERDICTS)
    return Promise("validation tells good versions from bad and from unproven", seen, holds)


def _gated(story: Story) -> Promise:
    let_in = {name for name, verdict in EXPECTED_VERDICTS.items() if verdict == "Pass"}
    others = sorted(set(story.gate.with_pods) - let_in)
    text = "no version gets a pod before its validation has passed"
    return Promise(text, ", ".join(others) or "none did", not others)


def table_of_promises(found: Sequence[Promise]) -> Table:
    """Return the table that a demo ends with."""
    table = Table(title="Promises", title_justify="left", header_style="dim")
    for heading in ("", "promise", "seen"):
        table.add_column(heading)
    for promise in found:
        mark = "[green]✓[/]" if promise.holds else "[bold red]✗[/]"
        table.add_row(mark, promise.text, promise.seen)
    return table
