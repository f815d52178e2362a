"""What the CRD cannot say of a gateway's spec, and says again to objects older than a rule."""

from collections.abc import Iterator
from datetime import timedelta

from headgate.core.quantities import parse_quantity
from headgate.core.resource import Problem, unbuilt_parts
from headgate.modelversion.types import RESERVED_ENV
from headgate.streamgateway.amounts import cpu_requested
from headgate.streamgateway.engines.nats.subjects import do_overlap, problem_with_subject
from headgate.streamgateway.types import (
    CUSTOM_HAS,
    MAX_NAME,
    CustomEngine,
    StreamGatewaySpec,
)

LONGEST_DEADLINE = timedelta(minutes=30)


def problems_of(spec: StreamGatewaySpec, name: str) -> tuple[Problem, ...]:
    """Return everything that keeps a spec from being carried out."""
    return (
        *_bad_name(name),
        *unbuilt_parts(spec),
        *_bad_drain(spec),
        *_part_of_nothing(spec),
        *_overlapping(spec),
        *_without_limit(spec),
        *_too_large(spec),
        *_lost_with_its_pod(spec),
        *_of_another_engine(spec),
    )


def _bad_name(name: str) -> Iterator[Problem]:
    if len(name) > MAX_NAME:
        text = f"has {len(name)} characters, at most {MAX_NAME}: pods are named after it"
        yield Problem("metadata.name", text)
    if "." in name or not name[:1].isalpha():
        text = "begins with a letter and has no dot, because a Service is named after it"
        yield Problem("metadata.name", text)


def _bad_drain(spec: StreamGatewaySpec) -> Iterator[Problem]:
    if spec.drain.window > spec.drain.deadline:
        yield Problem("spec.drain.window", "must not be longer than deadline")
    if spec.drain.deadline > LONGEST_DEADLINE:
        yield Problem("spec.drain.deadline", "must be 30m at most")


def _part_of_nothing(spec: StreamGatewaySpec) -> Iterator[Problem]:
    """Without a request of CPU no pod's share is ever known, and the pool would only grow."""
    autoscaling = spec.autoscaling
    if autoscaling is None or autoscaling.cpu_utilization is None:
        return
    if cpu_requested(spec) is None:
        text = "is a part of spec.resources.requests.cpu, and neither it nor limits.cpu is set"
        yield Problem("spec.autoscaling.cpuUtilization", text)


def _overlapping(spec: StreamGatewaySpec) -> Iterator[Problem]:
    kept = [
        (index, place, subject, stream.name)
        for index, stream in enumerate(spec.streams)
        for place, subject in enumerate(stream.subjects)
    ]
    for number, (index, place, subject, name) in enumerate(kept):
        where = f"spec.streams[{index}].subjects[{place}]"
        wrong = problem_with_subject(subject)
        if wrong:
            yield Problem(where, f"{subject}: {wrong}")
            continue
        for _, _, other, owner in kept[:number]:
            if do_overlap(subject, other):
                text = f"{subject} of {name} and {other} of {owner} have subjects in common:"
                yield Problem(where, f"{text} a message is kept by one stream only")
                break


def _without_limit(spec: StreamGatewaySpec) -> Iterator[Problem]:
    """Less than a byte would be no limit at all to the servers."""
    for index, stream in enumerate(spec.streams):
        if parse_quantity(stream.max_bytes) < 1:
            text = f"{stream.max_bytes} is less than a byte: a stream needs room, such as 1Gi"
            yield Problem(f"spec.streams[{index}].maxBytes", text)


def _too_large(spec: StreamGatewaySpec) -> Iterator[Problem]:
    if spec.storage is None:
        return
    room = parse_quantity(spec.storage.size)
    for index, stream in enumerate(spec.streams):
        if parse_quantity(stream.max_bytes) > room:
            yield Problem(
                f"spec.streams[{index}].maxBytes",
                f"{stream.max_bytes} do not fit on a disk of {spec.storage.size}:"
                " lower it, or make a gateway with larger disks",
            )


def _lost_with_its_pod(spec: StreamGatewaySpec) -> Iterator[Problem]:
    """One copy without a disk of its own: the next change of the configuration would delete it."""
    if spec.storage is not None:
        return
    for index, stream in enumerate(spec.streams):
        if stream.replicas == 1:
            yield Problem(
                f"spec.streams[{index}].replicas",
                f"one copy of {stream.name} would be lost with its pod: set spec.storage,"
                " or replicas: 3",
            )


def _of_another_engine(spec: StreamGatewaySpec) -> Iterator[Problem]:
    """What means nothing for the engine that serves, or lacks for it."""
    custom = spec.engine.custom
    if custom is None:
        if spec.auth is None:
            yield Problem("spec.auth", "is required: set secretRef, or allowAnonymous: true")
        return
    found = {
        "auth": spec.auth is not None,
        "streams": bool(spec.streams),
        "storage": spec.storage is not None,
        "listeners.nats": spec.listeners.nats is not None,
        "autoscaling.connectionsPerPod": spec.autoscaling is not None
        and spec.autoscaling.connections_per_pod is None,
    }
    for path, wrong in found.items():
        if wrong:
            yield Problem(f"spec.{path}", CUSTOM_HAS[path])
    yield from _bad_server(custom)


def _bad_server(custom: CustomEngine) -> Iterator[Problem]:
    if custom.port == custom.control_port:
        text = f"{custom.port} is engine.custom.port too: clients and the operator need their own"
        yield Problem("spec.engine.custom.controlPort", text)
    for index, variable in enumerate(custom.env):
        path = f"spec.engine.custom.env[{index}]"
        if variable.name.startswith(RESERVED_ENV):
            yield Problem(f"{path}.name", f"names in {RESERVED_ENV} are reserved")
        if variable.value is not None and variable.value_from is not None:
            yield Problem(path, "set value or valueFrom, not both")
