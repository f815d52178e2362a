"""Whether the version that the spec names can be used, and why not."""

from dataclasses import dataclass

from headgate.core.reasons import Reason
from headgate.model.observed import Observed


@dataclass(frozen=True, kw_only=True)
class TargetProblem:
    """Why a version cannot be rolled out, and what to do about it."""

    reason: Reason
    message: str


def target_problem(seen: Observed) -> TargetProblem | None:
    """Return what is wrong with the version that spec.version names, or None."""
    target = seen.spec.version or ""
    version = seen.versions.get(target)
    if version is not None and version.problems:
        problem = version.problems[0]
        return TargetProblem(
            reason=Reason.VERSION_NOT_ACCEPTED,
            message=f"spec.version: ModelVersion {target} is not accepted: "
            f"{problem.path}: {problem.message}",
        )
    if version is None or version.spec is None:
        return TargetProblem(
            reason=Reason.VERSION_NOT_FOUND,
            message=f"spec.version: there is no ModelVersion {target} in {seen.namespace}; "
            "create it, or name another",
        )
    if version.spec.model != seen.name:
        return TargetProblem(
            reason=Reason.VERSION_OF_ANOTHER_MODEL,
            message=f"spec.version: ModelVersion {target} belongs to Model "
            f"{version.spec.model}, not to {seen.name}",
        )
    return None
