"""How many of a version's pods a Service reaches."""

from typing import Any

from headgate.core import labels
from headgate.model.caches import empty_caches
from headgate.model.observe import endpoints_reached
from headgate.model.records import project_model
from tests.builders.observed import pods
from tests.builders.resources import a_model


def a_slice(name: str, *pods_in_it: str, service: str = "churn") -> dict[str, Any]:
    own = {labels.MODEL: "churn", "kubernetes.io/service-name": service}
    meta = {"name": name, "namespace": "default", "uid": name, "resourceVersion": "1"}
    return {
        "metadata": {**meta, "labels": own},
        "endpoints": [{"targetRef": {"name": pod}} for pod in pods_in_it],
    }


def test_a_pod_in_the_slices_of_two_ip_families_is_one_pod() -> None:
    caches = empty_caches()
    for each in (
        a_slice("ipv4", "v1-1", "v1-2", "v2-1", "gone-1"),
        a_slice("ipv6", "v1-1", "v1-2", "v2-1"),
        a_slice("of-another", "v2-2", service="churn-by-hand"),
    ):
        caches.endpoint_slices.take(each)
    raw = a_model("churn")
    raw["metadata"] |= {"uid": "uid-churn", "resourceVersion": "1"}
    found = endpoints_reached(
        project_model(raw), caches, {"v1": pods("v1", 2), "v2": pods("v2", 2)}
    )
    assert found == {"v1": 2, "v2": 1}
