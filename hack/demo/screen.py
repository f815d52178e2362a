"""What one sees while versions of a model are rolled out: each with its share and answers."""

from dataclasses import dataclass, field

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hack.demo.playbill import Playbill
from hack.demo.record import NOBODY, OK, Answers, Record
from headgate.cli.tree import COLOURS
from headgate.model.status_types import ModelStatus, VersionStatus

BAR_WIDTH = 24


@dataclass
class Screen(Playbill):
    """The scenes so far, the Model, and what the load sees."""

    record: Record = field(default_factory=Record)
    status: ModelStatus = field(default_factory=ModelStatus)

    def show(self, status: ModelStatus) -> None:
        """Show the Model as it is now; what is new in words is kept."""
        if status.message and status.message != self.status.message:
            phase = status.phase.value if status.phase else ""
            self.tell(f"{phase}: {status.message}")
        self.status = status

    def between(self) -> list[RenderableType]:
        """Return the versions, once there are any."""
        return [self._versions(), Text("")] if self.status.phase is not None else []

    def _versions(self) -> RenderableType:
        status = self.status
        phase = status.phase
        title = Text.assemble(
            (phase.value if phase else "", f"bold {COLOURS[phase] if phase else ''}"),
            f"  step {status.step}" if status.step else "",
        )
        table = Table(title=title, title_justify="left", box=None, header_style="dim")
        table.add_column("version")
        table.add_column("wanted", justify="right")
        table.add_column("share of new connections", width=BAR_WIDTH + 5)
        for heading in ("ready", "requests/s", "answered", "failed"):
            table.add_column(heading, justify="right")
        shown = {entry.name: entry for entry in status.versions}
        for name in sorted({*shown, *self.record.versions}):
            self._add_version(table, name, shown.get(name))
        return table

    def _add_version(self, table: Table, name: str, entry: VersionStatus | None) -> None:
        answers = self.record.of(name)
        share = entry.share if entry else 0
        bar = Table.grid(padding=(0, 1))
        bar.add_row(ProgressBar(total=100, completed=share, width=BAR_WIDTH), f"{share}%")
        table.add_row(
            Text(name, style="bold" if entry else "dim"),
            f"{entry.weight}%" if entry else "",
            bar if name != NOBODY else "",
            f"{entry.ready_replicas}/{entry.replicas}" if entry else "",
            str(self.record.last_second[name]),
            str(answers.requests),
            Text(str(answers.failures), style="bold red" if answers.failures else "dim"),
        )


def table_of(record: Record) -> Table:
    """Return the table that the demo ends with: what each version answered."""
    table = Table(title="What the load saw", title_justify="left", header_style="dim")
    table.add_column("version")
    for heading in ("requests", "failures", "from first bad to last answer"):
        table.add_column(heading, justify="right")
    table.add_column("failed with")
    for name, answers in sorted(record.versions.items()):
        table.add_row(name, str(answers.requests), str(answers.failures), *_ending(answers))
    return table


def _ending(answers: Answers) -> tuple[str, str]:
    seconds = answers.seconds_to_return
    outcomes = [f"{n} x {what}" for what, n in answers.outcomes.most_common() if what != OK]
    return (f"{seconds:.1f} s" if seconds is not None else "", ", ".join(outcomes))
