"""Names, order, ownership and safety of every child that is built."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core import labels
from headgate.model.build import build_children, deployment_name
from headgate.model.decide import decide
from headgate.model.observed import Observed, ServiceSeen
from headgate.model.runtimes.settings import ServingImages
from tests.builders.cluster_model import effects_of
from tests.builders.good_specs import GOOD_SPECS, LONGEST_NAME
from tests.builders.observed import (
    NOW,
    a_canary_seen,
    a_deployment,
    a_memory,
    a_model_seen,
    a_previous,
    a_rollout,
    a_spec,
    a_version,
    no_version,
)
from tests.builders.resources import a_version_spec

IMAGES = ServingImages(server="docker.io/headgate/server:dev")
VERSION_SPECS = {
    name: raw["spec"] for name, raw in GOOD_SPECS.items() if raw["kind"] == "ModelVersion"
}


def children(seen: Observed) -> tuple[dict[str, Any], ...]:
    return build_children(seen, decide(seen, NOW), IMAGES)


def told(seen: Observed) -> list[tuple[str, Any]]:
    """Return the children in their order: a Deployment's version and replicas, a selector."""
    return [
        ("select", child["spec"]["selector"].get(labels.VERSION))
        if child["kind"] == "Service"
        else (child["metadata"]["labels"][labels.VERSION], child["spec"]["replicas"])
        for child in children(seen)
    ]


def pod_of(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the pod spec of a version with this spec, in YAML's words."""
    typed = a_version_spec(**{**dict.fromkeys(("artifact", "runtime")), **spec, "model": "churn"})
    seen = a_model_seen(versions={"v1": replace(a_version("v1"), spec=typed)})
    (deployment,) = [child for child in children(seen) if child["kind"] == "Deployment"]
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def test_pods_that_come_are_applied_before_the_route_and_pods_that_go_after_it() -> None:
    seen = a_model_seen(
        {"v0": 1, "v1": 2, "v2": 1},
        pinned="v1",
        spec=a_spec("v2"),
        versions={name: a_version(name) for name in ("v0", "v1", "v2")},
        memory=a_memory(rollout=a_rollout("v2", weight=50)),
    )
    assert told(seen) == [("v1", 2), ("v2", 2), ("select", "v1"), ("v0", 0)]


def test_the_model_of_a_cluster_in_the_property_tests_keeps_the_same_order() -> None:
    for seen in (
        a_canary_seen(pinned="v1"),
        a_model_seen({"v1": 2, "v2": 2}),
        a_model_seen({}, service=None),
        a_model_seen({"v0": 1, "v1": 2}, versions={"v1": a_version("v1"), "v0": no_version("v0")}),
    ):
        effects = effects_of(seen, decide(seen, NOW))
        expected = [
            ("select", what) if verb == "select" else (what, count)
            for verb, what, count in effects
            if verb != "delete"
        ]
        assert told(seen) == expected


def test_equal_input_gives_equal_children() -> None:
    assert children(a_canary_seen()) == children(a_canary_seen())


def test_nothing_is_made_for_a_version_that_never_ran_and_is_not_wanted() -> None:
    promoted = a_memory("v2", previous=a_previous("v1"))
    seen = a_model_seen({"v2": 1}, pinned="v2", spec=a_spec("v2", replicas=0), memory=promoted)
    assert told(seen) == [("select", "v2"), ("v2", 0)]


def test_a_deployment_whose_version_was_deleted_is_left_as_it_is() -> None:
    seen = a_model_seen(versions={"v1": no_version("v1")})
    assert told(seen) == [("select", "v1")]


def test_every_child_names_its_owner_and_can_be_found_again() -> None:
    for child in children(a_canary_seen()):
        meta = child["metadata"]
        assert meta["labels"][labels.MANAGED_BY] == "headgate"
        assert meta["labels"][labels.MODEL] == "churn"
        assert meta["ownerReferences"] == [
            {
                "apiVersion": "headgate.dev/v1alpha1",
                "kind": "Model",
                "name": "churn",
                "uid": "uid-churn",
                "controller": True,
                "blockOwnerDeletion": False,
            }
        ]
        assert len(meta["annotations"][labels.APPLIED]) == 16


def test_the_digest_of_a_child_changes_with_what_is_wanted_of_it() -> None:
    def digests(seen: Observed) -> list[str]:
        return [child["metadata"]["annotations"][labels.APPLIED] for child in children(seen)]

    shared, alone = digests(a_canary_seen()), digests(a_canary_seen(pinned="v1", pods={}))
    assert digests(a_canary_seen()) == shared
    assert shared != alone


class TestNamesOf253Characters:
    """As long as Kubernetes allows: children have names all the same, and distinct ones."""

    def seen(self, version: str) -> Observed:
        return a_model_seen(
            name=LONGEST_NAME,
            spec=a_spec(version),
            memory=a_memory(version),
            versions={version: a_version(version, model=LONGEST_NAME)},
            deployments={version: a_deployment(version, 2)},
            service=ServiceSeen(pinned=version),
        )

    def test_they_fit(self) -> None:
        for child in children(self.seen(LONGEST_NAME)):
            assert len(child["metadata"]["name"]) <= 63
            assert child["metadata"]["name"][0].isalpha()
            for value in child["metadata"]["labels"].values():
                assert len(value) <= 63

    def test_they_differ(self) -> None:
        other = LONGEST_NAME[:-1] + "x"
        pairs = [(LONGEST_NAME, LONGEST_NAME), (LONGEST_NAME, other), (other, LONGEST_NAME)]
        names = {deployment_name(model, version) for model, version in pairs}
        assert len(names) == 3

    def test_a_selector_reaches_what_is_labelled_and_nothing_else(self) -> None:
        deployment, service = children(self.seen(LONGEST_NAME))
        template = deployment["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= template.items()
        assert deployment["spec"]["selector"]["matchLabels"].items() <= template.items()


@pytest.mark.parametrize("spec", VERSION_SPECS.values(), ids=VERSION_SPECS.keys())
class TestEveryPod:
    """What holds of the pods of any version that is accepted."""

    def test_passes_the_restricted_level(self, spec: dict[str, Any]) -> None:
        pod = pod_of(spec)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod["initContainers"], *pod["containers"]):
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert security["readOnlyRootFilesystem"] is True
            assert "privileged" not in security
        kinds = {kind for volume in pod["volumes"] for kind in volume if kind != "name"}
        assert kinds <= {"emptyDir", "configMap", "secret", "persistentVolumeClaim"}

    def test_leaves_gently(self, spec: dict[str, Any]) -> None:
        pod = pod_of(spec)
        (server,) = pod["containers"]
        sleep = server["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert sleep >= 5
        assert pod["terminationGracePeriodSeconds"] >= sleep + 30
        assert server["readinessProbe"]["httpGet"]["port"] == "http"
        assert [port["name"] for port in server["ports"]] == ["http"]

    def test_says_its_last_word(self, spec: dict[str, Any]) -> None:
        pod = pod_of(spec)
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"

    def test_mounts_only_volumes_that_it_has(self, spec: dict[str, Any]) -> None:
        pod = pod_of(spec)
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in (*pod["initContainers"], *pod["containers"]):
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
