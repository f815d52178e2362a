"""Reads a serving pod's metrics page into a Sample. Pure: text in, figures out."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as Line

from headgate.model.gates.evidence import Sample
from headgate.model.gates.latency import Histogram

REQUESTS = "headgate_requests_total"
DURATIONS = "headgate_request_duration_seconds_bucket"
STARTED = "process_start_time_seconds"
FIRST_SERVER_ERROR = 500


def read_metrics(text: str, pod: str, version: str) -> Sample:
    """Return what a metrics page says; ValueError for a page that is none of the servers'."""
    lines = [line for family in text_string_to_metric_families(text) for line in family.samples]
    started = [line.value for line in lines if line.name == STARTED]
    if not started:
        raise ValueError(f"pod {pod}: no {STARTED} in its metrics")
    counted = [line for line in lines if line.name == REQUESTS]
    errors = (line.value for line in counted if _is_error(line.labels))
    return Sample(
        pod=pod,
        version=version,
        started=started[0],
        requests=int(sum(line.value for line in counted)),
        errors=int(sum(errors)),
        histogram=_histogram(line for line in lines if line.name == DURATIONS),
    )


def _is_error(labels: Mapping[str, str]) -> bool:
    code = labels.get("code", "")
    return code.isdigit() and int(code) >= FIRST_SERVER_ERROR


def _histogram(lines: Iterable[Line]) -> Histogram:
    cumulative: dict[float, float] = {}
    for line in lines:
        bound = float(line.labels["le"])
        cumulative[bound] = cumulative.get(bound, 0) + line.value
    bounds = sorted(cumulative)
    steps = pairwise([0.0, *(cumulative[bound] for bound in bounds)])
    return Histogram(bounds=tuple(bounds), counts=tuple(int(high - low) for low, high in steps))
