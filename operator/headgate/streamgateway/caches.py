"""The caches that passes over gateways read from."""

from dataclasses import dataclass

from headgate.kube.cache import Cache
from headgate.streamgateway.records import (
    CoreSetRecord,
    GatewayPodRecord,
    GatewayRecord,
    by_gateway,
    project_core_set,
    project_gateway,
    project_gateway_pod,
)


@dataclass(frozen=True, kw_only=True)
class GatewayCaches:
    """One cache per kind of object that is followed for gateways."""

    gateways: Cache[GatewayRecord]
    pods: Cache[GatewayPodRecord]
    core_sets: Cache[CoreSetRecord]


def empty_gateway_caches() -> GatewayCaches:
    """Return caches that know how to keep each kind, and hold nothing yet."""
    return GatewayCaches(
        gateways=Cache(project_gateway),
        pods=Cache(project_gateway_pod, by_gateway),
        core_sets=Cache(project_core_set, by_gateway),
    )
