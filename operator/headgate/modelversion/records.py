"""What is kept of a ModelVersion on arrival."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from headgate.core.resource import Problem
from headgate.modelversion.accept import problems_of
from headgate.modelversion.gate import VALIDATED
from headgate.modelversion.status_types import ModelVersionStatus
from headgate.modelversion.types import ModelVersionSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionRecord:
    """One ModelVersion. The names it refers to are kept apart: they are indexed."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    leaving: bool
    model: str
    version: str
    depends_on: tuple[str, ...]
    policy: str
    """The policy that it names; empty where it names none."""
    created_at: str
    revalidation: Mapping[str, Any] | None
    """status.revalidation as the API server has it."""
    gate: tuple[str, str, str] | None
    """Status, reason and message of its Validated condition; None where no policy is asked."""
    spec_json: bytes
    status_json: bytes

    def spec(self) -> tuple[ModelVersionSpec | None, tuple[Problem, ...]]:
        """Return the spec and what is wrong with it; None where it cannot be read."""
        return _read_spec(self.spec_json)

    def status(self) -> ModelVersionStatus:
        """Return the status; nothing is remembered in it, so an unreadable one is an empty one."""
        return ModelVersionStatus.parse_status(from_json(self.status_json))

    def raw_status(self) -> dict[str, Any]:
        """Return the status as the API server has it."""
        status: dict[str, Any] = from_json(self.status_json)
        return status


def project_version(raw: Mapping[str, Any]) -> VersionRecord:
    """Return what is kept of a ModelVersion."""
    meta, spec = raw["metadata"], raw.get("spec") or {}
    depends = spec.get("dependsOn") or []
    return VersionRecord(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 1),
        resource_version=meta["resourceVersion"],
        leaving="deletionTimestamp" in meta,
        model=str(spec.get("model", "")),
        version=str(spec.get("version", "")),
        depends_on=tuple(str(entry.get("name", "")) for entry in depends),
        policy=_policy(spec),
        revalidation=(raw.get("status") or {}).get("revalidation"),
        created_at=str(meta.get("creationTimestamp", "")),
        gate=_gate(raw) if spec.get("validation") else None,
        spec_json=to_json(spec),
        status_json=to_json(raw.get("status") or {}),
    )


def _policy(spec: Mapping[str, Any]) -> str:
    return str(((spec.get("validation") or {}).get("policyRef") or {}).get("name", ""))


def _gate(raw: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what the Validated condition says; a version without one is not validated yet."""
    for entry in (raw.get("status") or {}).get("conditions") or ():
        if entry.get("type") == VALIDATED:
            return (
                str(entry.get("status", "")),
                str(entry.get("reason", "")),
                str(entry.get("message", "")),
            )
    return ("Unknown", "", "it was not looked at yet")


@lru_cache(maxsize=256)  # read and checked at every look at its Model, and it never changes
def _read_spec(text: bytes) -> tuple[ModelVersionSpec | None, tuple[Problem, ...]]:
    parsed = ModelVersionSpec.parse(from_json(text))
    if isinstance(parsed, ModelVersionSpec):
        return parsed, problems_of(parsed)
    return None, parsed


def version_keys(record: VersionRecord) -> Iterable[Hashable]:
    """Return the index keys: by its Model, by its number there, by its policy, by what it needs."""
    yield ("model", record.namespace, record.model)
    yield ("number", record.namespace, record.model, record.version)
    if record.policy:
        yield ("policy", record.namespace, record.policy)
    for name in record.depends_on:
        yield ("depends", record.namespace, name)
