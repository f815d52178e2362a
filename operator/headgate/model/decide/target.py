"""Which version is wanted, whether it can be used, and why not."""

from dataclasses import dataclass

from headgate.core.reasons import Reason
from headgate.model.observed import Observed


@dataclass(frozen=True, kw_only=True)
class TargetProblem:
    """Why a version cannot be rolled out, and what to do about it."""

    reason: Reason
    message: str


def target_of(seen: Observed) -> str:
    """Return the version that is wanted: by name, or by spec.track; empty while there is none.

    Of a tracked version that was deleted, what serves already is the next best; what never served
    is given up for what does.
    """
    if seen.spec.track is None:
        return seen.spec.version or ""
    tracked, stable, rollout = seen.memory.tracked, seen.memory.stable, seen.memory.rollout
    if tracked is not None and (stable is None or _is_there(seen, tracked.version)):
        return tracked.version
    if stable is not None:
        return stable
    return rollout.version if rollout is not None else ""


def named(seen: Observed, target: str) -> str:
    """Return what makes a version the wanted one, in a clause."""
    if seen.spec.track is None:
        return f"the spec names {target}"
    return f"spec.track follows {target}"


def target_problem(seen: Observed) -> TargetProblem | None:
    """Return what is wrong with the version that is wanted, or None."""
    target = target_of(seen)
    if not target and seen.spec.track is not None:
        return None
    path = "spec.version" if seen.spec.track is None else "spec.track"
    version = seen.versions.get(target)
    if version is not None and version.problems:
        problem = version.problems[0]
        return TargetProblem(
            reason=Reason.VERSION_NOT_ACCEPTED,
            message=f"{path}: ModelVersion {target} is not accepted: "
            f"{problem.path}: {problem.message}",
        )
    if version is None or version.spec is None:
        return TargetProblem(
            reason=Reason.VERSION_NOT_FOUND,
            message=f"{path}: there is no ModelVersion {target} in {seen.namespace}; "
            f"{_way_out(seen)}",
        )
    if version.spec.model != seen.name:
        return TargetProblem(
            reason=Reason.VERSION_OF_ANOTHER_MODEL,
            message=f"{path}: ModelVersion {target} belongs to Model "
            f"{version.spec.model}, not to {seen.name}",
        )
    return None


def _is_there(seen: Observed, name: str) -> bool:
    return any(version.name == name for version in seen.trackable)


def _way_out(seen: Observed) -> str:
    if seen.spec.track is None:
        return "create it, or name another"
    return "it was deleted. A newer validated version takes over; or name one in spec.version"
