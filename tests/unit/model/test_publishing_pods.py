"""What reaches pods of spec.predictions, and what does not."""

from dataclasses import replace
from typing import Any

from headgate.model.build import build_children
from headgate.model.decide import decide
from headgate.model.decide.steps import spec_digest
from headgate.model.observed import Observed
from headgate.model.records import project_model
from headgate.model.runtimes.settings import ServingImages
from tests.builders.observed import NOW, a_model_seen, a_spec, a_version
from tests.builders.predictions import (
    a_gateway_seen,
    a_publishing_model,
    some_predictions,
)
from tests.builders.resources import a_model, a_version_spec

IMAGES = ServingImages(server="docker.io/headgate/server:dev")


def pod(seen: Observed) -> dict[str, Any]:
    children = build_children(seen, decide(seen, NOW), IMAGES)
    (deployment,) = [child for child in children if child["kind"] == "Deployment"]
    found: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return found


def env(seen: Observed) -> dict[str, str]:
    (server,) = pod(seen)["containers"]
    return {
        entry["name"]: entry["value"]
        for entry in server["env"]
        if entry["name"].startswith("HEADGATE_PREDICTIONS_")
    }


def sources(seen: Observed) -> list[dict[str, Any]]:
    volumes = {volume["name"]: volume for volume in pod(seen)["volumes"]}
    found: list[dict[str, Any]] = volumes["predictions"]["projected"]["sources"]
    return found


def test_a_server_is_told_where_to_publish_and_where_its_password_is() -> None:
    seen = a_publishing_model()
    assert env(seen) == {
        "HEADGATE_PREDICTIONS_SERVER": "nats://feed.team-a.svc:4222",
        "HEADGATE_PREDICTIONS_SUBJECT": "predictions.churn",
        "HEADGATE_PREDICTIONS_USER": "churn",
        "HEADGATE_PREDICTIONS_PASSWORD_FILE": "/predictions/password",
    }


def test_of_the_secret_only_the_users_key_is_mounted_and_a_pod_starts_without_it() -> None:
    seen = a_publishing_model()
    key = {"key": "churn", "path": "password"}
    assert sources(seen) == [{"secret": {"name": "feed-users", "optional": True, "items": [key]}}]
    mount = {"name": "predictions", "mountPath": "/predictions", "readOnly": True}
    assert mount in pod(seen)["containers"][0]["volumeMounts"]
    assert "feed-users" not in str(pod(seen)["containers"])


def test_with_tls_the_authority_is_mounted_and_never_the_key() -> None:
    gateway = {"name": "feed", "port": 4443}
    authority = {"caSecretRef": {"name": "feed-tls"}}
    seen = a_publishing_model(some_predictions(streamGateway=gateway, user=None, tls=authority))
    assert env(seen) == {
        "HEADGATE_PREDICTIONS_SERVER": "tls://feed.team-a.svc:4443",
        "HEADGATE_PREDICTIONS_SUBJECT": "predictions.churn",
        "HEADGATE_PREDICTIONS_CA_FILE": "/predictions/ca.crt",
    }
    key = {"key": "ca.crt", "path": "ca.crt"}
    assert sources(seen) == [{"secret": {"name": "feed-tls", "optional": True, "items": [key]}}]


def test_without_user_and_authority_nothing_is_mounted() -> None:
    seen = a_publishing_model(some_predictions(user=None, tls={}))
    assert "predictions" not in [volume["name"] for volume in pod(seen)["volumes"]]


def test_nothing_that_happens_to_the_gateway_changes_a_pod() -> None:
    moved = a_gateway_seen(listeners={"nats": {"port": 4333}})
    seen = [a_publishing_model(gateway=gateway) for gateway in (a_gateway_seen(), moved, None)]
    assert pod(seen[0]) == pod(seen[1]) == pod(seen[2])


def test_a_server_of_its_own_is_told_nothing() -> None:
    runtime = {"container": {"image": "example.com/churn:1"}}
    typed = a_version_spec(model="churn", artifact=None, runtime=runtime)
    own = {"v1": replace(a_version("v1"), spec=typed)}
    assert pod(a_publishing_model(versions=own)) == pod(a_model_seen(versions=own))


def test_a_spec_that_cannot_be_read_elsewhere_keeps_publishing() -> None:
    """It got in before its rule did: pods must not be replaced for that."""
    raw = a_model(predictions=some_predictions(), strategy={"telepathy": {}})
    raw["metadata"] |= {"uid": "uid-churn", "resourceVersion": "7"}
    spec, problems = project_model(raw).spec()
    assert problems
    assert spec.predictions == a_spec(predictions=some_predictions()).predictions


def test_where_predictions_go_is_no_reason_to_try_a_rejected_version_again() -> None:
    assert spec_digest(a_spec()) == spec_digest(a_spec(predictions=some_predictions()))
