"""Whether the canary's share of requests is that of its replicas: keep-alive clients included.

The realised share is counted from 30 s after the step took effect, for clients that keep their
connection, for those that open a new one each time, and for both together.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hack.demo.record import Record
from tests.builders.resources import a_canary_of
from tests.e2e.space import Space
from tests.load.arena import a_space, start_load
from tests.load.lines import Line, arguments, report, say

RATE = 200.0
CLIENTS = ("--kept", "100")
"""So many keep-alive clients that their choice of pods evens out: each meets a new one in 4 s."""
AFTER_SECONDS, WINDOW_SECONDS = 30.0, 60.0
STABLE_PODS, CANARY_PODS = 3, 1
QUARTER = a_canary_of({"setWeight": 25}, {"pause": {}})


@dataclass
class SharesRecord(Record):
    """Also keeps who answered which kind of client, from a moment on."""

    counted_from: float = float("inf")
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, line: str) -> bool:
        """Add a line of the generator."""
        taken = super().take(line)
        if taken and self.at > self.counted_from + 1:
            for count in json.loads(line)["counts"]:
                self.answers[count["connection"], count["version"]] += count["requests"]
        return taken

    def share(self, version: str, *kinds: str) -> float:
        """Return a version's part of the answers to these kinds of clients, in percent."""
        total = sum(n for (kind, _), n in self.answers.items() if kind in kinds)
        return 100 * sum(self.answers[kind, version] for kind in kinds) / total if total else 0.0


def measure_in(space: Space) -> Line:
    space.serve("v1", replicas=STABLE_PODS, strategy=QUARTER)
    load = start_load(space, RATE, CLIENTS)
    record = load.record = SharesRecord()
    space.create_version("v2")
    space.edit(version="v2")
    space.wait_at_pause("v2", seconds=120)
    shown = {entry["name"]: entry["share"] for entry in space.status()["versions"]}
    say(f"the step is in effect; status shows {shown}")
    time.sleep(AFTER_SECONDS)
    record.counted_from = record.at
    time.sleep(WINDOW_SECONDS)
    load.stop()
    wanted = 100 * CANARY_PODS / (STABLE_PODS + CANARY_PODS)
    found = {
        "keep-alive": record.share("v2", "kept"),
        "new": record.share("v2", "new"),
        "all": record.share("v2", "kept", "new"),
    }
    text = ", ".join(f"{name} {share:.1f}%" for name, share in found.items())
    return Line(
        name="realised share off the replicas' share",
        value=max(abs(share - wanted) for share in found.values()),
        unit="points",
        limit=5,
        detail=f"{wanted:.0f}% of pods; {text} of {record.answers.total():,} requests",
    )


def measure() -> list[Line]:
    with a_space("shares") as space:
        return [measure_in(space)]


def main() -> int:
    options = arguments(__doc__).parse_args()
    return report(measure(), options.json)


if __name__ == "__main__":
    sys.exit(main())
