"""From caches and gauges to one frozen Observed. Reads only; the scrape is its one wait."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from headgate.core.names import label_value, service_name
from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.gauges.ledger import Ledger, Trial
from headgate.gauges.scrape import Source
from headgate.kube.resources import Key
from headgate.model.build import deployment_name, pod_digest
from headgate.model.caches import Caches
from headgate.model.gates.evidence import Arms
from headgate.model.observed import (
    DependencySeen,
    DeploymentSeen,
    GatewaySeen,
    Memory,
    Observed,
    PodSeen,
    RevalidationSeen,
    ServiceSeen,
    TrackableSeen,
    ValidationSeen,
    VersionSeen,
)
from headgate.model.projections import Child, moment
from headgate.model.records import ModelRecord, memory_of
from headgate.model.status_types import Evidence
from headgate.model.types import ModelSpec
from headgate.modelversion.graph import cycle_problem, duplicate_problem
from headgate.modelversion.records import VersionRecord


async def observe(
    key: Key, record: ModelRecord, caches: Caches, ledger: Ledger, now: datetime
) -> Observed:
    """Return what is known of a Model now.

    Raises ValidationError when its status cannot be read: a pass that forgot which version is
    stable would be worse than none.
    """
    spec, problems = record.spec()
    memory = memory_of(record.status())
    found = _versions(record, spec, memory, caches)
    names = {label_value(name): name for name in found}
    deployments = _deployments(record, caches, names)
    versions = {name: _as_running(each, deployments.get(name)) for name, each in found.items()}
    pods = _pods(record, caches, names)
    service = _service(record, caches, names)
    pinned = service.pinned if service is not None else None
    endpoints = endpoints_reached(record, caches, pods)
    evidence = await _evidence(key, memory, spec, pods, ledger)
    return Observed(
        namespace=record.namespace,
        name=record.name,
        uid=record.uid,
        generation=record.generation,
        spec=spec,
        problems=(*problems, *_name_problems(record, versions, caches)),
        memory=memory,
        request=record.request,
        versions=versions,
        trackable=_trackable(record, caches) if spec.track is not None else (),
        deployments=deployments,
        service=service,
        endpoints=endpoints,
        endpoints_since=ledger.endpoints_since(key, pinned, endpoints, now),
        pods=pods,
        dependents={name: _dependents(record, name, caches) for name in versions},
        evidence=evidence,
        gateway=_gateway(record, spec, caches),
    )


def _versions(
    record: ModelRecord, spec: ModelSpec, memory: Memory, caches: Caches
) -> dict[str, VersionSeen]:
    """Return every version that the Model names, remembers or has pods of."""
    wanted = {spec.version or "", memory.stable or ""}
    wanted.add(memory.tracked.version if memory.tracked else "")
    wanted.add(memory.rollout.version if memory.rollout else "")
    wanted.add(memory.previous.version if memory.previous else "")
    deployed = {child.child.version for child in caches.deployments.by_index(_index_key(record))}
    for version in caches.versions_of(record.namespace, record.name):
        if label_value(version.name) in deployed:
            wanted.add(version.name)
    return {name: version_seen(record.namespace, name, caches) for name in sorted(wanted - {""})}


def _trackable(record: ModelRecord, caches: Caches) -> tuple[TrackableSeen, ...]:
    found = (
        TrackableSeen(
            name=version.name,
            created_at=moment(version.created_at),
            asks=version.gate is not None,
            validation=_validation(version),
        )
        for version in caches.versions_of(record.namespace, record.name)
        if not version.leaving
    )
    return tuple(sorted(found, key=lambda version: version.age))


def _as_running(version: VersionSeen, deployment: DeploymentSeen | None) -> VersionSeen:
    """Return a version without its spec where that is not what its pods were made of.

    A ModelVersion cannot be edited, but it can be deleted and made anew under its name. Its running
    pods would be replaced in place then, past every step and gate.
    """
    if deployment is None or not deployment.replicas or not deployment.pod_digest:
        return version
    if version.spec is None or pod_digest(version.spec) == deployment.pod_digest:
        return version
    problem = Problem(
        "metadata.name",
        "was deleted and made anew with another spec while pods of the first one run: they are "
        "left as they are. Give the new version a name of its own",
    )
    return replace(version, spec=None, problems=(problem,))


def version_seen(namespace: str, name: str, caches: Caches) -> VersionSeen:
    """Return a ModelVersion with what is wrong with it and how its dependencies fare."""
    record = caches.versions.get(namespace, name)
    if record is None or record.leaving:
        return VersionSeen(name=name, uid="", spec=None)
    spec, problems = record.spec()
    return VersionSeen(
        name=name,
        uid=record.uid,
        spec=spec,
        problems=(*problems, *graph_problems(record, caches)),
        dependencies=tuple(_dependency(namespace, needed, caches) for needed in record.depends_on),
        validation=_validation(record),
        revalidation=_revalidation(record),
    )


def _revalidation(record: VersionRecord) -> RevalidationSeen | None:
    last = record.revalidation
    if last is None:
        return None
    return RevalidationSeen(
        verdict=str(last.get("verdict", "")),
        finished_at=moment(last.get("finishedAt")),
        detail=f"{last.get('run', '')}: {last.get('message', '')}",
    )


def _validation(record: VersionRecord) -> ValidationSeen | None:
    if record.gate is None or record.gate[0] == "True":
        return None
    status, reason, message = record.gate
    refused = status == "False" and reason != Reason.VALIDATION_COULD_NOT_RUN
    return ValidationSeen(refused=refused, detail=message or reason)


def graph_problems(record: VersionRecord, caches: Caches) -> tuple[Problem, ...]:
    """Return what is wrong with a version among the others."""

    def depends_on(name: str) -> tuple[str, ...]:
        found = caches.versions.get(record.namespace, name)
        return found.depends_on if found is not None else ()

    others = (
        (other.name, other.version, other.created_at) for other in caches.numbered_like(record)
    )
    found = (
        cycle_problem(record.name, depends_on) if record.depends_on else None,
        duplicate_problem(record.name, record.version, record.created_at, others),
    )
    return tuple(problem for problem in found if problem is not None)


def _dependency(namespace: str, name: str, caches: Caches) -> DependencySeen:
    version = caches.versions.get(namespace, name)
    if version is None:
        detail = f"there is no ModelVersion {name} in {namespace}"
        return DependencySeen(name=name, serving=False, detail=detail)
    model = caches.models.get(namespace, version.model)
    if model is None:
        detail = f"its Model {version.model} does not exist"
        return DependencySeen(name=name, serving=False, detail=detail)
    status = model.status()
    entry = next((e for e in status.versions if e.name == name), None)
    leaving = status.leaving
    failing = leaving is not None and leaving.version == name and bool(leaving.reason)
    if entry is None or entry.weight == 0:
        detail = f"Model {version.model} gives it no traffic"
        unrouted = any(other.weight for other in status.versions)
        return DependencySeen(name=name, serving=False, unrouted=unrouted, detail=detail)
    if entry.ready_replicas == 0:
        detail = f"Model {version.model} has no ready pod of it"
        return DependencySeen(name=name, serving=False, detail=detail)
    detail = f"Model {version.model} is about to take it back" if failing else ""
    return DependencySeen(name=name, serving=not failing, leaving=failing, detail=detail)


def _dependents(record: ModelRecord, version: str, caches: Caches) -> tuple[str, ...]:
    """Return the versions of other Models that have traffic now and depend on this one."""
    found = []
    for dependent in caches.dependents_of(record.namespace, version):
        model = caches.models.get(record.namespace, dependent.model)
        if model is None or model.name == record.name or model.leaving:
            continue
        weights = {entry.name: entry.weight for entry in model.status().versions}
        if weights.get(dependent.name, 0) > 0:
            found.append(dependent.name)
    return tuple(sorted(found))


def _gateway(record: ModelRecord, spec: ModelSpec, caches: Caches) -> GatewaySeen | None:
    if spec.predictions is None:
        return None
    found = caches.gateways.get(record.namespace, spec.predictions.stream_gateway.name)
    if found is None or found.leaving:
        return None
    read, problems = found.spec()
    return GatewaySeen(spec=read, problems=problems)


def _index_key(record: ModelRecord) -> tuple[str, str]:
    return (record.namespace, label_value(record.name))


def _pods(
    record: ModelRecord, caches: Caches, names: Mapping[str, str]
) -> dict[str, tuple[PodSeen, ...]]:
    pods: dict[str, list[PodSeen]] = defaultdict(list)
    for pod in caches.pods.by_index(_index_key(record)):
        pods[names.get(pod.child.version, pod.child.version)].append(pod.seen)
    return {
        version: tuple(sorted(found, key=lambda pod: pod.name)) for version, found in pods.items()
    }


def _deployments(
    record: ModelRecord, caches: Caches, names: Mapping[str, str]
) -> dict[str, DeploymentSeen]:
    return {
        names.get(found.child.version, found.child.version): found.seen
        for found in caches.deployments.by_index(_index_key(record))
        if found.child.owner_uid == record.uid
    }


def _service(record: ModelRecord, caches: Caches, names: Mapping[str, str]) -> ServiceSeen | None:
    found = caches.services.get(record.namespace, service_name(record.name))
    if found is None or found.child.owner_uid != record.uid:
        return None
    pinned = found.pinned
    return ServiceSeen(pinned=names.get(pinned, pinned) if pinned is not None else None)


def endpoints_reached(
    record: ModelRecord, caches: Caches, pods: Mapping[str, Iterable[PodSeen]]
) -> dict[str, int]:
    """Count the Service's endpoints by version; a pod that is gone counts for nobody."""
    service = service_name(record.name)
    slices = caches.endpoint_slices.by_index(_index_key(record))
    # A set: with two IP families a pod stands in two slices.
    reached = {pod for found in slices if found.service == service for pod in found.pods}
    counts = Counter(
        version for version, found in pods.items() for pod in found if pod.name in reached
    )
    return dict(sorted(counts.items()))


