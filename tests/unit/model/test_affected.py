"""Whose business a change of a Model's status is."""

from dataclasses import replace
from typing import Any

from headgate.core.lane import Lane
from headgate.kube.resources import MODEL_VERSIONS, MODELS, Key
from headgate.model.affected import by_gateway, by_model, lane_of_model
from headgate.model.caches import Caches, empty_caches
from headgate.model.records import ModelRecord, project_model
from headgate.streamgateway.records import GatewayRecord, project_gateway
from tests.builders.predictions import some_predictions
from tests.builders.resources import a_model, a_model_version

OWN = Key(MODELS.kind, "team-a", "churn")
ITS_VERSION = Key(MODEL_VERSIONS.kind, "team-a", "churn-v1")
DEPENDENTS = {
    Key(MODELS.kind, "team-a", "ranking"),
    Key(MODEL_VERSIONS.kind, "team-a", "ranking-v1"),
}
SERVES = {"name": "churn-v1", "weight": 100, "share": 100, "replicas": 2, "readyReplicas": 2}


def everybody() -> Caches:
    """Return caches with churn's version and a version of another Model that depends on it."""
    caches = empty_caches()
    needs = {"model": "ranking", "dependsOn": [{"name": "churn-v1"}]}
    for number, made in enumerate(
        (a_model_version("churn-v1", "team-a"), a_model_version("ranking-v1", "team-a", **needs)), 1
    ):
        made["metadata"] |= {"uid": f"uid-{number}", "resourceVersion": str(number)}
        caches.versions.take(made)
    return caches


def a_record(**status: Any) -> ModelRecord:
    made: dict[str, Any] = a_model("churn", "team-a")
    made["metadata"] |= {"uid": "uid-churn", "resourceVersion": "7"}
    return project_model(made | {"status": {"phase": "Healthy"} | status})


def woken(before: ModelRecord | None, after: ModelRecord | None) -> set[Key]:
    return set(by_model(before, after, everybody()))


def test_a_message_is_nobody_elses() -> None:
    assert woken(a_record(message="a"), a_record(message="b")) == {OWN}


def test_fewer_ready_pods_concern_dependents_but_no_version_shows_them() -> None:
    fewer = SERVES | {"readyReplicas": 1}
    assert woken(a_record(versions=[SERVES]), a_record(versions=[fewer])) == {OWN, *DEPENDENTS}


def test_another_share_is_shown_by_the_version_too() -> None:
    half = SERVES | {"share": 50}
    everyone = {OWN, ITS_VERSION, *DEPENDENTS}
    assert woken(a_record(versions=[SERVES]), a_record(versions=[half])) == everyone


def test_a_rejection_is_shown_by_the_version_too() -> None:
    rejected = [{"name": "churn-v1", "reason": "CrashLooping", "message": "it ended"}]
    assert ITS_VERSION in woken(a_record(), a_record(rejected=rejected))


def test_a_model_that_goes_concerns_all() -> None:
    assert woken(a_record(versions=[SERVES]), None) == {OWN, ITS_VERSION, *DEPENDENTS}


def test_a_models_own_status_waits_for_other_news_and_its_spec_does_not() -> None:
    before, told = a_record(), a_record(message="b")
    assert lane_of_model(OWN, before, told) is Lane.SOON
    assert lane_of_model(OWN, before, replace(told, generation=2)) is Lane.URGENT
    assert lane_of_model(OWN, None, told) is Lane.URGENT
    assert lane_of_model(Key(MODELS.kind, "team-a", "ranking"), before, told) is Lane.URGENT


def test_who_becomes_stable_is_the_business_of_its_versions() -> None:
    serves = a_record(versions=[SERVES])
    assert ITS_VERSION in woken(serves, a_record(versions=[SERVES], stableVersion="churn-v1"))


def a_gateway(name: str = "feed", phase: str = "Healthy", **spec: Any) -> GatewayRecord:
    meta = {"name": name, "namespace": "team-a", "uid": "uid-feed", "resourceVersion": "1"}
    return project_gateway({"metadata": meta, "spec": spec, "status": {"phase": phase}})


def publishing() -> Caches:
    """Return caches with two Models, of which one publishes to the gateway feed."""
    caches = empty_caches()
    for number, made in enumerate(
        (a_model("churn", "team-a", predictions=some_predictions()), a_model("rank", "team-a")), 1
    ):
        made["metadata"] |= {"uid": f"uid-{number}", "resourceVersion": str(number)}
        caches.models.take(made)
    return caches


def test_a_gateway_that_comes_changes_or_goes_concerns_the_models_that_publish_to_it() -> None:
    caches, other = publishing(), a_gateway(replicas=3)
    for before, after in ((None, a_gateway()), (a_gateway(), other), (a_gateway(), None)):
        assert list(by_gateway(before, after, caches)) == [OWN]


def test_a_gateways_status_and_other_gateways_concern_no_model() -> None:
    caches = publishing()
    assert not list(by_gateway(a_gateway(), a_gateway(phase="Draining"), caches))
    assert not list(by_gateway(None, a_gateway("other"), caches))
