"""How often each test finds a difference where there is none, at 5%.

Every test that the suite selects or a policy can ask for, through the suite, and every test by
name that has a p: over null data of the shapes that its assumptions allow. A line is a test, its
value the worst rate over the shapes. Where a check has a bound, the truth lies on it.
Run: `python tests/load/validation_levels.py`; 400 sets of each shape, some ten minutes. In full:
`--sets 4000`, one to two hours on two idle cores; `--only ks ece` for some tests.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.jobs.validation.arithmetic import fix_arithmetic

fix_arithmetic()  # as the command line does, before anything imports numpy

from tests.load.levels.every import every_null
from tests.load.levels.null import Rate, limit, rates, worst_of
from tests.load.lines import Line, arguments, report, say

SETS = 400


def line_of(test: str, found: list[Rate]) -> Line:
    """Return a test's line: its worst shape, and all others after it."""
    return Line(
        name=f"false alarms, {test}",
        value=found[0].percent,
        unit="%",
        limit=limit(found[0].sets),
        detail=f"{found[0].sets} sets of each; {'; '.join(map(str, found))}",
    )


def told(rate: Rate) -> None:
    say(f"{rate.null.test}: {rate}")


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help=f"of each shape; {SETS} unless told")
    parser.add_argument("--only", nargs="+", default=[], metavar="TEST", help="these tests only")
    options = parser.parse_args()
    nulls = [null for null in every_null() if not options.only or null.test in options.only]
    if not nulls:
        parser.error(f"no such test: {', '.join(options.only)}")
    found = rates(nulls, options.sets, processes=os.cpu_count() or 1, done=told)
    lines = [line_of(test, each) for test, each in worst_of(found).items()]
    return report(lines, options.json)


if __name__ == "__main__":
    sys.exit(main())
