"""What is kept of each child on arrival: small frozen records instead of whole manifests."""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from headgate.core import labels
from headgate.core.conditions import printable
from headgate.model.observed import ContainerSeen, DeploymentSeen, PodSeen

type Raw = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_TEXT = 600
MAX_LAST_WORDS = 4096  # what the kubelet keeps; our own are JSON, which a cut would break


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """What every kind of child has: its name, its place, whose it is, and what was applied."""

    namespace: str
    name: str
    uid: str
    model: str
    version: str
    owner_uid: str
    applied: str
    hands: str
    """Stands for who set what of the spec: other hands, another text. Ours alone at first."""
    edited: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentRecord:
    """A Deployment and the facts that decisions need."""

    child: Child
    seen: DeploymentSeen


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRecord:
    """A Service and the version that its selector pins."""

    child: Child
    pinned: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PodRecord:
    """A pod and its health."""

    child: Child
    seen: PodSeen


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointsRecord:
    """The names of a slice's pods that get new connections."""

    child: Child
    service: str
    pods: frozenset[str]


def project_deployment(raw: Raw) -> DeploymentRecord:
    """Return what is kept of a Deployment."""
    spec, status = raw.get("spec", {}), raw.get("status", {})
    conditions = {entry.get("type"): entry for entry in status.get("conditions", [])}
    failing = conditions.get("ReplicaFailure", {})
    if failing.get("status") != "True":
        failing = {}
    annotations = raw["metadata"].get("annotations") or {}
    seen = DeploymentSeen(
        name=raw["metadata"]["name"],
        uid=raw["metadata"]["uid"],
        replicas=spec.get("replicas", 1),
        ready=status.get("readyReplicas", 0),
        # Not the template's: somebody may have edited that, and it is to be put back.
        image=annotations.get(labels.SERVER_IMAGE, ""),
        pod_digest=annotations.get(labels.POD_DIGEST, ""),
        failure=printable(str(failing.get("message", "")))[:MAX_TEXT],
        failing_since=_since(failing),
        created_at=moment(raw["metadata"].get("creationTimestamp")),
    )
    return DeploymentRecord(child=child_of(raw), seen=seen)


def project_service(raw: Raw) -> ServiceRecord:
    """Return what is kept of a Service."""
    selector = raw.get("spec", {}).get("selector") or {}
    return ServiceRecord(child=child_of(raw), pinned=selector.get(labels.VERSION))


def project_pod(raw: Raw) -> PodRecord:
    """Return what is kept of a pod."""
    meta, status = raw["metadata"], raw.get("status", {})
    conditions = {entry.get("type"): entry for entry in status.get("conditions", [])}
    scheduled = conditions.get("PodScheduled", {})
    unschedulable = scheduled.get("message", "") if scheduled.get("status") == "False" else ""
    readiness = conditions.get("Ready", {})
    ready = readiness.get("status") == "True"
    seen = PodSeen(
        name=meta["name"],
        ip=status.get("podIP", ""),
        port=_http_port(raw),
        ready=ready,
        leaving="deletionTimestamp" in meta or status.get("phase") in ("Failed", "Succeeded"),
        created_at=moment(meta.get("creationTimestamp")),
        unready_since=None if ready else _since(readiness),
        unschedulable=printable(str(unschedulable))[:MAX_TEXT],
        containers=(
            *(_container(entry, init=True) for entry in status.get("initContainerStatuses", [])),
            *(_container(entry, init=False) for entry in status.get("containerStatuses", [])),
        ),
    )
    return PodRecord(child=child_of(raw), seen=seen)


def project_endpoints(raw: Raw) -> EndpointsRecord:
    """Return what is kept of an EndpointSlice: its ready pods."""
    pods = frozenset(
        str(endpoint.get("targetRef", {}).get("name", ""))
        for endpoint in raw.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready") is not False
    )
    child = child_of(raw)
    service = raw["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
    return EndpointsRecord(child=child, service=service, pods=pods)


def child_of(raw: Raw) -> Child:
    """Return the identity of a child and of its owner."""
    meta = raw["metadata"]
    own_labels = meta.get("labels") or {}
    hands, edited = _hands_on(meta)
    owner: Raw = next((ref for ref in meta.get("ownerReferences", []) if ref.get("controller")), {})
    return Child(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        model=own_labels.get(labels.MODEL, ""),
        version=own_labels.get(labels.VERSION, ""),
        owner_uid=str(owner.get("uid", "")),
        applied=(meta.get("annotations") or {}).get(labels.APPLIED, ""),
        hands=hands,
        edited=edited,
    )


def by_model(record: Any) -> Iterable[Hashable]:
    """Return the index keys of a child: its namespace and its Model's label value."""
    child: Child = record.child
    return ((child.namespace, child.model),)


def moment(text: str | None) -> datetime:
    """Return a Kubernetes time, the epoch where there is none."""
    return datetime.fromisoformat(text) if text else EPOCH


def _since(condition: Raw) -> datetime | None:
    text = condition.get("lastTransitionTime")
    return moment(text) if text else None


def _hands_on(meta: Raw) -> tuple[str, bool]:
    """Return what stands for the spec's field owners, and whether others wrote since our apply.

    Whoever changes or removes a field of ours takes it away from us: then what we own is less.
    Their times alone tell less, by the second, and stay when an apply of ours changes nothing.
    """
    ours: list[Raw] = []
    our_time, their_time = "", ""
    for entry in meta.get("managedFields") or []:
        if "f:spec" not in (entry.get("fieldsV1") or {}):
            continue
        if entry.get("manager") == labels.FIELD_MANAGER:
            ours.append(entry["fieldsV1"])
            our_time = max(our_time, entry.get("time", ""))
        else:
            their_time = max(their_time, entry.get("time", ""))
    if not ours:
        return "", False
    owned = to_json([ours, their_time])
    edited = bool(their_time) and their_time >= our_time
    return hashlib.blake2b(owned, digest_size=8).hexdigest(), edited


def _http_port(raw: Raw) -> int:
    for container in raw.get("spec", {}).get("containers", []):
        for port in container.get("ports", []):
            if port.get("name") == "http":
                return int(port["containerPort"])
    return 8080


def _container(entry: Raw, *, init: bool) -> ContainerSeen:
    state = entry.get("state") or {}
    waiting = state.get("waiting") or {}
    last = state.get("terminated") or (entry.get("lastState") or {}).get("terminated") or {}
    return ContainerSeen(
        name=entry.get("name", ""),
        init=init,
        restarts=entry.get("restartCount", 0),
        running="running" in state,
        waiting=waiting.get("reason", ""),
        message=printable(str(waiting.get("message", "")))[:MAX_TEXT],
        exit_code=last.get("exitCode"),
        exit_message=str(last.get("message", ""))[-MAX_LAST_WORDS:],
    )
