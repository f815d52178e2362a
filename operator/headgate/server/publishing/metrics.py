"""What became of predictions: counters beside those of requests."""

from collections.abc import Callable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge


class Dropped(StrEnum):
    """Why a prediction was not published."""

    BUFFER_FULL = "buffer_full"
    """Newer ones took its place while the gateway was away, or slower than requests."""
    NOT_STORED = "not_stored"
    """No stream took it: refused, or not answered in time."""
    TOO_LARGE = "too_large"
    """Even its names and shapes are longer than a message may be."""


class PublishingMetrics:
    """Counters and gauges of one server's predictions."""

    def __init__(self, registry: CollectorRegistry, *, model: str, version: str) -> None:
        names, labels = ("model", "version"), (model, version)
        self.published = Counter(
            "headgate_predictions_published",
            "Predictions that a stream has stored.",
            names,
            registry=registry,
        ).labels(*labels)
        dropped = Counter(
            "headgate_predictions_dropped",
            "Predictions that were not published, by why.",
            (*names, "reason"),
            registry=registry,
        )
        # a series that starts at 0 lets its first drop be seen as an increase
        self._dropped = {reason: dropped.labels(*labels, reason.value) for reason in Dropped}
        self._buffered = Gauge(
            "headgate_predictions_buffered",
            "Predictions that wait to be published.",
            names,
            registry=registry,
        ).labels(*labels)
        self.connected = Gauge(
            "headgate_predictions_connected",
            "1 while the server is connected to the gateway that its predictions go to.",
            names,
            registry=registry,
        ).labels(*labels)

    def drop(self, reason: Dropped, count: int = 1) -> None:
        """Count predictions that nobody will get."""
        self._dropped[reason].inc(count)

    def watch(self, waiting: Callable[[], int]) -> None:
        """Show how many wait, whenever somebody looks."""
        self._buffered.set_function(lambda: float(waiting()))
