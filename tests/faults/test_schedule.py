"""Fear: a version that serves is validated twice at once, or never again after a crash."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.errors import ApiError
from headgate.kube.resources import (
    MODEL_VERSIONS,
    MODELS,
    VALIDATION_POLICIES,
    VALIDATION_RUNS,
    Key,
    Manifest,
    Resource,
)
from headgate.model.caches import empty_caches
from headgate.modelversion.reconcile import ModelVersionReconciler
from headgate.validation.caches import empty_validation_caches
from tests.builders.faults import CrashError, FaultyKube
from tests.builders.resources import a_model, a_model_version
from tests.builders.validation import VALIDATION, a_policy
from tests.faults.conftest import NewNamespace
from tests.faults.operator_under_test import Notes
from tests.faults.stand_in import Clock

pytestmark = [pytest.mark.apiserver, pytest.mark.timeout(300)]
NAME = "churn-v3"
SERVES = {"name": NAME, "weight": 100, "share": 100, "replicas": 1, "readyReplicas": 1}


@dataclass
class Schedule:
    """A version that serves, an operator that may die at any write, and a stand-in for the Jobs."""

    kube: KubeClient
    namespace: str
    faulty: FaultyKube
    clock: Clock = field(default_factory=Clock)
    lives: int = 0

    async def begin(self, **policy: Any) -> None:
        policy = {"schedule": {"every": "10m"}} | policy
        made = a_model_version(NAME, self.namespace, validation=VALIDATION)
        model = a_model(namespace=self.namespace, version=NAME)
        for resource, manifest in (
            (VALIDATION_POLICIES, a_policy(namespace=self.namespace, **policy)),
            (MODEL_VERSIONS, made),
            (MODELS, model),
        ):
            await self.kube.create(resource, self.namespace, manifest)
        await self.write(MODELS, "churn", {"stableVersion": NAME, "versions": [SERVES]})

    async def write(self, resource: Resource, name: str, status: Manifest) -> None:
        found = await self.kube.get(resource, self.namespace, name)
        await self.kube.patch_status(
            resource,
            self.namespace,
            name,
            (found.get("status") or {}) | status,
            previous=found.get("status") or {},
            resource_version=found["metadata"]["resourceVersion"],
        )

    async def runs(self) -> list[Manifest]:
        found = await self.kube.list(VALIDATION_RUNS, self.namespace)
        return sorted(found, key=lambda run: (run.get("status") or {}).get("finishedAt", "z"))

    async def passes(self, count: int = 3) -> timedelta | None:
        """Let operators that have just listed everything make passes; return until when to wait."""
        due = None
        for _ in range(count):
            try:
                due = await (await self._operator()).reconcile(
                    Key(MODEL_VERSIONS.kind, self.namespace, NAME)
                )
            except CrashError:
                self.lives += 1
            except ApiError:
                continue
        return due - self.clock() if due is not None else None

    async def end(self, verdict: str | None = "Pass") -> None:
        """Let the runs that go on end; None: they could not be carried out."""
        now = self.clock().replace(microsecond=0).isoformat().replace("+00:00", "Z")
        for run in await self.runs():
            if (run.get("status") or {}).get("finishedAt"):
                continue
            phase = {"phase": "Failed"} if verdict is None else {"phase": "Succeeded"}
            told = {"verdict": verdict} if verdict is not None else {}
            await self.write(
                VALIDATION_RUNS,
                run["metadata"]["name"],
                {**phase, **told, "finishedAt": now, "message": "it ended"},
            )

    async def status(self) -> Manifest:
        found = await self.kube.get(MODEL_VERSIONS, self.namespace, NAME)
        status: Manifest = found["status"]
        return status

    async def _operator(self) -> ModelVersionReconciler:
        caches, validation = empty_caches(), empty_validation_caches()
        followed: tuple[tuple[Resource, Cache[Any]], ...] = (
            (MODELS, caches.models),
            (MODEL_VERSIONS, caches.versions),
            (VALIDATION_POLICIES, validation.policies),
            (VALIDATION_RUNS, validation.runs),
        )
        for resource, cache in followed:
            for item in await self.kube.list(resource, self.namespace):
                cache.take(item)
        return ModelVersionReconciler(
            kube=self.faulty,
            caches=caches,
            validation=validation,
            recorder=Notes(),
            clock=self.clock,
        )


async def a_schedule(kube: KubeClient, new_namespace: NewNamespace, **policy: Any) -> Schedule:
    """Return a version that was validated and serves; the clock is the test's."""
    story = Schedule(kube, await new_namespace(), FaultyKube(kube))
    await story.begin(**policy)
    await story.passes()
    await story.end()
    await story.passes()
    return story


@pytest.mark.parametrize("misfortune", ["none", "crash_before", "crash_after", "lose_answer_of"])
async def test_one_run_is_made_when_it_is_due_and_the_newest_three_are_kept(
    kube: KubeClient, new_namespace: NewNamespace, misfortune: str
) -> None:
    # given
    story = await a_schedule(kube, new_namespace)
    (first,) = await story.runs()
    for verdict in ("Pass", "Pass", "Inconclusive", None, "Pass"):
        # when: it is not due yet
        wait = await story.passes()
        assert wait is not None
        assert timedelta(minutes=9) < wait <= timedelta(minutes=10)
        # when: it is
        story.clock.advance(wait.total_seconds())
        if misfortune != "none":
            getattr(story.faulty, misfortune)(len(story.faulty.writes) + 1)
        await story.passes(4)
        # then: one, however often it is looked, and however late
        going = [run for run in await story.runs() if not (run.get("status") or {}).get("phase")]
        assert [run["spec"]["trigger"] for run in going] == ["Schedule"]
        story.clock.advance(3600)
        assert await story.passes() is None
        await story.end(verdict)
        await story.passes()
        # then: the version stays as it is
        status = await story.status()
        assert status["phase"] == "Validated"
        assert status["revalidation"].get("verdict") == verdict
    left = [run["metadata"]["name"] for run in await story.runs()]
    assert len(left) == 4
    assert first["metadata"]["name"] in left
    assert (await story.status())["validationRun"] == first["metadata"]["name"]


async def test_a_fail_is_said_and_the_version_stays_validated(
    kube: KubeClient, new_namespace: NewNamespace
) -> None:
    story = await a_schedule(kube, new_namespace)
    story.clock.advance(600)
    await story.passes()
    await story.end("Fail")
    await story.passes()
    status = await story.status()
    found = {each["type"]: (each["status"], each["reason"]) for each in status["conditions"]}
    assert found["StillValid"] == ("False", "RevalidationFailed")
    assert found["Validated"] == ("True", "PolicyPassed")


async def test_no_run_is_made_of_a_version_that_does_not_serve(
    kube: KubeClient, new_namespace: NewNamespace
) -> None:
    story = await a_schedule(kube, new_namespace)
    await story.write(MODELS, "churn", {"stableVersion": "churn-v4"})
    story.clock.advance(86_400)
    assert await story.passes() is None
    assert len(await story.runs()) == 1
