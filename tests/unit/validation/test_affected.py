"""Whose business an edit of a policy is."""

from typing import Any

from headgate.kube.resources import MODEL_VERSIONS, VALIDATION_POLICIES, Key
from headgate.model.caches import empty_caches
from headgate.validation.affected import by_policy
from headgate.validation.caches import empty_validation_caches
from headgate.validation.records import PolicyRecord, project_policy
from tests.builders.resources import a_model_version
from tests.builders.validation import VALIDATION, a_policy

OWN = Key(VALIDATION_POLICIES.kind, "team-a", "tabular")


def a_record(status: dict[str, Any] | None = None, **spec: Any) -> PolicyRecord:
    made = a_policy(namespace="team-a", **spec)
    made["metadata"] |= {"uid": "uid-1", "resourceVersion": "1"}
    return project_policy(made | {"status": status or {}})


def woken(old: PolicyRecord, new: PolicyRecord) -> set[Key]:
    caches = empty_caches()
    for name, asked in (("churn-v1", VALIDATION), ("churn-v2", None)):
        made = a_model_version(name, "team-a", validation=asked)
        made["metadata"] |= {"uid": f"uid-{name}", "resourceVersion": "1"}
        caches.versions.take(made)
    return set(by_policy(old, new, empty_validation_caches(), caches))


def test_an_edit_of_the_schedule_concerns_the_versions_that_name_the_policy() -> None:
    found = woken(a_record(), a_record(schedule={"every": "1h"}))
    assert found == {OWN, Key(MODEL_VERSIONS.kind, "team-a", "churn-v1")}


def test_a_policys_own_status_concerns_no_version() -> None:
    assert woken(a_record(), a_record({"message": "a"})) == {OWN}
