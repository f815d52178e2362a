"""What the metrics show of gateways, made at scrape time from a few figures each."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import StreamGatewayStatus

_OF_GATEWAY = ("namespace", "gateway")


@dataclass(frozen=True, kw_only=True, slots=True)
class PodGauges:
    """One edge pod; None where it did not say."""

    name: str
    connections: int | None
    slow_consumers: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayGauges:
    """One gateway."""

    phase: str
    desired: int
    ready: int
    skew: float
    moved: int
    forced: int
    pods: tuple[PodGauges, ...]


def gauges_of(seen: Observed, status: StreamGatewayStatus) -> GatewayGauges:
    """Return what is shown of a gateway, as it was last seen and written."""
    return GatewayGauges(
        phase=status.phase.value if status.phase is not None else "",
        desired=status.desired_replicas,
        ready=status.ready_replicas,
        skew=status.connections.skew if status.connections is not None else 1.0,
        moved=status.continuity.moved,
        forced=status.continuity.forced_closes,
        pods=tuple(
            PodGauges(name=pod.name, connections=pod.connections, slow_consumers=pod.slow_consumers)
            for pod in seen.edges
        ),
    )


class GatewayMetrics(Collector):
    """The last known figures of every gateway."""

    def __init__(self) -> None:
        """Know no gateway yet."""
        self._gateways: dict[tuple[str, str], GatewayGauges] = {}

    def set(self, namespace: str, name: str, gauges: GatewayGauges) -> None:
        """Replace what is told of one gateway."""
        self._gateways[namespace, name] = gauges

    def forget(self, namespace: str, name: str) -> None:
        """Tell no more of a gateway that is gone."""
        self._gateways.pop((namespace, name), None)

    def clear(self) -> None:
        """Tell nothing: another replica leads now, and tells."""
        self._gateways.clear()

    def collect(self) -> Iterable[Metric]:
        """Return the series for one scrape."""
        phases = _gauge("phase", "1 for the phase that a gateway is in", "phase")
        pods = _gauge("pods", "Edge pods, wanted and taking connections", "state")
        skews = _gauge("skew", "Connections of the fullest pod over the mean")
        connections = _gauge("connections", "Clients on an edge pod", "pod")
        slow = _gauge("slow_consumers", "Clients that a pod cut for not reading", "pod")
        moved = _counter("moved", "Connections that left when they were asked to")
        forced = _counter("forced_closes", "Connections cut because their deadline had passed")
        for place, gateway in list(self._gateways.items()):
            phases.add_metric([*place, gateway.phase], 1.0)
            pods.add_metric([*place, "desired"], gateway.desired)
            pods.add_metric([*place, "ready"], gateway.ready)
            skews.add_metric(place, gateway.skew)
            moved.add_metric(place, gateway.moved)
            forced.add_metric(place, gateway.forced)
            for pod in gateway.pods:
                if pod.connections is not None:
                    connections.add_metric([*place, pod.name], pod.connections)
                if pod.slow_consumers is not None:
                    slow.add_metric([*place, pod.name], pod.slow_consumers)
        return (phases, pods, skews, connections, slow, moved, forced)


def _gauge(name: str, text: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"headgate_gateway_{name}", text, labels=[*_OF_GATEWAY, *more])


def _counter(name: str, text: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"headgate_gateway_{name}", text, labels=list(_OF_GATEWAY))
