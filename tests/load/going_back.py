"""How fast a bad version is taken back: by errors, by crashes, whatever happens meanwhile."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.builders.resources import a_canary_of
from tests.e2e.artifacts import CANNOT_START, FAILS_ONE_IN_FIVE
from tests.e2e.space import Space
from tests.load.arena import (
    KEEP_ALIVE_ONLY,
    a_space,
    both_replicas,
    is_quiet,
    kill_the_leader,
    start_load,
)
from tests.load.lines import Line, arguments, report, say

RATE = 80.0
HALF = a_canary_of({"setWeight": 50}, {"pause": {}})
ROUNDS = 2
BAD = "v3"


def return_seconds(space: Space, *, more: Sequence[str] = (), kill: bool = False) -> float:
    """Return the time from the bad version's first bad answer to its last answer of all."""
    space.serve("v1", replicas=2, strategy=HALF)
    load = start_load(space, RATE, more)
    space.create_version(BAD, FAILS_ONE_IN_FIVE)
    space.edit(version=BAD)
    if kill:
        space.wait("a bad answer", lambda: load.record.of(BAD).failures > 0, seconds=120)
        kill_the_leader(space.kubectl)
    space.wait_until_rejected(BAD, seconds=120)
    space.wait(f"no answers of {BAD}", lambda: is_quiet(load, BAD), seconds=60)
    bad = load.stop().of(BAD)
    seconds = bad.last - bad.first_bad
    rate = bad.requests / max(1e-9, bad.last - bad.first)
    say(f"{seconds:.1f} s, {bad.failures} of {bad.requests} failed, {rate:.0f} requests/s on it")
    return seconds


def return_line(name: str, rounds: int, *, more: Sequence[str] = (), kill: bool = False) -> Line:
    """Return the slowest of some rounds."""
    say(name)
    found = []
    for _ in range(rounds):
        with a_space("back") as space:
            both_replicas(space.kubectl)
            found.append(return_seconds(space, more=more, kill=kill))
    return Line(
        name=name,
        value=max(found),
        unit="s",
        limit=10,
        detail=f"the slowest of {rounds}; {RATE:.0f} requests/s, half of them to the bad version",
    )


def crash_seconds(space: Space) -> float:
    """Return the time from a spec that names a version which cannot start to its rejection."""
    space.serve("v1", strategy=None)
    space.create_version("v4", CANNOT_START)
    begun = time.monotonic()
    space.edit(version="v4")
    rejection = space.wait_until_rejected("v4", seconds=120)
    say(f"{rejection['reason']}: {rejection['message'][:90]}")
    return time.monotonic() - begun


def crash_line(rounds: int) -> Line:
    """Return the slowest of some rounds."""
    say("a version that cannot start")
    found = []
    for _ in range(rounds):
        with a_space("crash") as space:
            found.append(crash_seconds(space))
    return Line(
        name="crash-looping version to rejected",
        value=max(found),
        unit="s",
        limit=30,
        detail=f"the slowest of {rounds}; from the edit, no settings",
    )


def measure(rounds: int) -> list[Line]:
    return [
        return_line("first bad answer to no traffic", rounds),
        return_line("the same, operator killed meanwhile", rounds, kill=True),
        return_line("the same, keep-alive clients only", rounds, more=KEEP_ALIVE_ONLY),
        crash_line(rounds),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    return report(measure(options.rounds), options.json)


if __name__ == "__main__":
    sys.exit(main())
