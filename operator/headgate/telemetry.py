"""What the operator tells about itself: Prometheus metrics and structured logs.

Metrics of Models are made at scrape time from what is kept here in a few bytes each: 2,000 Models
as live metric objects would be 15 MB.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from headgate.streamgateway.telemetry import GatewayMetrics

# From a pass at rest (well under a millisecond) to one that waits for a slow API server.
PASS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


@dataclass(frozen=True, slots=True)
class ModelGauges:
    """What the metrics show of one Model."""

    phase: str
    weights: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)


class ModelMetrics(Collector):
    """The last known phase, weights and shares of every Model."""

    def __init__(self) -> None:
        """Know no Model yet."""
        self._models: dict[tuple[str, str], ModelGauges] = {}

    def set(
        self,
        namespace: str,
        name: str,
        phase: str,
        weights: Mapping[str, float],
        shares: Mapping[str, float],
    ) -> None:
        """Replace what is told of one Model: percent wanted and got, by version name."""
        self._models[namespace, name] = ModelGauges(phase, dict(weights), dict(shares))

    def forget(self, namespace: str, name: str) -> None:
        """Tell no more of a Model that is gone."""
        self._models.pop((namespace, name), None)

    def clear(self) -> None:
        """Tell nothing: another replica leads now, and tells."""
        self._models.clear()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the series for one scrape."""
        phases = GaugeMetricFamily(
            "headgate_model_phase",
            "1 for the phase that a Model is in",
            labels=["namespace", "model", "phase"],
        )
        weights = GaugeMetricFamily(
            "headgate_model_weight",
            "Percent of requests that the rollout wants a version to get",
            labels=["namespace", "model", "version"],
        )
        shares = GaugeMetricFamily(
            "headgate_model_share",
            "Percent of the Service's endpoints that a version has",
            labels=["namespace", "model", "version"],
        )
        for (namespace, name), model in list(self._models.items()):
            phases.add_metric([namespace, name, model.phase], 1.0)
            for version, weight in model.weights.items():
                weights.add_metric([namespace, name, version], weight)
            for version, share in model.shares.items():
                shares.add_metric([namespace, name, version], share)
        return (phases, weights, shares)


class Metrics:
    """All metrics of the operator, in a registry of their own."""

    def __init__(self) -> None:
        """Create the series."""
        self.registry = registry = CollectorRegistry()
        self.models = ModelMetrics()
        registry.register(self.models)
        self.gateways = GatewayMetrics()
        registry.register(self.gateways)
        self._reconciles = Counter(
            "headgate_reconciles", "Passes by how they ended", ["kind", "result"], registry=registry
        )
        self._seconds = Histogram(
            "headgate_reconcile_duration_seconds",
            "Duration of a pass",
            ["kind"],
            buckets=PASS_SECONDS,
            registry=registry,
        )
        self._errors = Counter(
            "headgate_reconcile_errors",
            "Passes that failed, by the API server's reason",
            ["kind", "reason"],
            registry=registry,
        )
        self._retries = Counter(
            "headgate_retries", "Passes that repeat a failed one", ["kind"], registry=registry
        )
        self._requests = Counter(
            "headgate_api_requests",
            "Requests to the API server",
            ["verb", "resource", "code"],
            registry=registry,
        )
        self.events_dropped = Counter(
            "headgate_events_dropped", "Events that could not be written", registry=registry
        )

    def watch(
        self,
        depth: Callable[[], float],
        scheduled: Callable[[], float],
        leading: Callable[[], bool],
    ) -> None:
        """Read these at every scrape."""
        for name, text, read in (
            ("headgate_queue_depth", "Keys that wait for a worker", depth),
            ("headgate_queue_scheduled", "Keys that wait for their time", scheduled),
            ("headgate_leading", "1 on the replica that writes", lambda: float(leading())),
        ):
            Gauge(name, text, registry=self.registry).set_function(read)

    def passed(self, kind: str, result: str, seconds: float) -> None:
        """Count one pass."""
        self._reconciles.labels(kind, result).inc()
        self._seconds.labels(kind).observe(seconds)

    def failed(self, kind: str, reason: str) -> None:
        """Count one failure, which will be tried again."""
        self._errors.labels(kind, reason).inc()
        self._retries.labels(kind).inc()

    def requested(self, verb: str, resource: str, code: str) -> None:
        """Count one request to the API server."""
        self._requests.labels(verb, resource, code).inc()


def set_up_logs(level: str = "INFO") -> None:
    """Write every log line, ours and the libraries', as one JSON object to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # without local variables: one may be a token
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # kopf reports its activities, of which there are four in a process's life.
    logging.getLogger("kopf").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
