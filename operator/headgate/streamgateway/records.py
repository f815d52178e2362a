"""What is kept of a StreamGateway and of its pods on arrival."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from headgate.core import labels
from headgate.core.conditions import printable
from headgate.core.resource import Problem
from headgate.streamgateway.accept import problems_of
from headgate.streamgateway.build.owned import CORE, EDGE
from headgate.streamgateway.observed import EdgePod, Trouble
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.types import StreamGatewaySpec

type Raw = Mapping[str, Any]

MAX_TEXT = 600
TAKEN = timedelta(seconds=5)
"""From the moment that a kubelet has a pod until it says so of its condition, at most."""
CONTROL = "control"
"""Name of the port on which a server of one's own answers the operator."""
_HOPELESS = frozenset(
    {
        "CrashLoopBackOff",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
"""Why a container waits that no waiting ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayRecord:
    """One StreamGateway."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    leaving: bool
    spec_json: bytes
    status_json: bytes

    def spec(self) -> tuple[StreamGatewaySpec | None, tuple[Problem, ...]]:
        """Return the spec and what is wrong with it; None where it cannot be read."""
        return _read_spec(self.spec_json, self.name)

    def status(self) -> StreamGatewayStatus:
        """Return the status. ValidationError where it holds what no release has written.

        It is not replaced by an empty one: which configuration is stable would be forgotten.
        """
        raw = from_json(self.status_json)
        return StreamGatewayStatus.model_validate(raw, by_alias=True, by_name=False, extra="ignore")

    def raw_status(self) -> dict[str, Any]:
        """Return the status as the API server has it."""
        status: dict[str, Any] = from_json(self.status_json)
        return status


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayPodRecord:
    """One pod of a gateway, of edge or core."""

    namespace: str
    gateway: str
    role: str
    owner_uid: str
    resource_version: str
    edge: EdgePod


@dataclass(frozen=True, kw_only=True, slots=True)
class CoreSetRecord:
    """The core's StatefulSet."""

    namespace: str
    name: str
    uid: str
    gateway: str
    revision: str
    replicas: int
    generation_seen: bool
    """Whether the figures are about the spec as it is."""
    ready: int
    updated: int


def project_gateway(raw: Raw) -> GatewayRecord:
    """Return what is kept of a StreamGateway."""
    meta = raw["metadata"]
    return GatewayRecord(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 1),
        resource_version=meta["resourceVersion"],
        leaving="deletionTimestamp" in meta,
        spec_json=to_json(raw.get("spec") or {}),
        status_json=to_json(raw.get("status") or {}),
    )


def project_gateway_pod(raw: Raw) -> GatewayPodRecord:
    """Return what is kept of a pod of a gateway."""
    meta, status = raw["metadata"], raw.get("status", {})
    own = meta.get("labels") or {}
    owner: Raw = next((ref for ref in meta.get("ownerReferences", []) if ref.get("controller")), {})
    return GatewayPodRecord(
        namespace=meta["namespace"],
        gateway=own.get(labels.GATEWAY, ""),
        role=own.get(labels.ROLE, EDGE),
        owner_uid=str(owner.get("uid", "")),
        resource_version=meta["resourceVersion"],
        edge=EdgePod(
            name=meta["name"],
            uid=meta["uid"],
            revision=own.get(labels.REVISION, ""),
            created_at=datetime.fromisoformat(meta["creationTimestamp"]),
            ip=status.get("podIP", ""),
            control_port=_control_port(raw.get("spec", {})),
            ready_since=_since(status, "True"),
            unready_since=_since(status, "False"),
            was_ready=_was_ready(status),
            serving=own.get(labels.SERVING) in (labels.SERVING_OPEN, labels.SERVING_FULL),
            full=own.get(labels.SERVING) == labels.SERVING_FULL,
            leaving="deletionTimestamp" in meta,
            over=status.get("phase") in ("Failed", "Succeeded"),
            trouble=_trouble(status),
        ),
    )


def project_core_set(raw: Raw) -> CoreSetRecord:
    """Return what is kept of a core's StatefulSet."""
    meta, status = raw["metadata"], raw.get("status", {})
    own = meta.get("labels") or {}
    return CoreSetRecord(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        gateway=own.get(labels.GATEWAY, ""),
        revision=own.get(labels.REVISION, ""),
        replicas=raw.get("spec", {}).get("replicas", 1),
        generation_seen=status.get("observedGeneration", 0) >= meta.get("generation", 1),
        ready=status.get("readyReplicas", 0),
        updated=status.get("updatedReplicas", 0),
    )


def by_gateway(record: GatewayPodRecord | CoreSetRecord) -> Iterable[Hashable]:
    """Return the index keys of a child."""
    return ((record.namespace, record.gateway),)


def is_core(record: GatewayPodRecord) -> bool:
    """Return whether a pod is one of the core's."""
    return record.role == CORE


def _since(status: Raw, ready: str) -> datetime | None:
    """Return since when the pod is ready ("True") or not ("False"); None where it is otherwise."""
    for condition in status.get("conditions", []):
        if condition.get("type") == "Ready" and condition.get("status") == ready:
            return datetime.fromisoformat(condition["lastTransitionTime"])
    return None


def _was_ready(status: Raw) -> bool:
    """Return whether the pod is ready, or has ceased to be.

    The kubelet says "not ready" first when it takes the pod, and again only when it was ready.
    """
    unready_since = _since(status, "False")
    if unready_since is None or "startTime" not in status:
        return _since(status, "True") is not None
    return unready_since - datetime.fromisoformat(status["startTime"]) > TAKEN


def _control_port(spec: Raw) -> int | None:
    ports = (port for each in spec.get("containers", []) for port in each.get("ports", []))
    return next((port["containerPort"] for port in ports if port.get("name") == CONTROL), None)


def _trouble(status: Raw) -> Trouble | None:
    for entry in status.get("containerStatuses", []):
        state = entry.get("state") or {}
        waiting = state.get("waiting") or {}
        ended = state.get("terminated") or (entry.get("lastState") or {}).get("terminated") or {}
        said = printable(str(ended.get("message", "")))[-MAX_TEXT:]
        if waiting.get("reason") in _HOPELESS:
            told = said or printable(str(waiting.get("message", "")))[:MAX_TEXT]
            message = f"{waiting['reason']}: {told}" if told else str(waiting["reason"])
            return Trouble(reason=waiting["reason"], message=message, final=True)
        if ended and not entry.get("ready") and ended.get("exitCode"):
            message = f"the server ended with {ended['exitCode']}: {said}"
            return Trouble(reason=str(ended.get("reason", "Error")), message=message, final=True)
    for condition in status.get("conditions", []):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            told = printable(str(condition.get("message", "")))[:MAX_TEXT]
            return Trouble(reason="Unschedulable", message=f"fits on no node: {told}")
    return None


@lru_cache(maxsize=256)
def _read_spec(text: bytes, name: str) -> tuple[StreamGatewaySpec | None, tuple[Problem, ...]]:
    parsed = StreamGatewaySpec.parse(from_json(text))
    if isinstance(parsed, StreamGatewaySpec):
        return parsed, problems_of(parsed, name)
    return None, parsed
