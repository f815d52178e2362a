"""make check: everything that needs no server, side by side, with one line each.

A failure shows what the command printed; all run to the end, so that one round tells all.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs by its path

from hack.browser.node import NODE

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
AT_ONCE = 2
PYTEST = (sys.executable, "-m", "pytest", "-q", "-m", "not simulation and not sweep")


@dataclass(frozen=True)
class Check:
    """One command and what it looks after."""

    name: str
    command: tuple[str, ...]


CHECKS = (
    Check("unit tests", (*PYTEST, "tests/unit", "--ignore=tests/unit/jobs")),
    Check("types", (f"{BIN}/mypy",)),
    Check("format", (f"{BIN}/ruff", "format", "--check", ".")),
    Check("lint", (f"{BIN}/ruff", "check", ".")),
    Check("layers", (f"{BIN}/lint-imports", "--no-cache")),
    Check("generated files", (sys.executable, "hack/generate/generate.py", "--check")),
    Check("sizes", (sys.executable, "hack/checks/sizes.py")),
    Check(
        "unit tests, page",
        (str(NODE), "--test", "examples/03-streaming/browser/tests/**/*.test.js"),
    ),
    Check("unit tests, jobs", (*PYTEST, "tests/unit/jobs")),
    Check("property tests", (*PYTEST, "tests/property")),
)


@dataclass(frozen=True)
class Result:
    """How a check ended."""

    check: Check
    ok: bool
    seconds: float
    output: str


def run(check: Check) -> Result:
    """Run one check and show its line."""
    begun = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    verdict = "ok  " if done.returncode == 0 else "FAIL"
    print(f"{verdict} {check.name:16} {seconds:5.1f} s", flush=True)
    return Result(check, done.returncode == 0, seconds, done.stdout + done.stderr)


def main() -> int:
    """Run all checks; return 1 if any failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(run, CHECKS))
    for result in results:
        if not result.ok:
            print(f"\n--- {result.check.name}: {' '.join(result.check.command)}\n{result.output}")
        elif "passed" in result.output:
            print(f"{result.check.name}: {result.output.strip().splitlines()[-1]}")
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
