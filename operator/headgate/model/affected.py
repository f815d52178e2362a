"""Whose business a change is: from an object that changed to the keys to reconcile."""

from collections.abc import Iterable
from typing import Any

from headgate.core.names import label_value
from headgate.kube.resources import MODEL_VERSIONS, MODELS, Key
from headgate.model.caches import Caches
from headgate.model.records import ModelRecord
from headgate.modelversion.records import VersionRecord


def by_model(record: ModelRecord, caches: Caches) -> Iterable[Key]:
    """Return the Model, its versions (they show its weights), and Models tied by dependsOn."""
    space = record.namespace
    yield Key(MODELS.kind, space, record.name)
    for version in caches.versions_of(space, record.name):
        yield Key(MODEL_VERSIONS.kind, space, version.name)
        yield from _tied(version, caches)


def by_version(record: VersionRecord, caches: Caches) -> Iterable[Key]:
    """Return the version, its Model, and whatever is tied to it by dependsOn."""
    space = record.namespace
    yield Key(MODEL_VERSIONS.kind, space, record.name)
    yield Key(MODELS.kind, space, record.model)
    yield from _tied(record, caches)


def by_child(record: Any, caches: Caches) -> Iterable[Key]:
    """Return the Model of a child, found by its label, and the version for its pods."""
    child = record.child
    space = child.namespace
    for name in _model_names(space, child.model, caches):
        yield Key(MODELS.kind, space, name)
        for version in caches.versions_of(space, name) if child.version else ():
            if label_value(version.name) == child.version:
                yield Key(MODEL_VERSIONS.kind, space, version.name)


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
