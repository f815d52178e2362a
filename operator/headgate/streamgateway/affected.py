"""Whose business a change is: from an object that changed to the gateways to reconcile."""

from collections.abc import Iterable

from headgate.kube.resources import STREAM_GATEWAYS, Key
from headgate.streamgateway.records import CoreSetRecord, GatewayPodRecord, GatewayRecord


def by_gateway(old: GatewayRecord | None, new: GatewayRecord | None) -> Iterable[Key]:
    """Return the gateway, unless only its status changed: who wrote that knows."""
    record = new or old
    if record is None:
        return
    if old is not None and new is not None and old.uid == new.uid:
        same = (old.generation, old.leaving) == (new.generation, new.leaving)
        if same and old.status_json != new.status_json:
            return
    yield Key(STREAM_GATEWAYS.kind, record.namespace, record.name)


def by_child(
    old: GatewayPodRecord | CoreSetRecord | None, new: GatewayPodRecord | CoreSetRecord | None
) -> Iterable[Key]:
    """Return the gateway of a pod or of a core."""
    record = new or old
    if record is not None and record.gateway:
        yield Key(STREAM_GATEWAYS.kind, record.namespace, record.gateway)
