"""From caches to what belongs to a gateway, before its servers are asked."""

from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.build.revision import core_size
from headgate.streamgateway.caches import GatewayCaches
from headgate.streamgateway.observed import CoreServers, EdgePod
from headgate.streamgateway.records import GatewayRecord, is_core
from headgate.streamgateway.types import StreamGatewaySpec


def edges_of(record: GatewayRecord, caches: GatewayCaches) -> tuple[EdgePod, ...]:
    """Return the gateway's own edge pods."""
    return tuple(
        sorted(
            (
                pod.edge
                for pod in caches.pods.by_index((record.namespace, record.name))
                if not is_core(pod) and pod.owner_uid == record.uid
            ),
            key=lambda pod: pod.name,
        )
    )


def core_pods_of(gateway: Gateway, caches: GatewayCaches) -> tuple[str, ...]:
    """Return the names of the core's pods, whoever made them."""
    pods = caches.pods.by_index((gateway.namespace, gateway.name))
    return tuple(sorted(pod.edge.name for pod in pods if is_core(pod)))


def core_of(record: GatewayRecord, spec: StreamGatewaySpec, caches: GatewayCaches) -> CoreServers:
    """Return how the core is."""
    place = (record.namespace, record.name)
    found = next(iter(caches.core_sets.by_index(place)), None)
    wanted = core_size(spec)
    if found is None:
        return CoreServers(wanted=wanted, ready=0)
    own = (
        pod.edge
        for pod in caches.pods.by_index(place)
        if is_core(pod) and pod.owner_uid == found.uid
    )
    return CoreServers(
        wanted=wanted,
        ready=found.ready,
        revision=found.revision,
        updated=found.updated if found.generation_seen else 0,
        servers=found.replicas,
        pods=tuple(sorted(own, key=lambda pod: pod.name)),
    )
