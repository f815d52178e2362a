"""What one sees while the demo runs: live on a terminal, a line per change elsewhere."""

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hack.demo.record import NOBODY, OK, Answers, Record
from headgate.cli.tree import COLOURS
from headgate.model.status_types import ModelStatus, VersionStatus

BAR_WIDTH = 24
MOST_NEWS = 14


@dataclass
class Scene:
    """One part of the story."""

    title: str
    begun_at: float
    ended_at: float | None = None
    ok: bool = True


@dataclass
class Screen:
    """The scenes so far, the Model, and what the load sees."""

    console: Console
    record: Record = field(default_factory=Record)
    status: ModelStatus = field(default_factory=ModelStatus)
    scenes: list[Scene] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    begun_at: float = field(default_factory=time.monotonic)

    def live(self) -> AbstractContextManager[object]:
        """Return the context in which the screen is kept current."""
        if not self.console.is_terminal:
            return nullcontext()
        return Live(console=self.console, get_renderable=self.render, refresh_per_second=4)

    def begin(self, title: str) -> None:
        """Begin a scene; the one before is over."""
        self.end()
        self.scenes.append(Scene(title, time.monotonic()))
        self._say(f"-- {title}")

    def end(self, *, ok: bool = True) -> None:
        """End the scene under way."""
        if self.scenes and self.scenes[-1].ended_at is None:
            self.scenes[-1].ended_at = time.monotonic()
            self.scenes[-1].ok = ok

    def show(self, status: ModelStatus) -> None:
        """Show the Model as it is now; what is new in words is kept."""
        if status.message and status.message != self.status.message:
            phase = status.phase.value if status.phase else ""
            self.tell(f"{phase}: {status.message}")
        self.status = status

    def tell(self, text: str) -> None:
        """Note a piece of news with its time."""
        line = f"{time.monotonic() - self.begun_at:6.1f} s  {text}"
        self.news.append(line)
        self._say(line)

    def render(self) -> RenderableType:
        """Return the whole screen."""
        parts: list[RenderableType] = [self._scenes(), Text("")]
        if self.status.phase is not None:
            parts += [self._versions(), Text("")]
        parts += [Text(line, style="dim", no_wrap=True, overflow="ellipsis")
                  for line in self.news[-MOST_NEWS:]]  # fmt: skip
        return Group(*parts)

    def _say(self, line: str) -> None:
        if not self.console.is_terminal:
            self.console.print(line, markup=False, highlight=False)

    def _scenes(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        for scene in self.scenes:
            running = scene.ended_at is None
            seconds = (scene.ended_at or time.monotonic()) - scene.begun_at
            mark = Text("▶", "bold cyan") if running else Text("✓", "green")
            if not scene.ok:
                mark = Text("✗", "bold red")
            table.add_row(mark, Text(scene.title, "bold" if running else ""), f"{seconds:.1f} s")
        return table

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
