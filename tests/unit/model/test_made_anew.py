"""A ModelVersion that is deleted and made anew with another spec never replaces running pods."""

from datetime import UTC, datetime
from typing import Any

from headgate.core import labels
from headgate.gauges.ledger import Ledger
from headgate.kube.resources import Key
from headgate.model.build import build_children, pod_digest
from headgate.model.caches import Caches, empty_caches
from headgate.model.decide import decide
from headgate.model.observe import observe, record_of
from headgate.model.observed import Observed
from headgate.model.runtimes.settings import ServingImages
from tests.builders.resources import a_model, a_model_version, a_version_spec

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Key("Model", "default", "churn")
IMAGES = ServingImages(server="server:1")


class NoPods:
    """A scraper with nothing to scrape."""

    async def scrape(self, sources: Any) -> tuple[()]:
        assert not tuple(sources)
        return ()


def stored(raw: dict[str, Any], **meta: Any) -> dict[str, Any]:
    """Return an object as the API server would have it."""
    return {**raw, "metadata": {**raw["metadata"], "uid": "u", "resourceVersion": "1", **meta}}


def a_deployment(replicas: int) -> dict[str, Any]:
    """Return the Deployment that churn-v1's first spec was made into."""
    meta = {
        "name": "churn-v1-0",
        "namespace": "default",
        "uid": "d",
        "resourceVersion": "1",
        "labels": {labels.MODEL: "churn", labels.VERSION: "churn-v1"},
        "annotations": {labels.POD_DIGEST: pod_digest(a_version_spec())},
        "ownerReferences": [{"controller": True, "uid": "u"}],
    }
    return {"metadata": meta, "spec": {"replicas": replicas}}


def caches_with(version: dict[str, Any], *, replicas: int) -> Caches:
    """Return the caches of a Model that serves churn-v1."""
    caches = empty_caches()
    model = a_model(version="churn-v1", replicas=2)
    caches.models.take(stored({**model, "status": {"stableVersion": "churn-v1"}}))
    caches.versions.take(stored(version))
    caches.deployments.take(a_deployment(replicas))
    return caches


async def seen_in(caches: Caches) -> Observed:
    """Return what a pass sees."""
    record = record_of(caches, KEY)
    assert record is not None
    return await observe(KEY, record, caches, Ledger(NoPods()), NOW)


ANEW = a_model_version(resources={"limits": {"memory": "64Mi"}})


async def test_the_pods_of_the_first_one_are_left_as_they_are_and_the_model_says_so() -> None:
    seen = await seen_in(caches_with(ANEW, replicas=2))
    plan = decide(seen, NOW)
    kinds = [manifest["kind"] for manifest in build_children(seen, plan, IMAGES)]
    assert "Deployment" not in kinds
    assert "made anew with another spec" in plan.state.message


async def test_one_made_anew_with_the_same_spec_is_the_same() -> None:
    seen = await seen_in(caches_with(a_model_version(), replicas=2))
    assert seen.versions["churn-v1"].spec is not None


async def test_where_no_pods_run_the_new_spec_is_used() -> None:
    seen = await seen_in(caches_with(ANEW, replicas=0))
    assert seen.versions["churn-v1"].spec is not None
