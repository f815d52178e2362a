"""The gates on simulated rollouts: how often a healthy version is aborted, a bad one caught.

Every verdict is the production code's own (model/gates); numpy only draws the answers. Healthy
rollouts go on to their end and are looked at all the way: that is what an always-valid test is
for. Run: `python tests/load/false_alarms.py`; about half a minute.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.model.gates import error_ratio, latency
from headgate.model.gates.evidence import Arms, Sample, Tally, add_samples
from headgate.model.gates.latency import Histogram
from headgate.model.status_types import Arm
from headgate.model.types import Analysis
from tests.load.lines import Line, arguments, report, say

SEED = 20261123
ROLLOUTS = 2_000
CHECKED = 20
HEALTHY_RATE = 0.005
REQUESTS = 30_000
# The default steps and some that people choose; the weights are those that pods really realise.
WEIGHTS = ((0.1, 0.5), (0.05, 0.2, 0.5), (0.33, 0.5), (0.01, 0.1, 0.25), (0.5,))
REQUESTS_PER_LOOK = (20, 100, 500, 2_000)
ANALYSIS = Analysis()
GATE = ANALYSIS.error_ratio
BOUNDS = (*(0.0005 * 1.25**n for n in range(49)), float("inf"))


@dataclass(frozen=True)
class Look:
    """What came in between two looks: requests and errors of both sides."""

    canary: Arm
    stable: Arm


@dataclass(frozen=True)
class Outcome:
    """How one rollout ended: aborted or not, after so many answers of the canary."""

    aborted: bool
    canary_requests: int


def looks(random: np.random.Generator, ratio: float, requests: int) -> Iterator[Look]:
    """Draw one rollout: weights in turn, batches of varying size, a canary `ratio` times worse."""
    weights = WEIGHTS[random.integers(len(WEIGHTS))]
    per_look = REQUESTS_PER_LOOK[random.integers(len(REQUESTS_PER_LOOK))]
    count = max(len(weights), requests // per_look)
    sizes = random.poisson(per_look, count)
    shares = np.array([weights[place * len(weights) // count] for place in range(count)])
    canary = random.binomial(sizes, shares)
    stable = sizes - canary
    failed_canary = random.binomial(canary, HEALTHY_RATE * ratio)
    failed_stable = random.binomial(stable, HEALTHY_RATE)
    rows = np.stack([canary, failed_canary, stable, failed_stable], axis=1).tolist()
    for canary_requests, canary_errors, stable_requests, stable_errors in rows:
        yield Look(
            Arm(requests=canary_requests, errors=canary_errors),
            Arm(requests=stable_requests, errors=stable_errors),
        )


def judge(seen: Iterator[Look]) -> Outcome:
    """Return what the error gate makes of one rollout, looked at after every batch."""
    evidence: tuple[float, ...] = ()
    canary = stable = (0, 0)
    for look in seen:
        evidence = error_ratio.add_errors(
            evidence, canary=look.canary, stable=look.stable, max_ratio=GATE.max
        )
        canary = (canary[0] + look.canary.requests, canary[1] + look.canary.errors)
        stable = (stable[0] + look.stable.requests, stable[1] + look.stable.errors)
        if not look.canary.errors:
            continue  # the evidence cannot have grown
        if error_ratio.exceeded(
            evidence,
            canary=Arm(requests=canary[0], errors=canary[1]),
            stable=Arm(requests=stable[0], errors=stable[1]),
            max_ratio=GATE.max,
            alpha=GATE.alpha,
        ):
            return Outcome(True, canary[0])
    return Outcome(False, canary[0])


def judge_by_counters(seen: Iterator[Look]) -> Outcome:
    """Return the same from growing counters of two pods, as the operator reads them."""
    arms = Arms(canary="v2", stable="v1", since=0.0)
    tally, counters = Tally(), {"v2": (0, 0), "v1": (0, 0)}
    for look in seen:
        for version, new in (("v2", look.canary), ("v1", look.stable)):
            requests, errors = counters[version]
            counters[version] = (requests + new.requests, errors + new.errors)
        samples = [
            Sample(pod=version, version=version, started=1.0, requests=requests, errors=errors)
            for version, (requests, errors) in counters.items()
        ]
        tally = add_samples(tally, samples, arms, ANALYSIS, frozenset(counters))
        evidence = tally.evidence
        if error_ratio.exceeded(
            evidence.error_log_likelihoods,
            canary=evidence.canary,
            stable=evidence.stable,
            max_ratio=GATE.max,
            alpha=GATE.alpha,
        ):
            return Outcome(True, evidence.canary.requests)
    return Outcome(False, tally.evidence.canary.requests)


def rollouts(ratio: float, count: int, requests: int = REQUESTS) -> list[Outcome]:
    """Return how so many rollouts end; the same ones in every run."""
    streams = np.random.default_rng([SEED, int(ratio * 10)]).spawn(count)
    return [judge(looks(stream, ratio, requests)) for stream in streams]


def check_against_counters(ratio: float, outcomes: Sequence[Outcome]) -> None:
    """Prove on a sample that judging the drawn batches is judging the pods' counters."""
    streams = np.random.default_rng([SEED, int(ratio * 10)]).spawn(CHECKED)
    again = [judge_by_counters(looks(stream, ratio, REQUESTS)) for stream in streams]
    if again != list(outcomes[:CHECKED]):
        raise AssertionError(f"ratio {ratio}: counters lead to other verdicts than batches")


