"""The scenes of a story and its news: live on a terminal, a line per change elsewhere."""

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

MOST_NEWS = 14


@dataclass
class Scene:
    """One part of the story."""

    title: str
    begun_at: float
    ended_at: float | None = None
    ok: bool = True


@dataclass
class Playbill:
    """The scenes so far, what stands between, and the news."""

    console: Console
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

    def tell(self, text: str) -> None:
        """Note a piece of news with its time."""
        line = f"{time.monotonic() - self.begun_at:6.1f} s  {text}"
        self.news.append(line)
        self._say(line)

    def render(self) -> RenderableType:
        """Return the whole screen."""
        news = [Text(line, style="dim", no_wrap=True, overflow="ellipsis")
                for line in self.news[-MOST_NEWS:]]  # fmt: skip
        return Group(self._scenes(), Text(""), *self.between(), *news)

    def between(self) -> list[RenderableType]:
        """Return what is shown between the scenes and the news."""
        return []

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
