"""What every command of the cluster tooling raises when it cannot go on."""

from __future__ import annotations

from pathlib import Path


class ClusterError(Exception):
    """A failure that names what failed, where its log is and what to do about it."""

    def __init__(self, what: str, *, log: Path | None = None, remedy: str = "") -> None:
        self.what = what
        self.log = log
        self.remedy = remedy
        super().__init__(self.text())

    def text(self) -> str:
        """Return the whole message, with the end of the log when there is one."""
        lines = [self.what]
        if self.log is not None:
            lines.append(f"log: {self.log}")
            lines.extend(f"  | {line}" for line in last_lines(self.log))
        if self.remedy:
            lines.append(f"what to do: {self.remedy}")
        return "\n".join(lines)


def last_lines(log: Path, count: int = 8) -> list[str]:
    """Return the last lines of a log, or none when it cannot be read."""
    try:
        return log.read_text(errors="replace").splitlines()[-count:]
    except OSError:
        return []
