"""A Model's state as a tree to read: who serves, how far it is, what was rejected. Pure."""

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from headgate.core.resource import Condition
from headgate.model.decide.advance import describe
from headgate.model.decide.steps import steps_of
from headgate.model.status_types import (
    Arm,
    ModelStatus,
    Phase,
    Rollout,
    RolloutKind,
    VersionStatus,
)
from headgate.model.types import ModelSpec, Step

COLOURS = {
    Phase.HEALTHY: "green",
    Phase.PROGRESSING: "cyan",
    Phase.PAUSED: "yellow",
    Phase.DEGRADED: "red",
}
HISTORY_SHOWN = 5


def render_model(model: dict[str, Any]) -> Tree:
    """Return the tree of one Model as the API server has it."""
    meta = model["metadata"]
    status = ModelStatus.parse_status(model.get("status"))
    parsed = ModelSpec.parse(model.get("spec"))
    tree = Tree(_head(meta["namespace"], meta["name"], status), guide_style="dim")
    if status.observed_generation < meta.get("generation", 0):
        tree.add(Text("the operator has not seen the latest spec yet", style="yellow"))
    tree.add(_versions(status))
    if status.rollout is not None:
        steps = steps_in(parsed, status.rollout) if isinstance(parsed, ModelSpec) else ()
        tree.add(_rollout(status.rollout, steps, status.stable_version))
    _add_rejected(tree, status)
    if status.last_request is not None:
        last = status.last_request
        tree.add(Text.assemble(("last request  ", "bold"), f"{last.outcome}: {last.message}"))
    _add_history(tree, status)
    branch = tree.add(Text("conditions", style="bold"))
    for condition in status.conditions:
        branch.add(_condition(condition))
    return tree


def steps_in(spec: ModelSpec, rollout: Rollout) -> tuple[Step, ...]:
    """Return the steps that a rollout takes: none for a first version, and when it recreates."""
    return steps_of(spec) if rollout.kind is RolloutKind.CANARY else ()


def _head(namespace: str, name: str, status: ModelStatus) -> RenderableType:
    phase = status.phase
    word = (phase.value, f"bold {COLOURS[phase]}") if phase else ("not seen yet", "yellow")
    first = Text.assemble((f"{namespace}/{name}", "bold"), "  ", word, "  ", (status.url, "dim"))
    return Group(first, Text(status.message)) if status.message else first


def _versions(status: ModelStatus) -> RenderableType:
    if not status.versions:
        return Text("no version has pods yet", style="dim")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("version", "", "wanted", "share", "ready"):
        table.add_column(title, justify="left" if title in {"version", ""} else "right")
    for entry in status.versions:
        ready = f"{entry.ready_replicas}/{entry.replicas}"
        behind = entry.ready_replicas < entry.replicas
        table.add_row(
            escape(entry.name),
            _role(entry, status),
            f"{entry.weight}%",
            f"{entry.share}%",
            Text(ready, style="yellow" if behind else ""),
        )
    return table


def _role(entry: VersionStatus, status: ModelStatus) -> Text:
    if entry.name == status.stable_version:
        return Text("stable", style="green")
    if entry.name == status.canary_version:
        return Text("canary", style="cyan")
    if status.previous is not None and entry.name == status.previous.version:
        return Text("kept warm", style="dim")
    return Text("leaving", style="dim")


def _rollout(rollout: Rollout, steps: tuple[Step, ...], stable: str | None) -> Tree:
    head = Text.assemble(
        ("rollout  ", "bold"), f"{rollout.version} since {rollout.started_at:%H:%M:%SZ}"
    )
    tree = Tree(head, guide_style="dim")
    for index, step in enumerate(steps):
        tree.add(_step(index, step, rollout))
    if rollout.full or rollout.step >= len(steps):
        tree.add(Text("▶ promotion", style="bold cyan"))
    seen = rollout.evidence
    if seen.canary.requests or seen.stable.requests:
        counted = tree.add(Text("counted up to this step", style="dim"))
        counted.add(Text(f"{rollout.version}: {_counted(seen.canary)}"))
        if stable is not None:
            counted.add(Text(f"{stable}: {_counted(seen.stable)}"))
    return tree


def _step(index: int, step: Step, rollout: Rollout) -> Text:
    if rollout.full and index >= rollout.step:
        return Text(f"- {describe(step)} (skipped)", style="dim")
    if index < rollout.step:
        return Text(f"✓ {describe(step)}", style="green")
    if index == rollout.step:
        return Text(f"▶ {describe(step)}", style="bold cyan")
    return Text(f"· {describe(step)}", style="dim")


def _add_rejected(tree: Tree, status: ModelStatus) -> None:
    if not status.rejected:
        return
    branch = tree.add(Text("rejected", style="bold red"))
    for entry in status.rejected:
        branch.add(
            Text.assemble(
                (entry.name, "bold"),
                f"  {entry.reason} at {entry.at:%Y-%m-%d %H:%M:%SZ}\n",
                entry.message,
            )
        )


def _add_history(tree: Tree, status: ModelStatus) -> None:
    if not status.history:
        return
    branch = tree.add(Text("history", style="bold"))
    for entry in status.history[:HISTORY_SHOWN]:
        branch.add(Text(f"{entry.at:%Y-%m-%d %H:%M:%SZ}  {entry.version}  {entry.outcome.value}"))


def _condition(condition: Condition) -> Text:
    good = condition.status == "True"
    if condition.type == "RolledBack":
        good = not good
    neutral = condition.type == "Progressing"
    colour = "dim" if neutral else "green" if good else "red"
    said = Text(f"{condition.type}={condition.status} ({condition.reason})", style=colour)
    # A Model that goes on, or is well, says why in the message at the top already.
    told = condition.message and not good and not neutral and condition.type != "Healthy"
    return Text.assemble(said, f": {condition.message}") if told else said


def _counted(arm: Arm) -> str:
    return f"{arm.errors} errors of {arm.requests} requests"
