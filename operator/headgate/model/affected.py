"""Whose business a change is: from an object that changed to the keys to reconcile.

A change that somebody's pass would not see is nobody's business: at 50 edits a second, passes that
find nothing are most of the work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from headgate.core.lane import Lane
from headgate.core.names import label_value
from headgate.kube.resources import MODEL_VERSIONS, MODELS, Key
from headgate.model.caches import Caches
from headgate.model.projections import PodRecord
from headgate.model.records import ModelRecord
from headgate.modelversion.records import VersionRecord
from headgate.streamgateway.records import GatewayRecord

SEEN_BY_OTHERS = ("versions", "rejected", "leaving", "stableVersion")
"""The fields of a Model's status that passes over dependents and its versions look at."""


def by_model(old: ModelRecord | None, new: ModelRecord | None, caches: Caches) -> Iterable[Key]:
    """Return the Model, its versions (they show its weights), and Models tied by dependsOn."""
    record = new or old
    if record is None:
        return
    space = record.namespace
    yield Key(MODELS.kind, space, record.name)
    tied, shown = (True, True) if old is None or new is None else _differences(old, new)
    for version in caches.versions_of(space, record.name) if tied or shown else ():
        if shown:
            yield Key(MODEL_VERSIONS.kind, space, version.name)
        if tied:
            yield from _tied(version, caches)


def lane_of_model(key: Key, old: ModelRecord | None, new: ModelRecord | None) -> Lane:
    """Return how soon a Model's change is looked at: of its own status, not before other news.

    Who wrote the status knows already, and has asked for the next pass as soon as it needs it.
    """
    if old is None or new is None or key != Key(MODELS.kind, new.namespace, new.name):
        return Lane.URGENT
    return Lane.SOON if _but_for_status(old) == _but_for_status(new) else Lane.URGENT


def by_version(
    old: VersionRecord | None, new: VersionRecord | None, caches: Caches
) -> Iterable[Key]:
    """Return the version; where more than its status changed, all that is tied to it as well."""
    for record in (old, new):
        if record is not None:
            yield Key(MODEL_VERSIONS.kind, record.namespace, record.name)
    if old is not None and new is not None and _but_for_status(old) == _but_for_status(new):
        return
    for record in (old, new):
        if record is not None:
            yield Key(MODELS.kind, record.namespace, record.model)
            yield from _tied(record, caches)
            for other in caches.numbered_like(record):  # one of them has the number
                yield Key(MODEL_VERSIONS.kind, record.namespace, other.name)


def by_gateway(
    old: GatewayRecord | None, new: GatewayRecord | None, caches: Caches
) -> Iterable[Key]:
    """Return the Models whose predictions go to a gateway, where they can tell the two apart."""
    record = new or old
    if record is None or (old is not None and new is not None and _reads_alike(old, new)):
        return
    for model in caches.publishing_to(record.namespace, record.name):
        yield Key(MODELS.kind, model.namespace, model.name)


def by_child(old: Any, new: Any, caches: Caches) -> Iterable[Key]:
    """Return the Model of a child, found by its label, and for a pod its version too."""
    for record in (old, new):
        if record is None:
            continue
        space, child = record.child.namespace, record.child
        for name in _model_names(space, child.model, caches):
            yield Key(MODELS.kind, space, name)
            for version in caches.versions_of(space, name) if _is_pod(record) else ():
                if label_value(version.name) == child.version:
                    yield Key(MODEL_VERSIONS.kind, space, version.name)


def _differences(old: ModelRecord, new: ModelRecord) -> tuple[bool, bool]:
    """Return whether dependents can tell the two apart, and whether the Model's versions can."""
    if (old.uid, old.leaving) != (new.uid, new.leaving):
        return True, True
    before, after = old.raw_status(), new.raw_status()
    if all(before.get(field) == after.get(field) for field in SEEN_BY_OTHERS):
        return False, False
    return True, _shown(before) != _shown(after)


def _shown(status: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what versions see of their Model: shares, who is stable, why they were rejected."""
    shares = {entry["name"]: entry.get("share") for entry in status.get("versions") or ()}
    shown = {name: share for name, share in shares.items() if share}
    return shown, status.get("stableVersion"), status.get("rejected")


def _but_for_status[Record: ModelRecord | VersionRecord](record: Record) -> Record:
    return replace(record, resource_version="", status_json=b"")


def _reads_alike(old: GatewayRecord, new: GatewayRecord) -> bool:
    return (old.uid, old.leaving, old.spec_json) == (new.uid, new.leaving, new.spec_json)


def _is_pod(record: Any) -> bool:
    return isinstance(record, PodRecord)


def _tied(version: VersionRecord, caches: Caches) -> Iterable[Key]:
    space = version.namespace
    for dependent in caches.dependents_of(space, version.name):
        yield Key(MODELS.kind, space, dependent.model)
        yield Key(MODEL_VERSIONS.kind, space, dependent.name)
    for needed in version.depends_on:
        found = caches.versions.get(space, needed)
        if found is not None:
            yield Key(MODELS.kind, space, found.model)


def _model_names(namespace: str, label: str, caches: Caches) -> Iterable[str]:
    """Return the Models that a label stands for: itself, or one whose name was shortened."""
    if caches.models.get(namespace, label) is not None:
        return (label,)
    return tuple(
        model.name for model in caches.models.values(namespace) if label_value(model.name) == label
    )
