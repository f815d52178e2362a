"""How many edge pods there should be: what the spec says, or what load asks for."""

from dataclasses import dataclass
from datetime import datetime

from headgate.core.conditions import Fact, truth
from headgate.core.reasons import Reason
from headgate.streamgateway.amounts import cpu_requested, memory_limit
from headgate.streamgateway.decide.autoscale import (
    History,
    PodPhase,
    PodSignals,
    Sample,
    Targets,
    decide_replicas,
    default_connections_per_pod,
)
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.types import Autoscaling, StreamGatewaySpec

BYTES_PER_CONNECTION = 55 * 1024
"""Of a server's memory, measured with 19,000 on one."""
MOST_CONNECTIONS = 65_536
"""What the configuration of NATS servers lets in."""
POD_START_SECONDS = 10.0
ACTIVE = "ScalingActive"


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A number of pods, and why."""

    replicas: int
    why: str
    fact: Fact | None = None
    """The condition ScalingActive, while load decides."""


def desired_of(seen: Observed, history: History, now: datetime) -> Desired:
    """Return how many edge pods there should be."""
    autoscaling = seen.spec.autoscaling
    if autoscaling is None:
        return Desired(replicas=seen.spec.replicas, why=f"spec.replicas is {seen.spec.replicas}")
    targets = targets_of(seen.spec, autoscaling)
    current = seen.status.desired_replicas or autoscaling.min_replicas
    scaling = decide_replicas(targets, history, current, now.timestamp())
    reason = scaling.reason
    blind = reason in {Reason.METRICS_MISSING, Reason.NOTHING_MEASURED}
    told = _told_before(seen, scaling.desired, reason) or scaling.message
    return Desired(
        replicas=scaling.desired,
        why=told,
        fact=Fact(type=ACTIVE, status=truth(not blind), reason=reason, message=told),
    )


def _told_before(seen: Observed, desired: int, reason: Reason) -> str:
    """Return what was said when this was first so: the figures of every look are not worth a write.

    Empty where something else was said, or nothing.
    """
    same = (
        each.message
        for each in seen.status.conditions
        if each.type == ACTIVE and each.reason == reason.value
    )
    return next(same, "") if seen.status.desired_replicas == desired else ""


def targets_of(spec: StreamGatewaySpec, autoscaling: Autoscaling) -> Targets:
    """Return what one pod should carry by the spec, or by what it may use."""
    limit = MOST_CONNECTIONS if spec.engine.custom is None else None
    connections = autoscaling.connections_per_pod or default_connections_per_pod(
        file_limit=None,  # of the node, which nothing tells
        memory_bytes=memory_limit(spec),
        bytes_per_connection=BYTES_PER_CONNECTION,
        configured_limit=limit,
    )
    return Targets(
        min_replicas=autoscaling.min_replicas,
        max_replicas=autoscaling.max_replicas,
        connections_per_pod=connections,
        connection_limit=limit,
        deliveries_per_second_per_pod=autoscaling.deliveries_per_second_per_pod,
        cpu_utilization=autoscaling.cpu_utilization,
        scale_down_seconds=autoscaling.scale_down.stabilization.total_seconds(),
        pod_start_seconds=POD_START_SECONDS,
    )


def sample_of(seen: Observed, now: datetime) -> Sample:
    """Return what all pods carry now."""
    cores, memory = cpu_requested(seen.spec), memory_limit(seen.spec)
    staying = {pod.name for pod in seen.staying}
    return Sample(
        time=now.timestamp(),
        pods=tuple(
            PodSignals(
                name=pod.name,
                phase=_phase(pod, leaving=pod.name not in staying),
                age_seconds=max(0.0, (now - pod.created_at).total_seconds()),
                connections=pod.connections,
                deliveries_per_second=pod.deliveries_per_second,
                cpu_share=_share(pod.cpu_cores, cores),
                memory_share=_share(pod.memory_bytes, memory),
            )
            for pod in seen.edges
            if not pod.over
        ),
        disrupted=seen.status.drain is not None or seen.status.candidate is not None,
    )


def _phase(pod: EdgePod, *, leaving: bool) -> PodPhase:
    if leaving:
        return PodPhase.LEAVING
    if pod.ready:
        return PodPhase.READY
    return PodPhase.UNREADY if pod.was_ready or pod.connections is not None else PodPhase.STARTING


def _share(used: float | None, of: float | None) -> float | None:
    return used / of if used is not None and of else None
