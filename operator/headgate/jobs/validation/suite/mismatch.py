"""A policy that asks what this data, or this task, cannot answer."""

from headgate.core.resource import ResourceModel
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.suite.case import Case


class PolicyMismatchError(DataError):
    """A policy that reads well but does not fit the data; the message starts with the field."""


def path_of(case: Case, spec: ResourceModel) -> str:
    """Return where a check's spec stands in the policy, as `spec.checks[2].performance`."""
    for index, check in enumerate(case.policy.checks):
        if check.name and getattr(check, check.name) is spec:
            return f"spec.checks[{index}].{check.name}"
    for index, check in enumerate(case.policy.checks):
        if check.name and getattr(check, check.name) == spec:
            return f"spec.checks[{index}].{check.name}"
    return "spec.checks"
