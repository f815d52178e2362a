"""From real caches, filled with what the API server sends, to what a pass sees."""

from typing import Any

from headgate.core import labels
from headgate.core.names import label_value, service_name
from headgate.gauges.ledger import Ledger
from headgate.kube.resources import Key
from headgate.model.build import deployment_name
from headgate.model.caches import Caches, empty_caches
from headgate.model.gates.evidence import Sample
from headgate.model.observe import observe, record_of
from headgate.model.observed import DependencySeen, Observed, ServiceSeen
from headgate.modelversion.observe import observe as observe_version
from headgate.validation.caches import empty_validation_caches
from tests.builders.good_specs import LONGEST_NAME
from tests.builders.observed import NOW, errors_of
from tests.builders.resources import Manifest, a_model, a_model_version

STARTED = NOW.isoformat()


class Pods:
    """A scraper that hears every pod say the same."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def scrape(self, sources: Any) -> tuple[Sample, ...]:
        self.asked = [source.pod for source in sources]
        return tuple(
            Sample(
                pod=source.pod,
                version=source.version,
                started=NOW.timestamp() + 1,
                requests=10,
                errors=1,
            )
            for source in sources
        )


def stored(manifest: Manifest, **meta: Any) -> Manifest:
    """Return an object as the API server sends it."""
    found = {"uid": f"uid-{manifest['metadata']['name']}", "resourceVersion": "1"}
    return {**manifest, "metadata": {**manifest["metadata"], **found, **meta}}


def owned_by(model: str, version: str | None = None) -> dict[str, Any]:
    marks = {labels.MANAGED_BY: "headgate", labels.MODEL: label_value(model)}
    if version is not None:
        marks[labels.VERSION] = label_value(version)
    return {
        "labels": marks,
        "ownerReferences": [{"controller": True, "uid": f"uid-{model}"}],
    }


def a_pod(version: str, number: int = 1, model: str = "churn", **status: Any) -> Manifest:
    ready = {"podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}
    meta = {"name": f"pod-{version[-9:]}-{number}", "namespace": "default"}
    return stored({"metadata": meta, "status": ready | status}, **owned_by(model, version))


def a_deployment(version: str, model: str = "churn", **meta: Any) -> Manifest:
    manifest = {
        "metadata": {"name": deployment_name(model, version), "namespace": "default"},
        "spec": {"replicas": 2},
    }
    return stored(manifest, **(owned_by(model, version) | meta))


def a_service(pinned: str | None = None, model: str = "churn", **meta: Any) -> Manifest:
    selector = {labels.MODEL: label_value(model)}
    if pinned is not None:
        selector[labels.VERSION] = label_value(pinned)
    manifest = {
        "metadata": {"name": service_name(model), "namespace": "default"},
        "spec": {"selector": selector},
    }
    return stored(manifest, **(owned_by(model) | meta))


def a_status(stable: str, **fields: Any) -> dict[str, Any]:
    serving = {"name": stable, "weight": 100, "share": 100, "replicas": 1, "readyReplicas": 1}
    return {"stableVersion": stable, "versions": [serving], **fields}


def world(*objects: tuple[str, Manifest]) -> Caches:
    """Return caches that hold these objects: ("pods", ...), ("models", ...)."""
    caches = empty_caches()
    for kind, manifest in objects:
        getattr(caches, kind).take(manifest)
    return caches


def churn(**status: Any) -> tuple[str, Manifest]:
    return ("models", stored({**a_model(), "status": status or a_status("churn-v1")}))


async def seen_in(caches: Caches, name: str = "churn", scraper: Pods | None = None) -> Observed:
    key = Key("Model", "default", name)
    record = record_of(caches, key)
    assert record is not None
    return await observe(key, record, caches, Ledger(scraper or Pods()), NOW)


async def test_a_model_with_its_children() -> None:
    caches = world(
        churn(),
        ("versions", stored(a_model_version())),
        ("deployments", a_deployment("churn-v1")),
        ("services", a_service("churn-v1")),
        ("pods", a_pod("churn-v1", 1)),
        ("pods", a_pod("churn-v1", 2, conditions=[])),
    )
    seen = await seen_in(caches)
    assert seen.memory.stable == "churn-v1"
    assert seen.ready("churn-v1") == 1
    assert len(seen.pods["churn-v1"]) == 2
    assert seen.deployments["churn-v1"].replicas == 2
    assert seen.service == ServiceSeen(pinned="churn-v1")
    assert seen.problems == ()


async def test_a_model_that_is_gone_or_going_is_not_seen() -> None:
    leaving = stored(a_model(), deletionTimestamp=STARTED)
    assert record_of(world(("models", leaving)), Key("Model", "default", "churn")) is None
    assert record_of(world(), Key("Model", "default", "churn")) is None


async def test_objects_of_another_model_or_namespace_are_nobody_here() -> None:
    elsewhere = a_pod("churn-v1")
    elsewhere["metadata"]["namespace"] = "team-b"
    caches = world(churn(), ("pods", a_pod("fraud-v1", model="fraud")), ("pods", elsewhere))
    assert (await seen_in(caches)).pods == {}


async def test_names_too_long_for_a_label_are_found_again() -> None:
    model, version = LONGEST_NAME, LONGEST_NAME[:-1] + "x"
    own = {**a_model(model, version=version), "status": a_status(version)}
    caches = world(
        ("models", stored(own)),
        ("versions", stored(a_model_version(version, model=model))),
        ("deployments", a_deployment(version, model)),
        ("services", a_service(version, model)),
        ("pods", a_pod(version, 1, model)),
    )
    seen = await seen_in(caches, model)
    assert set(seen.pods) == set(seen.deployments) == {version}
    assert seen.service == ServiceSeen(pinned=version)


class TestVersions:
    """Those that are named, remembered, or still have a Deployment."""

    async def test_one_that_does_not_exist_is_seen_as_missing(self) -> None:
        seen = await seen_in(world(churn()))
        assert seen.versions["churn-v1"].spec is None

    async def test_one_on_its_way_out_counts_as_missing(self) -> None:
        leaving = stored(a_model_version(), deletionTimestamp=STARTED)
        seen = await seen_in(world(churn(), ("versions", leaving)))
        assert seen.versions["churn-v1"].spec is None

    async def test_one_that_only_has_a_deployment_left(self) -> None:
        caches = world(
            churn(),
            ("versions", stored(a_model_version("churn-v0"))),
            ("versions", stored(a_model_version("churn-v9", version="9.0.0"))),
            ("deployments", a_deployment("churn-v0")),
        )
        assert set((await seen_in(caches)).versions) == {"churn-v0", "churn-v1"}

    async def test_one_that_is_not_accepted_says_why(self) -> None:
        first = stored(a_model_version("churn-v0"), creationTimestamp="2026-01-01T00:00:00Z")
        second = stored(a_model_version("churn-v1"), creationTimestamp="2026-01-02T00:00:00Z")
        caches = world(churn(), ("versions", first), ("versions", second))
        (problem,) = (await seen_in(caches)).versions["churn-v1"].problems
        assert problem.path == "spec.version"


class TestDependencies:
    """What a version depends on, and who depends on it."""

    ranking = a_model_version("churn-v1", dependsOn=[{"name": "features-v1"}])

    def caches(self, **features: Any) -> Caches:
        """Return churn-v1, which depends on features-v1 of the Model features."""
        status = a_status("features-v1", **features)
        return world(
            churn(),
            ("versions", stored(self.ranking)),
            ("versions", stored(a_model_version("features-v1", model="features"))),
            ("models", stored({**a_model("features", version="features-v1"), "status": status})),
        )

    async def dependency(self, caches: Caches) -> DependencySeen:
        (found,) = (await seen_in(caches)).versions["churn-v1"].dependencies
        return found

    async def test_one_that_serves(self) -> None:
        found = await self.dependency(self.caches())
        assert found == DependencySeen(name="features-v1", serving=True)

    async def test_one_that_does_not_exist(self) -> None:
        found = await self.dependency(world(churn(), ("versions", stored(self.ranking))))
        assert not found.serving
        assert found.detail == "there is no ModelVersion features-v1 in default"

    async def test_one_without_a_ready_pod(self) -> None:
        entry = {"name": "features-v1", "weight": 100, "share": 0, "replicas": 1}
        found = await self.dependency(self.caches(versions=[entry | {"readyReplicas": 0}]))
        assert not found.serving
        assert found.detail == "Model features has no ready pod of it"

    async def test_one_that_is_about_to_be_taken_back(self) -> None:
        leaving = {"version": "features-v1", "since": STARTED, "reason": "CrashLooping"}
        found = await self.dependency(self.caches(leaving=leaving))
        assert (found.serving, found.leaving) == (False, True)

    async def test_one_that_is_merely_to_be_replaced_still_serves(self) -> None:
        leaving = {"version": "features-v1", "since": STARTED}
        found = await self.dependency(self.caches(leaving=leaving))
        assert (found.serving, found.leaving) == (True, False)

    async def test_dependents_are_those_that_have_traffic(self) -> None:
        caches = self.caches()
        assert (await seen_in(caches, "features")).dependents == {"features-v1": ("churn-v1",)}
        without = world(
            churn(stableVersion="churn-v0"),
            ("versions", stored(self.ranking)),
            ("models", stored(a_model("features", version="features-v1"))),
        )
        assert (await seen_in(without, "features")).dependents == {"features-v1": ()}

    async def test_a_version_says_what_it_waits_for(self) -> None:
        caches = world(churn(stableVersion="churn-v0"), ("versions", stored(self.ranking)))
        record = caches.versions.get("default", "churn-v1")
        assert record is not None
        assert observe_version(record, caches, empty_validation_caches()).waits_for == (
            "features-v1: there is no ModelVersion features-v1 in default",
        )


class TestNamesThatAreTaken:
    """A child's name that somebody else's object has."""

    async def test_a_service(self) -> None:
        foreign = a_service("churn-v1", ownerReferences=[])
        seen = await seen_in(world(churn(), ("services", foreign)))
        assert seen.service is None
        assert [problem.path for problem in seen.problems] == ["metadata.name"]

    async def test_a_deployment(self) -> None:
        of_another = [{"controller": True, "uid": "uid-of-a-model-before"}]
        foreign = a_deployment("churn-v1", ownerReferences=of_another)
        seen = await seen_in(world(churn(), ("deployments", foreign)))
        assert seen.deployments == {}
        assert "is taken by an object of Model churn" in seen.problems[0].message


class TestEvidence:
    """Only of what is compared."""

    rollout = {  # noqa: RUF012
        "version": "churn-v2",
        "kind": "Canary",
        "startedAt": STARTED,
        "waitingSince": STARTED,
        "weight": 10,
    }

    def caches(self, **status: Any) -> Caches:
        return world(
            churn(**a_status("churn-v1", **status)),
            ("pods", a_pod("churn-v0")),
            ("pods", a_pod("churn-v1")),
            ("pods", a_pod("churn-v2")),
            ("pods", a_pod("churn-v2", 2, podIP="")),
        )

    async def test_at_rest_nobody_is_asked(self) -> None:
        scraper = Pods()
        await seen_in(self.caches(), scraper=scraper)
        assert scraper.asked == []

    async def test_of_a_rollout_both_versions_are(self) -> None:
        scraper = Pods()
        seen = await seen_in(self.caches(rollout=self.rollout), scraper=scraper)
        assert sorted(scraper.asked) == ["pod-churn-v1-1", "pod-churn-v2-1"]
        assert (seen.evidence.canary, seen.evidence.stable) == (errors_of(10, 1), errors_of(10, 1))

    async def test_after_promotion_the_new_one_is(self) -> None:
        scraper = Pods()
        previous = {"version": "churn-v0", "since": STARTED}
        seen = await seen_in(self.caches(previous=previous), scraper=scraper)
        assert scraper.asked == ["pod-churn-v1-1"]
        assert seen.evidence.canary == errors_of(10, 1)
