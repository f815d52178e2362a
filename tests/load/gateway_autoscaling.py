"""The autoscaler of gateways beside Kubernetes' and Knative's, simulated on six traces.

Run: `python tests/load/gateway_autoscaling.py`; about two minutes. All aim at 70 % of what a pod
holds, in the same pool, and see the same figures. Four settings: clients spread at random by the
Service alone; Headgate's pool rebalanced, as it is in a cluster; every pool rebalanced; and, as if
there were a queue before the pods, refused clients seen by all (otherwise a full pod shows 143 % of
its target at most, where Knative panics from 200 % on).

Refused: attempts of clients at a pod that is full; each tries again 2 to 6 s later.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from tests.load.autoscaling.headgate import Headgate
from tests.load.autoscaling.horizontal import Horizontal
from tests.load.autoscaling.knative import Knative
from tests.load.autoscaling.policy import Policy
from tests.load.autoscaling.simulation import Outcome, simulate
from tests.load.autoscaling.traces import TRACES
from tests.load.lines import Line, arguments, report, say

SEEDS = (20261128, 20261129, 20261130, 20261131, 20261132)
AHEAD = 0.99
MOST_POD_MINUTES = 1.1


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a pool treats its clients, and what its figures show."""

    rebalances: bool = False
    shows_waiting: bool = False


@dataclass(frozen=True, kw_only=True)
class Mean:
    """What a policy came to on one trace, averaged over the seeds."""

    trace: str
    refused: float
    pod_minutes: float
    events: float
    most_pods: int


PLAIN = Setting()
REBALANCED = Setting(rebalances=True)
QUEUED = Setting(shows_waiting=True)
COMPARED = (
    ("at random", PLAIN, PLAIN),
    ("rebalanced", REBALANCED, PLAIN),
    ("all rebalanced", REBALANCED, REBALANCED),
    ("waiting seen", QUEUED, QUEUED),
)
"""Name, setting of Headgate's pool, setting of the others'."""


def measure(policy: Callable[[], Policy], setting: Setting) -> list[Mean]:
    means = []
    for make in TRACES:
        outcomes = []
        for seed in SEEDS:
            trace = make(np.random.default_rng(seed))
            outcomes.append(
                simulate(
                    trace,
                    policy(),
                    seed,
                    rebalances=setting.rebalances,
                    shows_waiting=setting.shows_waiting,
                )
            )
        means.append(mean(trace.name, outcomes))
    return means


def mean(trace: str, outcomes: list[Outcome]) -> Mean:
    return Mean(
        trace=trace,
        refused=sum(o.refused for o in outcomes) / len(outcomes),
        pod_minutes=sum(o.pod_minutes for o in outcomes) / len(outcomes),
        events=sum(o.events for o in outcomes) / len(outcomes),
        most_pods=max(o.most_pods for o in outcomes),
    )


def show(name: str, by_policy: dict[str, list[Mean]]) -> None:
    print(
        f"\n{name}:\n  {'trace':16} {'':9} {'refused':>9} {'pod-min':>8} {'events':>7} {'most':>5}"
    )
    for rows in zip(*by_policy.values(), strict=True):
        for policy, row in zip(by_policy, rows, strict=True):
            print(
                f"  {row.trace:16} {policy:9} {row.refused:9.0f} {row.pod_minutes:8.0f} "
                f"{row.events:7.1f} {row.most_pods:5d}"
            )
    for policy, means in by_policy.items():
        print(
            f"  {'sum':16} {policy:9} {sum(m.refused for m in means):9.0f} "
            f"{sum(m.pod_minutes for m in means):8.0f} {sum(m.events for m in means):7.1f}",
            flush=True,
        )


def lines(name: str, by_policy: dict[str, list[Mean]]) -> list[Line]:
    ours = by_policy["headgate"]
    found = []
    for other, theirs in list(by_policy.items())[1:]:
        refused = sum(m.refused for m in ours), sum(m.refused for m in theirs)
        minutes = sum(m.pod_minutes for m in ours), sum(m.pod_minutes for m in theirs)
        events = sum(m.events for m in ours), sum(m.events for m in theirs)
        by_trace = ", ".join(
            f"{m.trace} {m.refused:.0f}/{t.refused:.0f}" for m, t in zip(ours, theirs, strict=True)
        )
        found += [
            Line(
                name=f"refused connections, {name}, against {other}",
                value=refused[0] / refused[1] if refused[1] else float("nan"),
                unit="of theirs",
                limit=AHEAD,
                detail=f"{refused[0]:.0f}/{refused[1]:.0f}: {by_trace}",
            ),
            Line(
                name=f"pod-minutes, {name}, against {other}",
                value=minutes[0] / minutes[1],
                unit="of theirs",
                limit=MOST_POD_MINUTES,
                detail=f"{minutes[0]:.0f}/{minutes[1]:.0f}; "
                f"scale events {events[0]:.0f}/{events[1]:.0f}",
            ),
        ]
    return found


def main() -> int:
    options = arguments(__doc__).parse_args()
    policies: tuple[Callable[[], Policy], ...] = (Headgate, Horizontal, Knative)
    measured = {}
    for setting in (PLAIN, REBALANCED, QUEUED):
        for policy in policies:
            measured[policy().name, setting] = measure(policy, setting)
            say(f"{policy().name}, {setting}")
    found = []
    for name, ours, theirs in COMPARED:
        by_policy = {
            policy().name: measured[policy().name, ours if policy is Headgate else theirs]
            for policy in policies
        }
        show(name, by_policy)
        found += lines(name, by_policy)
    print()
    return report(found, options.json)


if __name__ == "__main__":
    sys.exit(main())