def durations(random: np.random.Generator, count: int, scale: float, spread: float) -> Histogram:
    """Draw so many durations, log-normal around `scale` seconds, as a histogram of the server's."""
    drawn = random.lognormal(np.log(scale), spread, count)
    places = np.searchsorted(BOUNDS, drawn)
    counts = np.bincount(places, minlength=len(BOUNDS))
    return Histogram(bounds=BOUNDS, counts=tuple(counts.tolist()))


def is_too_slow(random: np.random.Generator) -> bool:
    """Return what the latency gate makes of one healthy rollout, on a node that gets busy."""
    scale = float(random.choice([0.002, 0.02, 0.2]))
    spread = float(random.choice([0.2, 0.5, 1.0]))
    gate, stable = ANALYSIS.latency, Histogram()
    slow, slow_beside = Arm(), Arm()
    evidence: tuple[float, ...] = ()
    for look in range(100):
        busy = scale * (10.0 if look // 10 % 3 == 2 else 1.0)
        limit = latency.limit_from(
            stable,
            quantile=gate.quantile,
            max_ratio=gate.max_ratio,
            tolerance=gate.tolerance.total_seconds(),
        )
        beside = durations(random, 450, busy, spread)
        canary = latency.slow_answers(durations(random, 50, busy, spread), limit)
        others = latency.slow_answers(beside, limit)
        slow = Arm(requests=slow.requests + canary.requests, errors=slow.errors + canary.errors)
        slow_beside = Arm(
            requests=slow_beside.requests + others.requests,
            errors=slow_beside.errors + others.errors,
        )
        evidence = latency.add_answers(evidence, canary=canary, stable=others)
        stable = stable.plus(beside)
        if latency.exceeded(
            evidence, canary=slow, stable=slow_beside, quantile=gate.quantile, alpha=GATE.alpha
        ):
            return True
    return False


def percent(outcomes: Sequence[Outcome]) -> float:
    return 100 * sum(outcome.aborted for outcome in outcomes) / len(outcomes)


def caught_line(name: str, ratio: float, at_least: float) -> Line:
    """Return the line of a canary that fails `ratio` times as often."""
    outcomes = rollouts(ratio, ROLLOUTS)
    check_against_counters(ratio, outcomes)
    needed = median(outcome.canary_requests for outcome in outcomes if outcome.aborted)
    simulated = sum(outcome.canary_requests for outcome in outcomes)
    say(f"{name}: median of {needed:.0f} requests to the canary")
    return Line(
        name=name,
        value=percent(outcomes),
        unit="% caught",
        limit=at_least,
        at_least=True,
        detail=f"{ROLLOUTS} rollouts of {REQUESTS} requests at most, {simulated:,} to canaries; "
        f"caught after {needed:.0f} canary requests in the median",
    )


def measure() -> list[Line]:
    """Return all lines of this script."""
    healthy = rollouts(1.0, ROLLOUTS)
    check_against_counters(1.0, healthy)
    say("healthy rollouts judged")
    lines = [
        Line(
            name="healthy rollouts aborted by the error gate",
            value=percent(healthy),
            unit="%",
            limit=100 * GATE.alpha,
            detail=f"{ROLLOUTS} rollouts of {REQUESTS} requests, {HEALTHY_RATE:.1%} errors, "
            f"{sum(o.canary_requests for o in healthy):,} requests to canaries, "
            f"looks of {min(REQUESTS_PER_LOOK)} to {max(REQUESTS_PER_LOOK)} requests",
        ),
        caught_line("threefold error ratio caught", 3.0, 99.0),
        caught_line("tenfold error ratio caught", 10.0, 99.0),
    ]
    streams = np.random.default_rng([SEED, 1]).spawn(ROLLOUTS // 5)
    alarms = sum(is_too_slow(stream) for stream in streams)
    lines.append(
        Line(
            name="healthy rollouts aborted by the latency gate",
            value=100 * alarms / len(streams),
            unit="%",
            limit=100 * GATE.alpha,
            detail=f"{len(streams)} rollouts of 50,000 answers, equal log-normal durations",
        )
    )
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and report."""
    options = arguments(__doc__).parse_args(argv)
    return report(measure(), options.json)


if __name__ == "__main__":
    sys.exit(main())
