"""Whose business a change is, where validation is concerned: keys of runs, policies, versions."""

from collections.abc import Iterable
from dataclasses import replace

from headgate.kube.resources import MODEL_VERSIONS, VALIDATION_POLICIES, VALIDATION_RUNS, Key
from headgate.model.caches import Caches
from headgate.modelversion.records import VersionRecord
from headgate.validation.caches import ValidationCaches
from headgate.validation.projections import JobRecord, RunPodRecord
from headgate.validation.records import PolicyRecord, RunRecord


def by_run(old: RunRecord | None, new: RunRecord | None) -> Iterable[Key]:
    """Return the run, and the version that it is about."""
    record = new or old
    if record is not None:
        yield Key(VALIDATION_RUNS.kind, record.namespace, record.name)
        yield Key(MODEL_VERSIONS.kind, record.namespace, record.version)


def by_policy(
    old: PolicyRecord | None, new: PolicyRecord | None, caches: ValidationCaches, versions: Caches
) -> Iterable[Key]:
    """Return the policy; where its spec changed, all that names it: runs wait, schedules change."""
    record = new or old
    if record is None:
        return
    yield Key(VALIDATION_POLICIES.kind, record.namespace, record.name)
    if old is None or new is None or _without_status(old) != _without_status(new):
        for run in caches.runs.by_index(("policy", record.namespace, record.name)):
            yield Key(VALIDATION_RUNS.kind, run.namespace, run.name)
        for version in versions.validated_by(record.namespace, record.name):
            yield Key(MODEL_VERSIONS.kind, version.namespace, version.name)


def by_version(
    old: VersionRecord | None, new: VersionRecord | None, caches: ValidationCaches
) -> Iterable[Key]:
    """Return the runs of a version that came or went: they wait for it, or end with it."""
    if old is not None and new is not None and old.uid == new.uid:
        return
    record = new or old
    if record is not None:
        for run in caches.runs_of(record.namespace, record.name):
            yield Key(VALIDATION_RUNS.kind, run.namespace, run.name)


def by_child(
    old: JobRecord | RunPodRecord | None,
    new: JobRecord | RunPodRecord | None,
    caches: ValidationCaches,
) -> Iterable[Key]:
    """Return the run of a Job or pod, found by its label."""
    record = new or old
    if record is None:
        return
    for run in caches.runs.by_index(("label", record.namespace, record.run_label)):
        yield Key(VALIDATION_RUNS.kind, run.namespace, run.name)


def _without_status(record: PolicyRecord) -> PolicyRecord:
    return replace(record, resource_version="", status_json=b"")
