"""The children that carry a plan out."""

from dataclasses import replace
from typing import Any

from headgate.core import labels
from headgate.model.build import build_children
from headgate.model.decide import decide
from headgate.model.projections import project_deployment
from headgate.model.runtimes.settings import ServingImages
from tests.builders.observed import NOW, a_deployment, a_model_seen, a_version
from tests.builders.resources import a_version_spec

OLD, NEW = "docker.io/headgate/server:1", "docker.io/headgate/server:2"
CONTAINER = {"container": {"image": "example.com/churn:1"}}


def deployment_on(running: str, images: ServingImages, **spec: Any) -> dict[str, Any]:
    """Return v1's Deployment as an operator builds it that finds it running on this image."""
    seen = a_model_seen(
        versions={"v1": replace(a_version("v1"), spec=a_version_spec(**spec))},
        deployments={"v1": a_deployment("v1", 2, image=running)},
    )
    children = build_children(seen, decide(seen, NOW), images)
    return next(child for child in children if child["kind"] == "Deployment")


def template(deployment: dict[str, Any]) -> Any:
    return deployment["spec"]["template"]


def test_an_operator_with_a_newer_image_restarts_nothing_that_runs() -> None:
    for spec in ({}, {"runtime": CONTAINER}):
        before = deployment_on("", ServingImages(server=OLD), **spec)
        after = deployment_on(OLD, ServingImages(server=NEW), **spec)
        assert after == before


def test_a_version_without_pods_starts_on_the_operators_own_image() -> None:
    fetch = template(deployment_on("", ServingImages(server=NEW)))["spec"]["initContainers"][0]
    assert fetch["image"] == NEW


def test_an_image_that_somebody_set_on_the_child_is_not_taken_for_ours() -> None:
    built = deployment_on("", ServingImages(server=OLD))
    edited = {**built, "metadata": {**built["metadata"], "uid": "uid-deployment"}}
    template(edited)["spec"]["containers"][0]["image"] = "example.com/other:1"
    assert project_deployment(edited).seen.image == OLD
    assert built["metadata"]["annotations"][labels.SERVER_IMAGE] == OLD
