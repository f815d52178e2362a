"""Requests lost at 200 a second while a version is rolled out, scaled, bereft of pods, taken back.

Half of the clients keep their connection, half open a new one each time; GET and POST; nothing is
sent twice.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hack.demo.load import Load
from tests.builders.resources import a_canary_of
from tests.e2e.artifacts import FAILS_ONE_IN_FIVE
from tests.e2e.space import MODEL, Space
from tests.load.arena import a_space, is_quiet, start_load, unsent
from tests.load.lines import Line, arguments, report, say

RATE = 200.0
STEPS = a_canary_of(
    {"setWeight": 33}, {"pause": {"duration": "5s"}},
    {"setWeight": 50}, {"pause": {"duration": "5s"}},
)  # fmt: skip
SETTLE_SECONDS = 8.0
BAD = "v3"


def roll_out(space: Space, version: str) -> None:
    """Roll out a version, and lose a pod of the old one on the way."""
    say(f"{version} is rolled out")
    space.create_version(version)
    space.edit(version=version)
    space.wait_for_status("first step", lambda status: status.get("step") in {"1/4", "2/4"})
    lose_a_pod(space, "v1")
    space.wait_until_healthy(version, seconds=180)


def scale(space: Space, replicas: int) -> None:
    """Scale as `kubectl scale` and autoscalers do."""
    say(f"scale to {replicas}")
    space.kubectl.run("scale", "model", MODEL, "-n", space.name, f"--replicas={replicas}")
    space.wait_for_status(
        f"{replicas} ready",
        lambda status: (
            status["phase"] == "Healthy"
            and any(entry["readyReplicas"] == replicas for entry in status["versions"])
        ),
        seconds=90,
    )


def lose_a_pod(space: Space, version: str) -> None:
    """Delete a pod, as a drained node does."""
    doomed = space.pods_of(version)[0]["metadata"]["name"]
    say(f"delete {doomed}")
    space.kubectl.run("delete", "pod", doomed, "-n", space.name, "--wait=false")
    time.sleep(SETTLE_SECONDS)


def take_back(space: Space, load: Load) -> None:
    """Name a version that fails on one request in five, and wait until it is gone."""
    say(f"{BAD} is rolled out, and fails")
    space.create_version(BAD, FAILS_ONE_IN_FIVE)
    space.edit(version=BAD)
    space.wait_until_rejected(BAD, seconds=120)
    space.wait(f"no answers of {BAD}", lambda: is_quiet(load, BAD), seconds=30)
    space.wait(f"no pods of {BAD}", lambda: not space.pods_of(BAD), seconds=60)


def measure() -> list[Line]:
    with a_space("loss") as space:
        space.serve("v1", replicas=2, strategy=STEPS)
        load = start_load(space, RATE)
        roll_out(space, "v2")
        scale(space, 4)
        lose_a_pod(space, "v2")
        scale(space, 2)
        lose_a_pod(space, "v2")
        time.sleep(SETTLE_SECONDS)
        before, so_far = load.record.failures_outside([]), load.record.requests
        take_back(space, load)
        record = load.stop()
    after = record.failures_outside([BAD]) - before
    bad = record.of(BAD)
    say(f"failures: {dict(before)}; while {BAD} went back: {dict(after)}")
    return [
        Line(
            name="requests failed in v1 -> v2, 2 -> 4 -> 2, pods deleted",
            value=before.total(),
            unit="requests",
            limit=0,
            detail=f"of {so_far:,} at {RATE:.0f}/s{unsent(load)}",
        ),
        Line(
            name=f"requests failed while {BAD} goes back, not by itself",
            value=after.total(),
            unit="requests",
            limit=0,
            detail=f"of {record.requests - so_far:,}; {BAD} failed {bad.failures}"
            f" of its own {bad.requests}{unsent(load)}",
        ),
    ]


def main() -> int:
    options = arguments(__doc__).parse_args()
    return report(measure(), options.json)


if __name__ == "__main__":
    sys.exit(main())
