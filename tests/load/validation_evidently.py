"""What a drift suite of a whole file costs, beside Evidently's in the same run.

Evidently is no dependency of the project: an environment of its own is made in build/ from the
package index that pip is set to, or give the interpreter of one that has it:

    python tests/load/validation_evidently.py --evidently DIR/bin/python

Where it cannot be installed the script says so, and measures nothing. `--rows 1000000` for the full
size; 100,000 unless told, half a minute.
"""

import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.load.lines import ROOT, Line, arguments, report, say

ENVIRONMENT = ROOT / "build" / "bench" / "evidently"
PACKAGES = ("evidently==0.7.23", "pyarrow", "pandas<3")
HEADGATE = Path(sys.executable).parent / "headgate"
SEED = 20261127
COLUMNS = 30
ROWS = 100_000
POLICY = """\
apiVersion: headgate.dev/v1alpha1
kind: ValidationPolicy
metadata: {name: drift}
spec:
  checks:
    - drift: {minEffect: 0.1}
"""
THEIRS = """\
import sys
import pandas
from evidently import Report
from evidently.presets import DataDriftPreset
reference, candidate = (pandas.read_parquet(path) for path in sys.argv[1:3])
found = Report([DataDriftPreset()]).run(candidate, reference)
found.save_html(sys.argv[3])
"""
"""Evidently's defaults: for so many rows Wasserstein's distance with a fixed limit."""


@dataclass(frozen=True)
class Cost:
    """What a process of its own has used."""

    seconds: float
    gigabytes: float

    def __str__(self) -> str:
        """Read as a line's detail."""
        return f"{self.seconds:.1f} CPU s, {self.gigabytes:.2f} GB"


class CouldNotRunError(RuntimeError):
    """A command that failed; the end of what it said."""


def cost_of(command: list[str]) -> Cost:
    """Return what a command used; raises CouldNotRunError.

    The largest process so far counts for memory: the smaller one has to run first.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines()
        raise CouldNotRunError(told[-1] if told else f"exit code {done.returncode}")
    return Cost(
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        after.ru_maxrss * 1024 / 1e9,
    )


def a_file(path: Path, rows: int, seed: int) -> Path:
    random = np.random.default_rng([SEED, seed])
    pq.write_table(
        pa.table({f"c{place}": random.normal(size=rows) for place in range(COLUMNS)}), path
    )
    return path


def beside(evidently: Path, rows: int) -> list[Line]:
    """Return the line of both on the same files; none, said why, where Evidently cannot run."""
    with tempfile.TemporaryDirectory(prefix="headgate-bench-") as name:
        folder = Path(name)
        files = [
            a_file(folder / f"{role}.parquet", rows, seed) for seed, role in enumerate(("x", "y"))
        ]
        policy, out = folder / "policy.yaml", folder / "out"
        policy.write_text(POLICY)
        given = ["--reference", str(files[0]), "--candidate", str(files[1])]
        ours = cost_of([str(HEADGATE), "validate", str(policy), *given, "--out", str(out)])
        try:
            theirs = cost_of(
                [str(evidently), "-c", THEIRS, *map(str, files), str(folder / "theirs.html")]
            )
        except (CouldNotRunError, OSError) as error:
            say(f"Evidently could not run: {error}")
            return []
    say(f"{ours} here, {theirs} by Evidently")
    return [
        Line(
            name=f"drift of {rows:,} x {COLUMNS} beside Evidently",
            value=theirs.seconds / ours.seconds,
            unit="x less CPU",
            limit=1,
            at_least=True,
            detail=f"{ours} here, {theirs} by Evidently's DataDriftPreset; parquet read and report"
            " written in both",
        )
    ]


def installed() -> Path | None:
    """Return the interpreter of an environment with Evidently, made if it is not there yet."""
    python = ENVIRONMENT / "bin" / "python"
    try:
        if not (ENVIRONMENT / "complete").exists():
            say(f"installing Evidently into {ENVIRONMENT}")
            make = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
            subprocess.run(make, check=True, capture_output=True, text=True)
            install = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
            subprocess.run(install, check=True, capture_output=True, text=True, timeout=900)
            (ENVIRONMENT / "complete").touch()
    except (OSError, subprocess.SubprocessError) as error:
        told = str(getattr(error, "stderr", None) or error).strip()
        say(f"Evidently cannot be installed: {told[-400:]}")
        return None
    return python


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument(
        "--evidently", type=Path, metavar="PYTHON", help="an interpreter that has it"
    )
    parser.add_argument(
        "--rows", type=int, default=ROWS, help=f"of each file; {ROWS:,} unless told"
    )
    options = parser.parse_args()
    evidently = options.evidently or installed()
    return report(beside(evidently, options.rows) if evidently else [], options.json)


if __name__ == "__main__":
    sys.exit(main())
