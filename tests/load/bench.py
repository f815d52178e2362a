"""make bench: measures every promise, prints the table, writes build/bench.json.

make bench-validation (--of validation) does the same for the statistics, and for the time to a
verdict on the cluster, and writes build/bench-validation.json; make bench-stream (--of stream) for
gateways, and writes build/bench-stream.json.

One script a group of lines, one after the other, each runnable alone. A line that misses its limit
is shown like any other and makes the exit code 1; a script that fails makes it 2.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.load.lines import ROOT, Line, as_json, as_table

BUILD = ROOT / "build"
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Script:
    """One script and how long it may take at most."""

    name: str
    longest_seconds: float

    @property
    def path(self) -> Path:
        return HERE / f"{self.name}.py"


SCRIPTS = (
    Script("false_alarms", 900),
    Script("operator_scale", 2400),
    Script("handover", 900),
    Script("loss", 900),
    Script("going_back", 1800),
    Script("shares", 600),
    Script("cluster_times", 1800),
)
VALIDATION_SCRIPTS = (
    Script("validation_speed", 600),
    Script("validation_drift", 1200),
    Script("validation_levels", 3600),
    Script("validation_suite_levels", 3600),
    Script("validation_growth", 1800),
    Script("validation_explain", 600),
    Script("validation_cluster", 600),
    Script("validation_evidently", 1800),
)
STREAM_SCRIPTS = (
    Script("gateway_autoscaling", 600),
    Script("gateway_capacity", 1200),
    Script("gateway_continuity", 3600),
    Script("stream_loss", 900),
    Script("server_publishing", 600),
)
SETS = {
    "rollouts": (SCRIPTS, "bench.json"),
    "validation": (VALIDATION_SCRIPTS, "bench-validation.json"),
    "stream": (STREAM_SCRIPTS, "bench-stream.json"),
}


def machine() -> str:
    """Return the machine in a line."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} x {cpu}, {memory:.0f} GB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, load {load:.1f} at the start"
    )


def run(script: Script) -> list[Line] | None:
    """Run a script; return its lines, or None when it could not measure."""
    file = BUILD / "bench" / f"{script.name}.json"
    file.unlink(missing_ok=True)
    print(f"{script.name}:", flush=True)
    begun = time.monotonic()
    command = [sys.executable, str(script.path), "--json", str(file)]
    try:
        subprocess.run(command, check=False, timeout=script.longest_seconds, cwd=ROOT)
    except subprocess.TimeoutExpired:
        print(f"  not done within {script.longest_seconds:.0f} s", flush=True)
    print(f"  ({time.monotonic() - begun:.0f} s)\n", flush=True)
    return read(file) if file.exists() else None


def read(file: Path) -> list[Line]:
    """Return the lines that a script wrote."""
    return [
        Line(
            name=name,
            value=entry["value"],
            unit=entry["unit"],
            limit=math.inf if entry["limit"] is None else entry["limit"],
            at_least=entry["at_least"],
            detail=entry["detail"],
        )
        for name, entry in json.loads(file.read_text()).items()
    ]


def main(names: list[str], of: str) -> int:
    scripts, file_name = SETS[of]
    unknown = set(names) - {script.name for script in scripts}
    if unknown:
        print(f"no such script: {', '.join(sorted(unknown))}")
        return 2
    wanted = [script for script in scripts if script.name in names or not names]
    described = machine()
    found = {script.name: run(script) for script in wanted}
    lines = [line for entry in found.values() for line in entry or ()]
    (BUILD / file_name).write_text(json.dumps(as_json(lines), indent=2) + "\n")
    print(f"{described}\n\n{as_table(lines)}")
    failed = [name for name, entry in found.items() if entry is None]
    if failed:
        print(f"\ncould not measure: {', '.join(failed)}")
        return 2
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these scripts only")
    parser.add_argument("--of", choices=SETS, default="rollouts", help="which set; rollouts")
    options = parser.parse_args()
    sys.exit(main(options.only, options.of))
