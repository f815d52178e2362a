"""Reads a serving pod's metrics page into a Sample. Pure: text in, figures out."""

import math
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as Line

from headgate.model.gates.evidence import LARGEST_COUNT, Sample
from headgate.model.gates.latency import Histogram

REQUESTS = "headgate_requests_total"
DURATIONS = "headgate_request_duration_seconds_bucket"
STARTED = "process_start_time_seconds"
# Nothing else is parsed: the parser can be kept busy for seconds, and everybody waits for it.
OURS = re.compile(rf"^(?:{REQUESTS}|{DURATIONS}|{STARTED})[{{ \t].*$", re.MULTILINE)
MOST_OF_OURS = 64 * 1024
FIRST_SERVER_ERROR = 500


def read_metrics(text: str, pod: str, version: str) -> Sample:
    """Return what a metrics page says; ValueError for a page that is none of the servers'.

    The page is whatever a pod answers, users' own images included: nothing in it is believed
    before it was looked at.
    """
    ours = "\n".join(OURS.findall(text))
    if len(ours) > MOST_OF_OURS:
        raise ValueError(f"pod {pod}: {len(ours)} bytes of metrics of ours, at most {MOST_OF_OURS}")
    families = text_string_to_metric_families(f"{ours}\n")
    lines = [line for family in families for line in family.samples]
    started = [line.value for line in lines if line.name == STARTED]
    if not started or not math.isfinite(started[0]):
        raise ValueError(f"pod {pod}: no {STARTED} in its metrics")
    counted = [line for line in lines if line.name == REQUESTS]
    return Sample(
        pod=pod,
        version=version,
        started=started[0],
        requests=_count(counted),
        errors=_count(line for line in counted if _is_error(line.labels)),
        histogram=_histogram(line for line in lines if line.name == DURATIONS),
    )


def _count(lines: Iterable[Line]) -> int:
    values = [line.value for line in lines]
    if not all(value >= 0 for value in values) or not sum(values) <= LARGEST_COUNT:
        raise ValueError(f"{REQUESTS} is no count: {values}")
    return int(sum(values))


def _is_error(labels: Mapping[str, str]) -> bool:
    code = labels.get("code", "")
    return code.isdecimal() and int(code) >= FIRST_SERVER_ERROR


def _histogram(lines: Iterable[Line]) -> Histogram:
    cumulative: dict[float, float] = {}
    for line in lines:
        bound = float(line.labels.get("le", "missing"))
        cumulative[bound] = cumulative.get(bound, 0) + line.value
    bounds = sorted(cumulative)
    steps = list(pairwise([0.0, *(cumulative[bound] for bound in bounds)]))
    if any(math.isnan(bound) for bound in bounds) or not all(
        low <= high <= LARGEST_COUNT for low, high in steps
    ):
        raise ValueError(f"{DURATIONS} is no histogram")
    return Histogram(bounds=tuple(bounds), counts=tuple(int(high - low) for low, high in steps))
