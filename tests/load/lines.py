"""The lines of the benchmark: what was measured, what it may be at most, whether it holds."""

import argparse
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = ("line", "measured", "limit", "holds", "how")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One promise with its figure. `at_least` turns the limit round; no value: not measured."""

    name: str
    value: float | None
    unit: str
    limit: float
    at_least: bool = False
    detail: str = ""

    @property
    def holds(self) -> bool:
        if self.value is None or math.isnan(self.value):
            return False
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def as_json(lines: Iterable[Line]) -> dict[str, dict[str, object]]:
    return {
        line.name: {
            "value": _in_json(line.value),
            "unit": line.unit,
            "limit": _in_json(line.limit),
            "holds": line.holds,
        }
        for line in lines
    }


def _in_json(value: float | None) -> float | None:
    """Return the figure, or nothing where JSON has no word for it: what never came, no limit."""
    return round(value, 4) if value is not None and math.isfinite(value) else None


def as_table(lines: Iterable[Line]) -> str:
    rows = [
        (
            line.name,
            f"{line.value:.4g} {line.unit}" if line.value is not None else "-",
            f"{'>=' if line.at_least else '<='} {line.limit:g}",
            "yes" if line.holds else "NO",
            line.detail,
        )
        for line in lines
    ]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEADINGS, tuple("-" * width for width in widths), *rows)
    ]
    return "\n".join(texts)


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what every script of a line understands."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="write the lines to this file as well")
    return parser


def report(lines: Sequence[Line], file: Path | None) -> int:
    """Show the lines; return the exit code: 1 when one does not hold."""
    print(as_table(lines), flush=True)
    if file is not None:
        more = {line.name: {"detail": line.detail, "at_least": line.at_least} for line in lines}
        whole = {name: entry | more[name] for name, entry in as_json(lines).items()}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(whole, indent=2) + "\n")
    return 0 if all(line.holds for line in lines) else 1


def in_milliseconds(seconds: float | None) -> float | None:
    """Return nothing of what was not measured."""
    return None if seconds is None else seconds * 1000


def say(text: str) -> None:
    """Show progress, with the load of the machine: other work on it shows in the figures."""
    print(f"  {text}  [load {os.getloadavg()[0]:.1f}]", flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile; NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    rank = math.ceil(len(ordered) * percent / 100)
    return ordered[max(0, rank - 1)]
