"""Edits of children by others, on a real API server: put right once, and then left alone.

An apply that changes nothing leaves managedFields as they are: by their times alone, a field that
somebody added would look like an edit for ever.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.gauges.ledger import Ledger
from headgate.gauges.scrape import HttpScraper
from headgate.kube.client import MERGE_PATCH, KubeClient
from headgate.kube.events import EventRecorder
from headgate.kube.resources import DEPLOYMENTS, SERVICES, Manifest
from headgate.kube.session import KubeSession, Request
from headgate.model.build import build_children, deployment_name
from headgate.model.caches import empty_caches
from headgate.model.decide import decide
from headgate.model.observed import Observed
from headgate.model.reconcile import ModelReconciler
from headgate.model.runtimes.settings import ServingImages
from headgate.telemetry import ModelMetrics
from tests.builders.faults import FaultyKube
from tests.builders.observed import NOW, a_model_seen

pytestmark = pytest.mark.apiserver
IMAGES = ServingImages(server="docker.io/headgate/server:dev")
DEPLOYMENT = deployment_name("churn", "v1")
RESTART = {"kubectl.kubernetes.io/restartedAt": "2026-11-23T12:00:00Z"}
A_SECOND = 1.1
"""managedFields tell times by the second."""


class Household:
    """A Model's children, what keeps them as they should be, and somebody who edits them."""

    def __init__(self, session: KubeSession, namespace: str) -> None:
        self.session = session
        self.kube = KubeClient(session)
        self.seen: Observed = replace(a_model_seen(), namespace=namespace)
        self.counted = FaultyKube(self.kube)
        self.restart()

    def restart(self) -> None:
        """Begin anew, with nothing remembered."""
        self.reconciler = ModelReconciler(
            kube=self.counted,
            caches=empty_caches(),
            ledger=Ledger(HttpScraper()),
            recorder=EventRecorder(self.kube, "a"),
            meter=ModelMetrics(),
            images=IMAGES,
            clock=lambda: datetime.now(UTC),
        )

    async def writes_of(self, passes: int) -> int:
        """Carry the plan out so many times, the caches up to date; return the writes it took."""
        before = len(self.counted.writes)
        for _ in range(passes):
            caches = self.reconciler.caches
            for found in await self.kube.list(DEPLOYMENTS, self.seen.namespace):
                caches.deployments.take(found)
            for found in await self.kube.list(SERVICES, self.seen.namespace):
                caches.services.take(found)
            await self.reconciler._carry_out(self.seen, decide(self.seen, NOW))
        return len(self.counted.writes) - before

    async def edit(self, name: str, body: Manifest) -> None:
        """Change a child as `kubectl edit` does."""
        resource = SERVICES if name == "churn" else DEPLOYMENTS
        path = resource.path(self.seen.namespace, name)
        params = {"fieldManager": "kubectl-edit"}
        await self.session.call(
            Request("patch", resource.plural, "PATCH", path, params, body, MERGE_PATCH)
        )

    async def template(self) -> Any:
        found = await self.kube.get(DEPLOYMENTS, self.seen.namespace, DEPLOYMENT)
        return found["spec"]["template"]


@pytest.fixture
async def household(session: KubeSession, namespace: str) -> Household:
    """Children as they are right after a rollout."""
    made = Household(session, namespace)
    children = build_children(made.seen, decide(made.seen, NOW), IMAGES)
    assert await made.writes_of(passes=1) == len(children)
    return made


def a_template(**fields: Any) -> Manifest:
    return {"spec": {"template": fields}}


async def test_children_as_applied_cost_no_write(household: Household) -> None:
    assert await household.writes_of(passes=3) == 0
    household.restart()
    assert await household.writes_of(passes=3) == 0


async def test_a_restart_by_hand_costs_one_apply_and_stays(household: Household) -> None:
    # given
    await asyncio.sleep(A_SECOND)
    await household.edit(DEPLOYMENT, a_template(metadata={"annotations": RESTART}))
    # when, then
    assert await household.writes_of(passes=5) <= 1
    assert (await household.template())["metadata"]["annotations"] == RESTART
    # and a new process, which cannot know, looks into it once
    household.restart()
    assert await household.writes_of(passes=5) <= 1


async def test_a_change_of_status_does_not_begin_it_anew(household: Household) -> None:
    await asyncio.sleep(A_SECOND)
    await household.edit(DEPLOYMENT, a_template(metadata={"annotations": RESTART}))
    await household.writes_of(passes=1)
    found = await household.kube.get(DEPLOYMENTS, household.seen.namespace, DEPLOYMENT)
    await household.kube.patch_status(
        DEPLOYMENTS,
        household.seen.namespace,
        DEPLOYMENT,
        {"observedGeneration": 2},
        previous={},
        resource_version=found["metadata"]["resourceVersion"],
    )
    assert await household.writes_of(passes=3) == 0


@pytest.mark.parametrize("at_once", [True, False], ids=["in the same second", "later"])
@pytest.mark.parametrize("before", [{}, RESTART], ids=["first", "after a restart by hand"])
async def test_a_field_of_ours_is_put_right_whenever_it_is_edited(
    household: Household, before: dict[str, str], at_once: bool
) -> None:
    # given
    good = await household.template()
    if before:
        await asyncio.sleep(A_SECOND)
        await household.edit(DEPLOYMENT, a_template(metadata={"annotations": before}))
        await household.writes_of(passes=1)
    if not at_once:
        await asyncio.sleep(A_SECOND)
    # when
    await household.edit(DEPLOYMENT, a_template(spec={"terminationGracePeriodSeconds": 7}))
    # then
    assert await household.writes_of(passes=5) in {1, 2}
    assert (await household.template())["spec"] == good["spec"]


async def test_a_field_of_ours_that_somebody_removes_is_put_back(household: Household) -> None:
    """Who removes a field owns nothing, and leaves no time in managedFields."""
    # given
    good = await household.template()
    await asyncio.sleep(A_SECOND)
    # when
    await household.edit(DEPLOYMENT, a_template(spec={"securityContext": None}))
    assert (await household.template())["spec"] != good["spec"]
    # then
    assert await household.writes_of(passes=5) == 1
    assert (await household.template())["spec"] == good["spec"]


async def test_a_field_that_somebody_adds_to_the_service_costs_one_apply(
    household: Household,
) -> None:
    await asyncio.sleep(A_SECOND)
    await household.edit("churn", {"spec": {"sessionAffinity": "ClientIP"}})
    assert await household.writes_of(passes=5) == 1
