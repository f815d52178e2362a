"""What is kept of a ValidationPolicy and of a ValidationRun on arrival."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from headgate.core import labels
from headgate.core.conditions import printable, shorten
from headgate.core.names import label_value
from headgate.core.resource import Problem
from headgate.validation.accept import policy_problems
from headgate.validation.observed import Offer
from headgate.validation.policy_types import ValidationPolicySpec, ValidationPolicyStatus
from headgate.validation.run_types import (
    MOST_NAME,
    MOST_WHY,
    ValidationRunSpec,
    ValidationRunStatus,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRecord:
    """One ValidationPolicy."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    leaving: bool
    spec_json: bytes
    status_json: bytes

    def spec(self) -> tuple[ValidationPolicySpec | None, tuple[Problem, ...]]:
        """Return the spec and what is wrong with it; None where it cannot be read."""
        return _read_policy(self.spec_json)

    def status(self) -> ValidationPolicyStatus:
        """Return the status; nothing is remembered in it, so an unreadable one is an empty one."""
        return ValidationPolicyStatus.parse_status(from_json(self.status_json))

    def raw_status(self) -> dict[str, Any]:
        """Return the status as the API server has it."""
        status: dict[str, Any] = from_json(self.status_json)
        return status


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """One ValidationRun. The names it refers to are kept apart: they are indexed."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    leaving: bool
    version: str
    policy: str
    trigger: str
    owner_uid: str
    """Of the ModelVersion that it was made for; empty where a person made it."""
    offer: Offer | None
    """The approval that its annotations offer."""
    spec_json: bytes
    status_json: bytes

    def spec(self) -> tuple[ValidationRunSpec | None, tuple[Problem, ...]]:
        """Return the spec and what is wrong with it; None where it cannot be read."""
        parsed = ValidationRunSpec.parse(from_json(self.spec_json))
        return (parsed, ()) if isinstance(parsed, ValidationRunSpec) else (None, parsed)

    def status(self) -> ValidationRunStatus:
        """Return the status. ValidationError where it holds what no release has written.

        It is not replaced by an empty one: a run that ended would be made again.
        """
        return ValidationRunStatus.model_validate(
            from_json(self.status_json), by_alias=True, by_name=False, extra="ignore"
        )

    def raw_status(self) -> dict[str, Any]:
        """Return the status as the API server has it."""
        status: dict[str, Any] = from_json(self.status_json)
        return status


def project_policy(raw: Mapping[str, Any]) -> PolicyRecord:
    """Return what is kept of a ValidationPolicy."""
    meta = raw["metadata"]
    return PolicyRecord(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 1),
        resource_version=meta["resourceVersion"],
        leaving="deletionTimestamp" in meta,
        spec_json=to_json(raw.get("spec") or {}),
        status_json=to_json(raw.get("status") or {}),
    )


def project_run(raw: Mapping[str, Any]) -> RunRecord:
    """Return what is kept of a ValidationRun."""
    meta, spec = raw["metadata"], raw.get("spec") or {}
    owner: Mapping[str, Any] = next(
        (ref for ref in meta.get("ownerReferences", []) if ref.get("controller")), {}
    )
    return RunRecord(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 1),
        resource_version=meta["resourceVersion"],
        leaving="deletionTimestamp" in meta,
        version=str((spec.get("versionRef") or {}).get("name", "")),
        policy=str((spec.get("policyRef") or {}).get("name", "")),
        trigger=str(spec.get("trigger", "")),
        owner_uid=str(owner.get("uid", "")),
        offer=_offer(meta.get("annotations") or {}),
        spec_json=to_json(spec),
        status_json=to_json(raw.get("status") or {}),
    )


def _offer(annotations: Mapping[str, Any]) -> Offer | None:
    by = printable(str(annotations.get(labels.APPROVED_BY, "")))
    if not by:
        return None
    return Offer(
        by=shorten(by, MOST_NAME),
        report=str(annotations.get(labels.APPROVED_REPORT, "")).strip(),
        why=shorten(printable(str(annotations.get(labels.APPROVAL_WHY, ""))), MOST_WHY),
    )


def run_keys(record: RunRecord) -> Iterable[Hashable]:
    """Return the index keys of a run: by its version, its policy, and its children's label."""
    yield ("version", record.namespace, record.version)
    yield ("label", record.namespace, label_value(record.name))
    yield ("policy", record.namespace, record.policy)


@lru_cache(maxsize=64)
def _read_policy(text: bytes) -> tuple[ValidationPolicySpec | None, tuple[Problem, ...]]:
    parsed = ValidationPolicySpec.parse(from_json(text))
    if isinstance(parsed, ValidationPolicySpec):
        return parsed, policy_problems(parsed)
    return None, parsed
