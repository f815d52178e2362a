"""The server's own counters, which the operator's gates read."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

_SMALLEST_SECONDS: Final = 0.0005
_FACTOR: Final = 1.25
_LARGEST_SECONDS: Final = 30.0
CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4


def latency_buckets() -> tuple[float, ...]:
    """Return the upper bounds, each 1.25 of the one before.

    A quantile read from them is off by 12% at most, wherever it lies between 0.5 ms and 30 s.
    """
    bounds = [_SMALLEST_SECONDS]
    while bounds[-1] < _LARGEST_SECONDS:
        bounds.append(float(f"{bounds[-1] * _FACTOR:.4g}"))
    return tuple(bounds)


class ServerMetrics:
    """Counts of infer requests by status code, and the time of those that reached the model.

    A 4xx is the client's fault: it is counted, but its time says nothing about the model.
    """

    def __init__(self, *, model: str, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        names = ("model", "version")
        self._requests = Counter(
            "headgate_requests",
            "Infer requests by HTTP status; 5xx are errors of the version.",
            (*names, "code"),
            registry=self.registry,
        )
        duration = Histogram(
            "headgate_request_duration_seconds",
            "Seconds from a whole infer request to its answer, for answers 2xx and 5xx.",
            names,
            buckets=latency_buckets(),
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "headgate_requests_in_flight",
            "Infer requests that wait for a thread or are computed.",
            names,
            registry=self.registry,
        ).labels(model, version)
        self._labels = (model, version)
        self._duration = duration.labels(*self._labels)
        # a series that starts at 0 lets its first error be seen as an increase
        self._by_code = {
            code: self._requests.labels(*self._labels, str(code)) for code in (200, 500)
        }

    def answered(self, code: int, seconds: float | None) -> None:
        """Count one infer request; `seconds` is None when the model had no part in it."""
        counter = self._by_code.get(code)
        if counter is None:
            counter = self._by_code[code] = self._requests.labels(*self._labels, str(code))
        counter.inc()
        if seconds is not None:
            self._duration.observe(seconds)

    def exposition(self) -> bytes:
        """Return everything in the Prometheus text format."""
        return generate_latest(self.registry)
