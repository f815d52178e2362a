"""How long the commands of the README take: cluster-up, demo, test.

cluster-up is timed in a clone of its own, which goes again: the cluster of this clone is left
alone. `make test` takes too long for every benchmark: `--run test` runs it and keeps its time in
build/timings.json, and without it the time kept there is shown, with its commit.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.load.lines import ROOT, Line, arguments, report, say

KEPT = ROOT / "build" / "timings.json"
LONGEST_SECONDS = 3600


@dataclass(frozen=True)
class Timing:
    """How long a command took, of which commit, when."""

    seconds: float
    commit: str
    at: str


def timed(command: Sequence[str], folder: Path, log: Path) -> float:
    """Run a command to its end and return the seconds; RuntimeError when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with log.open("w") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=LONGEST_SECONDS,
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: see {log}")
    return time.monotonic() - begun


def time_cluster_up() -> float:
    """Bring up a cluster in a clone of its own, and have it go again."""
    log = ROOT / "build" / "bench" / "cluster-up.log"
    with tempfile.TemporaryDirectory(prefix="headgate-bench-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        tool = ["python3", "hack/cluster/cluster.py"]
        try:
            return timed([*tool, "up"], clone, log)
        finally:
            timed([*tool, "down"], clone, log.with_name("cluster-down.log"))


def time_demo() -> float:
    """Run the demo; cluster and images are there already."""
    return timed(["make", "demo"], ROOT, ROOT / "build" / "bench" / "demo.log")


def time_test() -> float:
    """Run all tests."""
    return timed(["make", "test"], ROOT, ROOT / "build" / "bench" / "test.log")


@dataclass(frozen=True)
class Command:
    """A command and what it may take."""

    name: str
    limit: float
    measure: Callable[[], float]


COMMANDS = {
    "cluster-up": Command("make cluster-up, binary built", 60, time_cluster_up),
    "demo": Command("make demo, images built", 240, time_demo),
    "test": Command("make test, warm", 1500, time_test),
}


def kept() -> dict[str, Timing]:
    """Return the timings of earlier runs."""
    try:
        found: Mapping[str, Mapping[str, str]] = json.loads(KEPT.read_text())
    except OSError:
        return {}
    return {
        name: Timing(float(entry["seconds"]), entry["commit"], entry["at"])
        for name, entry in found.items()
    }


def keep(name: str, seconds: float) -> Timing:
    """Keep a timing for later tables."""
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, cwd=ROOT, capture_output=True, text=True, check=True)
    found = Timing(round(seconds, 1), commit.stdout.strip(), f"{datetime.now(UTC):%Y-%m-%d %H:%M}")
    everything = kept() | {name: found}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps({k: asdict(v) for k, v in everything.items()}, indent=2) + "\n")
    return found


def line_of(command: Command, timing: Timing | None, how: str) -> Line:
    if timing is None:
        how = "never run: make bench with --run test, or cluster_times.py --run test"
    return Line(
        name=command.name,
        value=None if timing is None else timing.seconds,
        unit="s",
        limit=command.limit,
        detail=how if timing is None else f"{how} {timing.at}, {timing.commit}",
    )


def measure(to_run: Sequence[str]) -> list[Line]:
    lines = []
    for name, command in COMMANDS.items():
        if name in to_run:
            say(command.name)
            timing: Timing | None = keep(name, command.measure())
            lines.append(line_of(command, timing, "measured"))
        else:
            lines.append(line_of(command, kept().get(name), "kept from an earlier run"))
    return lines


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--run", nargs="*", choices=list(COMMANDS), default=["cluster-up", "demo"])
    options = parser.parse_args()
    return report(measure(options.run), options.json)


if __name__ == "__main__":
    sys.exit(main())
