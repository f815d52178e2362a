"""What drift checks of whole files cost and find, by the command line that the Job's code is.

Run: `python tests/load/validation_drift.py`; about four minutes. `--seeds 20` for less.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.jobs.validation.tests.multiplicity.adjust import adjust
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.ks import ks
from tests.load.lines import Line, arguments, report, say

HEADGATE = Path(sys.executable).parent / "headgate"
SEED = 20261124
COLUMNS = 30
SHIFTED = 5
ROWS_FOUND = 100_000
ROWS_TIMED = 1_000_000
ROUNDS = 3
POLICY = """\
apiVersion: headgate.dev/v1alpha1
kind: ValidationPolicy
metadata: {name: drift}
spec:
  checks:
    - drift: {minEffect: 0.1}
"""


def columns(seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield both files' columns: the first five are shifted by 0.05 deviations."""
    random = np.random.default_rng([SEED, seed])
    for column in range(COLUMNS):
        x = random.normal(size=ROWS_FOUND)
        yield x, random.normal(0.05 if column < SHIFTED else 0.0, 1, size=ROWS_FOUND)


def found_columns(seed: int) -> set[int]:
    """Return which columns Holm flags, by the test that the suite takes for them."""
    adjusted = adjust([ks(x, y).pvalue for x, y in columns(seed)], "Holm")
    return {place for place, p in enumerate(adjusted) if p is not None and p < 0.05}


def exactly_five(seeds: int) -> Line:
    right = sum(found_columns(seed) == set(range(SHIFTED)) for seed in range(seeds))
    say(f"{right} of {seeds} seeds")
    return Line(
        name="exactly the 5 shifted columns of 30 found",
        value=100 * right / seeds,
        unit="% of seeds",
        limit=95,
        at_least=True,
        detail=f"{seeds} seeds, 100,000 x 30, shifts of 0.05 sigma, KS, Holm at 0.05",
    )


def a_file(path: Path, seed: int) -> Path:
    random = np.random.default_rng([SEED, seed])
    drawn = {f"c{place}": random.normal(size=ROWS_TIMED) for place in range(COLUMNS)}
    pq.write_table(pa.table(drawn), path)
    return path


def cost_of_a_million() -> list[Line]:
    """Validate two files in a process of its own, whose CPU time and memory the system counts."""
    with tempfile.TemporaryDirectory(prefix="headgate-bench-") as name:
        folder = Path(name)
        (folder / "policy.yaml").write_text(POLICY)
        command = [str(HEADGATE), "validate", str(folder / "policy.yaml")]
        for role, seed in (("reference", 1), ("candidate", 2)):
            command += [f"--{role}", str(a_file(folder / f"{role}.parquet", seed))]
        command += ["--out", str(folder / "out")]
        seconds = [cpu_seconds_of(command) for _ in range(ROUNDS)]
        checks = len(json.loads((folder / "out" / "report.json").read_bytes())["checks"])
    gigabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
    told = ", ".join(f"{each:.1f}" for each in seconds)
    say(f"{told} CPU s, {gigabytes:.2f} GB, {checks} checks")
    how = f"`headgate validate`, parquet read and reports written, {checks} checks, Pass"
    how += f"; least of {told}: other work only adds"
    return [
        Line(name="drift of 1M x 30, CPU", value=min(seconds), unit="CPU s", limit=6, detail=how),
        Line(name="drift of 1M x 30, memory", value=gigabytes, unit="GB", limit=1, detail=how),
    ]


def cpu_seconds_of(command: list[str]) -> float:
    """Run a command; returns what the system counts as its time, in user and kernel mode."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="of the 5 columns; 100 unless told")
    options = parser.parse_args()
    return report([*cost_of_a_million(), exactly_five(options.seeds)], options.json)


if __name__ == "__main__":
    sys.exit(main())
