"""Paths of objects in the API."""

import pytest

from headgate.kube.resources import (
    ALL,
    DEPLOYMENTS,
    MODELS,
    PODS,
    Resource,
    resource_of,
)

NODES = Resource("", "v1", "nodes", "Node", namespaced=False)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PODS.path(), "/api/v1/pods"),
        (PODS.path("ns"), "/api/v1/namespaces/ns/pods"),
        (MODELS.path("ns", "m", "status"),
         "/apis/headgate.dev/v1alpha1/namespaces/ns/models/m/status"),
        (DEPLOYMENTS.path("ns", "d"), "/apis/apps/v1/namespaces/ns/deployments/d"),
        (NODES.path(name="n"), "/api/v1/nodes/n"),
        (NODES.path("ignored", "n"), "/api/v1/nodes/n"),
    ],
)  # fmt: skip
def test_paths_are_those_of_the_api(path: str, expected: str) -> None:
    assert path == expected


def test_a_name_without_a_namespace_is_refused() -> None:
    with pytest.raises(ValueError, match="lives in a namespace"):
        PODS.path(name="p")


def test_every_kind_is_found_by_its_manifests() -> None:
    for resource in ALL:
        manifest = {"apiVersion": resource.api_version, "kind": resource.kind}
        assert resource_of(manifest) is resource


def test_a_kind_that_is_not_ours_to_write_is_named() -> None:
    with pytest.raises(KeyError, match="v1 Node"):
        resource_of({"apiVersion": "v1", "kind": "Node"})
