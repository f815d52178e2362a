"""Prints how long modules and functions are; fails when one has outgrown reading."""

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = {"operator": 400, "hack": 400, "tests": 800}
MOST_FUNCTION_LINES = 60


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Return each function of a module with its lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def main() -> int:
    """Print the figures; return 1 if a limit is passed."""
    too_long = []
    for folder, most in MOST_LINES.items():
        lengths, function_lengths = [], []
        for path in sorted((ROOT / folder).rglob("*.py")):
            lines = len(path.read_text().splitlines())
            lengths.append(lines)
            if lines > most:
                too_long.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {most}")
            for name, count in functions(path):
                function_lengths.append(count)
                if count > MOST_FUNCTION_LINES:
                    where = path.relative_to(ROOT)
                    too_long.append(f"{where}: {name} has {count} lines, at most 60")
        if len(lengths) > 1:
            print(
                f"{folder}: {len(lengths)} modules, median {statistics.median(lengths):.0f}, "
                f"p90 {statistics.quantiles(lengths, n=10)[-1]:.0f}, longest {max(lengths)}; "
                f"functions p90 {statistics.quantiles(function_lengths, n=10)[-1]:.0f}, "
                f"longest {max(function_lengths)}"
            )
    print("\n".join(too_long))
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