def _name_problems(
    record: ModelRecord, versions: Iterable[str], caches: Caches
) -> tuple[Problem, ...]:
    """Return a problem for each child whose name somebody else's object has.

    Only labelled objects are in the caches; an unlabelled one is found when it is applied.
    """
    taken: list[Child] = []
    service = caches.services.get(record.namespace, service_name(record.name))
    if service is not None and service.child.owner_uid != record.uid:
        taken.append(service.child)
    for version in versions:
        name = deployment_name(record.name, version)
        deployment = caches.deployments.get(record.namespace, name)
        if deployment is not None and deployment.child.owner_uid != record.uid:
            taken.append(deployment.child)
    return tuple(name_taken(child.name, child.model) for child in taken)


def name_taken(name: str, holder: str) -> Problem:
    """Return the problem of a child name that is taken."""
    owner = f"Model {holder}" if holder else "somebody else"
    return Problem(
        "metadata.name",
        f"the name {name} of a child is taken by an object of {owner}; it is left untouched. "
        "Delete or rename it, or give this Model another name",
    )


async def _evidence(
    key: Key,
    memory: Memory,
    spec: ModelSpec,
    pods: Mapping[str, Iterable[PodSeen]],
    ledger: Ledger,
) -> Evidence:
    """Return what the gates know: of a rollout, or of the version promoted last."""
    arms = arms_of(memory)
    if arms is None:
        ledger.forget(key)
        return Evidence()
    sources = tuple(
        Source(pod=pod.name, version=version, ip=pod.ip, port=pod.port)
        for version in (arms.canary, arms.stable)
        if version is not None
        for pod in pods.get(version, ())
        if pod.ip and not pod.leaving
    )
    start_from = memory.rollout.evidence if memory.rollout is not None else Evidence()
    trial = Trial(arms=arms, sources=sources, start_from=start_from, analysis=spec.analysis)
    return await ledger.read(key, trial)


def arms_of(memory: Memory) -> Arms | None:
    """Return what the gates compare: a rollout, or what was promoted with what was before it."""
    rollout, previous = memory.rollout, memory.previous
    if rollout is not None:
        return Arms(
            canary=rollout.version,
            stable=memory.stable,
            since=rollout.started_at.timestamp(),
        )
    if previous is not None and memory.stable is not None:
        return Arms(
            canary=memory.stable,
            stable=None,
            since=previous.since.timestamp(),
            before=previous.baseline,
        )
    return None


def record_of(caches: Caches, key: Key) -> ModelRecord | None:
    """Return the Model of a key, or None when it is gone or on its way out."""
    record = caches.models.get(key.namespace, key.name)
    return None if record is None or record.leaving else record
