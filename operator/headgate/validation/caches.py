"""The caches that validation adds to those of Models and versions."""

from collections.abc import Iterable
from dataclasses import dataclass

from headgate.kube.cache import Cache
from headgate.validation.projections import (
    JobRecord,
    RunPodRecord,
    by_run,
    project_job,
    project_run_pod,
)
from headgate.validation.records import (
    PolicyRecord,
    RunRecord,
    project_policy,
    project_run,
    run_keys,
)


@dataclass(frozen=True, kw_only=True)
class ValidationCaches:
    """One cache per kind of object that is followed for validation."""

    policies: Cache[PolicyRecord]
    runs: Cache[RunRecord]
    jobs: Cache[JobRecord]
    pods: Cache[RunPodRecord]

    def runs_of(self, namespace: str, version: str) -> Iterable[RunRecord]:
        """Return the runs of a version."""
        return self.runs.by_index(("version", namespace, version))


def empty_validation_caches() -> ValidationCaches:
    """Return caches that know how to keep each kind, and hold nothing yet."""
    return ValidationCaches(
        policies=Cache(project_policy),
        runs=Cache(project_run, run_keys),
        jobs=Cache(project_job, by_run),
        pods=Cache(project_run_pod, by_run),
    )
