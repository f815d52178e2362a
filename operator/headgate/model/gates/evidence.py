"""From the counters of serving pods to the gates' evidence. Pure; the scraping is in gauges/.

Counters only ever grow within one life of a process. A pod that was seen before adds what it has
more since; a new life adds all that it has; a process that is older than the rollout and was never
seen adds nothing yet: what it answered before the rollout is no part of the comparison.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from headgate.model.gates import alone, error_ratio, latency
from headgate.model.gates.latency import Histogram
from headgate.model.status_types import Arm, Evidence, PodCounters
from headgate.model.types import Analysis

LARGEST_COUNT = 2**62
"""What fits into a status, whatever servers claim to have counted."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One scrape of one pod; `started` is the process's start in seconds since 1970."""

    pod: str
    version: str
    started: float
    requests: int
    errors: int
    histogram: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True, kw_only=True)
class Arms:
    """Which version is judged, beside which one, and since when (epoch seconds).

    `before` is what an earlier version answered, where none is beside it any more.
    """

    canary: str
    stable: str | None
    since: float
    before: Arm | None = None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The evidence, and what is needed to add to it: histograms, which are not kept in status."""

    evidence: Evidence = field(default_factory=Evidence)
    stable_histogram: Histogram = field(default_factory=Histogram)
    histograms: Mapping[str, tuple[float, Histogram]] = field(
        default_factory=lambda: MappingProxyType({})
    )


def add_samples(
    tally: Tally,
    samples: Iterable[Sample],
    arms: Arms,
    analysis: Analysis,
    pods_alive: frozenset[str],
) -> Tally:
    """Return the tally after one round of scrapes; equal to the old one when nothing happened."""
    known = {entry.pod: entry for entry in tally.evidence.pods if entry.pod in pods_alive}
    histograms = {pod: seen for pod, seen in tally.histograms.items() if pod in pods_alive}
    batch = {arms.canary: Arm(), arms.stable or "": Arm()}
    durations = {arms.canary: Histogram(), arms.stable or "": Histogram()}
    before = tally.evidence.before
    for sample in samples:
        if sample.version not in batch:
            continue
        if sample.version == arms.stable:
            before = _sum(before, _all_answers(known.get(sample.pod), sample))
        new = _new_answers(known.get(sample.pod), sample, arms.since)
        batch[sample.version] = _sum(batch[sample.version], new)
        # A new pod's first answers are slow because it is new: they are not the version's.
        since = arms.since if sample.version == arms.stable else math.inf
        grown = _new_durations(histograms.get(sample.pod), sample, since)
        durations[sample.version] = durations[sample.version].plus(grown)
        known[sample.pod] = _counters(known.get(sample.pod), sample)
        histograms[sample.pod] = (sample.started, sample.histogram)
    evidence = _judged(tally, batch, durations, arms, analysis)
    pods = tuple(known[pod] for pod in sorted(known))
    counted = evidence.model_copy(update={"pods": pods, "before": before})
    return Tally(
        evidence=counted,
        stable_histogram=tally.stable_histogram.plus(durations[arms.stable or ""]),
        histograms=histograms,
    )


def _judged(
    tally: Tally,
    batch: Mapping[str, Arm],
    durations: Mapping[str, Histogram],
    arms: Arms,
    analysis: Analysis,
) -> Evidence:
    old = tally.evidence
    canary, stable = batch[arms.canary], batch[arms.stable or ""]
    earlier = arms.before if arms.stable is None else old.before
    by_itself = old.alone_log_likelihoods
    if earlier is not None and canary.requests and not stable.requests:
        limit_of_errors = analysis.error_ratio.max
        by_itself = alone.add_alone(by_itself, canary, before=earlier, max_ratio=limit_of_errors)
    if arms.stable is None:
        return old.model_copy(
            update={"canary": _sum(old.canary, canary), "alone_log_likelihoods": by_itself}
        )
    gate = analysis.latency
    limit = latency.limit_from(
        tally.stable_histogram,
        quantile=gate.quantile,
        max_ratio=gate.max_ratio,
        tolerance=gate.tolerance.total_seconds(),
    )
    slow_canary = latency.slow_answers(durations[arms.canary], limit)
    slow_stable = latency.slow_answers(durations[arms.stable], limit)
    return old.model_copy(
        update={
            "canary": _sum(old.canary, canary),
            "stable": _sum(old.stable, stable),
            "error_log_likelihoods": error_ratio.add_errors(
                old.error_log_likelihoods,
                canary=canary,
                stable=stable,
                max_ratio=analysis.error_ratio.max,
            ),
            "alone_log_likelihoods": by_itself,
            "slow_canary": _sum(old.slow_canary, slow_canary),
            "slow_stable": _sum(old.slow_stable, slow_stable),
            "latency_log_likelihoods": latency.add_answers(
                old.latency_log_likelihoods, canary=slow_canary, stable=slow_stable
            ),
        }
    )


def _sum(left: Arm, right: Arm) -> Arm:
    return Arm(
        requests=min(left.requests + right.requests, LARGEST_COUNT),
        errors=min(left.errors + right.errors, LARGEST_COUNT),
    )


def _counters(known: PodCounters | None, sample: Sample) -> PodCounters:
    """Return how far a pod's counters are counted: never back, or answers would count twice."""
    same_life = known is not None and known.started == sample.started
    return PodCounters(
        pod=sample.pod,
        started=sample.started,
        requests=max(sample.requests, known.requests if known and same_life else 0),
        errors=max(sample.errors, known.errors if known and same_life else 0),
    )


def _all_answers(known: PodCounters | None, sample: Sample) -> Arm:
    """Return what a pod adds to all that is known: at first sight also what came before."""
    return _new_answers(known, sample, since=0.0)


def _new_answers(known: PodCounters | None, sample: Sample, since: float) -> Arm:
    if known is not None and known.started == sample.started:
        return Arm(
            requests=max(0, sample.requests - known.requests),
            errors=max(0, sample.errors - known.errors),
        )
    if known is None and sample.started < since:
        return Arm()
    return Arm(requests=sample.requests, errors=sample.errors)


def _new_durations(
    known: tuple[float, Histogram] | None, sample: Sample, since: float
) -> Histogram:
    if known is not None and known[0] == sample.started:
        before = known[1]
        if before.bounds != sample.histogram.bounds:
            return Histogram()
        pairs = zip(sample.histogram.counts, before.counts, strict=True)
        counts = tuple(max(0, now - then) for now, then in pairs)
        return Histogram(bounds=sample.histogram.bounds, counts=counts)
    if known is None and sample.started < since:
        return Histogram()
    return sample.histogram
