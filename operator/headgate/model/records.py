"""What is kept of a Model on arrival: spec and status as compact JSON, parsed when looked at."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from headgate.core import labels
from headgate.core.resource import Problem
from headgate.model.accept import problems_of
from headgate.model.observed import Memory
from headgate.model.status_types import ModelStatus
from headgate.model.types import ModelSpec

SALVAGED = (
    "version",
    "replicas",
    "strategy",
    "analysis",
    "rollback",
    "predictions",
    "progressDeadlineSeconds",
    "revisionHistoryLimit",
    "paused",
)
UNREADABLE = ModelSpec(version="unreadable")


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelRecord:
    """One Model."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    leaving: bool
    request: str
    gateway: str
    """The StreamGateway that its predictions go to; empty where they go nowhere."""
    spec_json: bytes
    status_json: bytes

    def spec(self) -> tuple[ModelSpec, tuple[Problem, ...]]:
        """Return the spec and what is wrong with it; a stand-in where it cannot be read."""
        return _read_spec(self.spec_json)

    def status(self) -> ModelStatus:
        """Return the status. ValidationError where it holds what no release has written.

        It is not replaced by an empty one: that would forget which version is the stable one.
        """
        return _read_status(self.status_json)

    def raw_status(self) -> dict[str, Any]:
        """Return the status as the API server has it."""
        status: dict[str, Any] = from_json(self.status_json)
        return status


def project_model(raw: Mapping[str, Any]) -> ModelRecord:
    """Return what is kept of a Model."""
    meta = raw["metadata"]
    return ModelRecord(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 1),
        resource_version=meta["resourceVersion"],
        leaving="deletionTimestamp" in meta,
        request=(meta.get("annotations") or {}).get(labels.REQUEST, ""),
        gateway=_gateway_of(raw.get("spec")),
        spec_json=_compact(raw.get("spec")),
        status_json=_compact(raw.get("status")),
    )


def by_predictions(record: ModelRecord) -> Iterable[Hashable]:
    """Return the index key of a Model: the gateway that its predictions go to, if any."""
    return ((record.namespace, record.gateway),) if record.gateway else ()


def memory_of(status: ModelStatus) -> Memory:
    """Return the part of a status that decisions are remembered in."""
    return Memory(
        stable=status.stable_version,
        rollout=status.rollout,
        previous=status.previous,
        leaving=status.leaving,
        rejected=status.rejected,
        history=status.history,
        last_request=status.last_request,
        tracked=status.tracked,
    )


# A rollout is looked at again and again, and most specs read alike: reading one takes longer than
# all that is decided by it. Few are kept, for 2,000 read ones would be 10 MB.
@lru_cache(maxsize=256)
def _read_spec(text: bytes) -> tuple[ModelSpec, tuple[Problem, ...]]:
    raw = from_json(text)
    parsed = ModelSpec.parse(raw)
    if isinstance(parsed, ModelSpec):
        return parsed, problems_of(parsed)
    return _salvaged(raw), parsed


@lru_cache(maxsize=64)
def _read_status(text: bytes) -> ModelStatus:
    raw = from_json(text)
    return ModelStatus.model_validate(raw, by_alias=True, by_name=False, extra="ignore")


def _salvaged(raw: Any) -> ModelSpec:
    """Return as much of an unusable spec as can be read: what serves keeps its scale."""
    if not isinstance(raw, dict):
        return UNREADABLE
    kept: dict[str, Any] = {"version": "unreadable"}
    for field in SALVAGED:
        if field in raw and isinstance(
            ModelSpec.parse({"version": "unreadable", field: raw[field]}), ModelSpec
        ):
            kept[field] = raw[field]
    parsed = ModelSpec.parse(kept)
    return parsed if isinstance(parsed, ModelSpec) else UNREADABLE


def _gateway_of(spec: Any) -> str:
    """Return the gateway that a spec names, also one that cannot be read otherwise."""
    found = spec
    for field in ("predictions", "streamGateway", "name"):
        found = found.get(field) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def _compact(value: Any) -> bytes:
    return to_json(value or {})
