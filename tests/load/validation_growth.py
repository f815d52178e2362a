"""What a drift suite of 30 columns costs from 10,000 rows to 10 million, which are streamed.

Run: `python tests/load/validation_growth.py`; about five minutes, and 5 GB of disk for a while.
`--most 1000000` for less.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.load.lines import Line, arguments, report, say
from tests.load.validation_drift import COLUMNS, HEADGATE, POLICY, SEED

ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
AT_ONCE = 250_000
MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True)
class Cost:
    """What a run took, by the system's own count of its process."""

    rows: int
    cpu_seconds: float
    gigabytes: float


def a_file(path: Path, rows: int, seed: int) -> Path:
    """Write a file part by part, so that making it takes less memory than is measured."""
    random = np.random.default_rng([SEED, seed, rows])
    names = [f"c{place}" for place in range(COLUMNS)]
    schema = pa.schema([(name, pa.float64()) for name in names])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, AT_ONCE):
            count = min(AT_ONCE, rows - start)
            writer.write_table(pa.table({name: random.normal(size=count) for name in names}))
    return path


def cost_of(rows: int) -> Cost:
    """Validate two files of so many rows in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="headgate-bench-") as name:
        folder = Path(name)
        (folder / "policy.yaml").write_text(POLICY)
        command = [str(HEADGATE), "validate", str(folder / "policy.yaml")]
        for role, seed in (("reference", 1), ("candidate", 2)):
            command += [f"--{role}", str(a_file(folder / f"{role}.parquet", rows, seed))]
        command += ["--out", str(folder / "out")]
        # by a process between: the largest child of this one may be that of another size
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True
        )
    code, cpu_seconds, kilobytes = done.stdout.split()
    if code not in {"0", "2"}:  # 10,000 rows are too few to decide
        raise RuntimeError(f"exit code {code}: {done.stderr}")
    cost = Cost(rows, float(cpu_seconds), int(kilobytes) * 1024 / 1e9)
    say(f"{rows:>10,} rows: {cost.cpu_seconds:6.1f} CPU s, {cost.gigabytes:.2f} GB")
    return cost


def lines_of(costs: list[Cost]) -> list[Line]:
    how = f"`headgate validate`, {COLUMNS} columns, both files read and reports written"
    shown = "; ".join(f"{cost.rows:,}: {cost.cpu_seconds:.1f} CPU s" for cost in costs)
    memory = "; ".join(f"{cost.rows:,}: {cost.gigabytes:.2f} GB" for cost in costs)
    least, most = costs[0], costs[-1]
    per_row = (most.cpu_seconds - least.cpu_seconds) / (most.rows - least.rows) * 1e6
    return [
        Line(
            name=f"drift of {most.rows // 1_000_000}M x {COLUMNS}, streamed, memory",
            value=most.gigabytes,
            unit="GB",
            limit=2,
            detail=f"{how}; {memory}",
        ),
        Line(
            name=f"drift of {COLUMNS} columns, growth by rows",
            value=per_row,
            unit="CPU s per million rows",
            limit=12,
            detail=f"{how}; {shown}",
        ),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--most", type=int, default=ROWS[-1], help="rows; 10,000,000 unless told")
    options = parser.parse_args()
    costs = [cost_of(rows) for rows in ROWS if rows <= options.most]
    return report(lines_of(costs), options.json)


if __name__ == "__main__":
    sys.exit(main())
