"""Fear: the operator dies in the middle of a validation, and the verdict is lost or made twice."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.core import labels
from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.errors import ApiError, Forbidden, Unavailable
from headgate.kube.resources import (
    CONFIG_MAPS,
    JOBS,
    MODEL_VERSIONS,
    PODS,
    VALIDATION_POLICIES,
    VALIDATION_RUNS,
    Key,
    Manifest,
    Resource,
)
from headgate.model.caches import empty_caches
from headgate.validation.caches import empty_validation_caches
from headgate.validation.reconcile import RunReconciler
from tests.builders.faults import CrashError, FaultyKube
from tests.builders.resources import a_model_version
from tests.builders.validation import RUN, VALIDATION, a_policy, a_run
from tests.faults.conftest import NewNamespace
from tests.faults.operator_under_test import Notes

REPORT = json.dumps({"failures": []}).encode()
DIGEST = f"sha256:{hashlib.sha256(REPORT).hexdigest()}"
MOST_ROUNDS = 40
WRITES = 5
"""Plan, Job, the attempt in status, ConfigMap, verdict: as the test without a misfortune counts."""


class KubeWithLogs(FaultyKube):
    """A real API server without a kubelet: logs are what the Job would have written."""

    async def read_log(self, namespace: str, pod: str, container: str, *, limit_bytes: int) -> str:
        del namespace, pod, container, limit_bytes
        packed = base64.b64encode(gzip.compress(REPORT, mtime=0)).decode()
        return f"headgate-report json {DIGEST} {len(REPORT)}\n{packed}\nheadgate-report end\n"


@dataclass
class Validation:
    """One run, one operator that may die, and a stand-in for Job controller and kubelet."""

    kube: KubeClient
    namespace: str
    faulty: KubeWithLogs
    lives: int = 0
    failures: list[str] = field(default_factory=list)

    async def begin(self, **policy: Any) -> Manifest:
        """Create everything, let the operator look once, and return the run."""
        await self._create(**policy)
        await self._one_pass()
        return await self.kube.get(VALIDATION_RUNS, self.namespace, RUN)

    async def tell(self) -> Manifest:
        """Create everything, go round until the run has ended, and return it."""
        await self._create()
        for _ in range(MOST_ROUNDS):
            await self._one_pass()
            await self._run_jobs()
            run = await self.kube.get(VALIDATION_RUNS, self.namespace, RUN)
            if (run.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
                return run
        raise AssertionError(f"no end after {MOST_ROUNDS} rounds: {run}, {self.failures[-3:]}")

    async def _create(self, **policy: Any) -> None:
        version = a_model_version("churn-v3", self.namespace, validation=VALIDATION)
        for resource, manifest in (
            (VALIDATION_POLICIES, a_policy(namespace=self.namespace, **policy)),
            (MODEL_VERSIONS, version),
            (VALIDATION_RUNS, a_run(namespace=self.namespace)),
        ):
            await self.kube.create(resource, self.namespace, manifest)

    async def all(self, resource: Resource) -> list[Manifest]:
        return await self.kube.list(resource, self.namespace, labels.RUN)

    async def _one_pass(self) -> None:
        """Let an operator that has just listed everything make one pass."""
        reconciler = await self._reconciler()
        try:
            await reconciler.reconcile(Key(VALIDATION_RUNS.kind, self.namespace, RUN))
        except CrashError:
            self.lives += 1
        except ApiError as error:
            self.failures.append(str(error))

    async def _reconciler(self) -> RunReconciler:
        caches, validation = empty_caches(), empty_validation_caches()
        followed: tuple[tuple[Resource, Cache[Any]], ...] = (
            (MODEL_VERSIONS, caches.versions),
            (VALIDATION_POLICIES, validation.policies),
            (VALIDATION_RUNS, validation.runs),
            (JOBS, validation.jobs),
            (PODS, validation.pods),
        )
        for resource, cache in followed:
            for item in await self.kube.list(resource, self.namespace):
                cache.take(item)
        return RunReconciler(
            kube=self.faulty,
            caches=caches,
            validation=validation,
            recorder=Notes(),
            clock=lambda: datetime.now(UTC),
            image="docker.io/headgate/jobs:dev",
        )

    async def _run_jobs(self) -> None:
        """Give every Job a pod that has ended with a verdict."""
        for job in await self.all(JOBS):
            run = await self.kube.get(VALIDATION_RUNS, self.namespace, RUN)
            with suppress(ApiError):  # it has its pod already
                await self._ended_pod(job["metadata"], run["status"]["planDigest"])

    async def _ended_pod(self, job: Manifest, plan_digest: str) -> None:
        name = f"{job['name'][:50]}-pod"
        marks = {labels.RUN: job["labels"][labels.RUN], "batch.kubernetes.io/job-name": job["name"]}
        container = {"name": "validate", "image": "example.com/jobs:1"}
        pod = await self.kube.create(
            PODS,
            self.namespace,
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": self.namespace, "labels": marks},
                "spec": {"containers": [container], "automountServiceAccountToken": False},
            },
        )
        words = {
            "verdict": "Pass",
            "checks": {"total": 1, "passed": 1, "failed": 0, "inconclusive": 0},
            "planDigest": plan_digest,
            "reportDigest": DIGEST,
        }
        ended = {"exitCode": 0, "reason": "Completed", "message": json.dumps(words)}
        seen = {"name": "validate", "image": "i", "imageID": "i", "ready": False, "restartCount": 0}
        await self.kube.patch_status(
            PODS,
            self.namespace,
            name,
            {"phase": "Succeeded", "containerStatuses": [{**seen, "state": {"terminated": ended}}]},
            previous={},
            resource_version=pod["metadata"]["resourceVersion"],
        )


async def a_validation(kube: KubeClient, new_namespace: NewNamespace) -> Validation:
    return Validation(kube, await new_namespace(), KubeWithLogs(kube))


async def check_end(story: Validation, run: Manifest) -> None:
    status = run["status"]
    assert (status["phase"], status["verdict"], status["attempt"]) == ("Succeeded", "Pass", 1)
    assert len(await story.all(JOBS)) == 1
    (kept,) = await story.all(CONFIG_MAPS)
    assert kept["metadata"]["name"] == status["report"]["configMap"]
    assert gzip.decompress(base64.b64decode(kept["binaryData"]["report.json.gz"])) == REPORT


async def test_the_plan_is_written_before_the_job_is_made(
    kube: KubeClient, new_namespace: NewNamespace
) -> None:
    story = await a_validation(kube, new_namespace)
    run = await story.tell()
    await check_end(story, run)
    done = [f"{write.verb} {write.kind}" for write in story.faulty.writes]
    assert done == [
        "patch_status ValidationRun",
        "create Job",
        "patch_status ValidationRun",
        "create ConfigMap",
        "patch_status ValidationRun",
    ]
    assert len(done) == WRITES


def misfortunes() -> Iterator[tuple[str, int]]:
    for number in range(1, WRITES + 1):
        for what in ("crash_before", "crash_after", "lose_answer_of"):
            yield what, number


@pytest.mark.parametrize(("what", "number"), list(misfortunes()))
async def test_whatever_befalls_the_operator_there_is_one_job_and_one_verdict(
    kube: KubeClient, new_namespace: NewNamespace, what: str, number: int
) -> None:
    # given
    story = await a_validation(kube, new_namespace)
    getattr(story.faulty, what)(number)
    # when
    run = await story.tell()
    # then
    assert story.lives or story.failures, "the misfortune did not happen"
    await check_end(story, run)


@pytest.mark.parametrize(
    ("write", "reason"), [(2, "JobRefused"), (4, "ReportRefused")], ids=["job", "report"]
)
async def test_what_a_quota_forbids_is_told_and_made_when_there_is_room(
    kube: KubeClient, new_namespace: NewNamespace, write: int, reason: str
) -> None:
    # given
    story = await a_validation(kube, new_namespace)
    story.faulty.fail_at(write, Forbidden(403, "Forbidden", "exceeded quota: small"))
    # when
    await check_end(story, await story.tell())
    # then
    told = [
        condition["message"]
        for each in story.faulty.writes
        if each.verb == "patch_status"
        for condition in each.body["conditions"]
        if condition["reason"] == reason
    ]
    assert len(told) == 1
    assert "exceeded quota: small" in told[0]


async def test_a_policy_whose_plan_has_no_room_in_status_is_told_so(
    kube: KubeClient, new_namespace: NewNamespace
) -> None:
    # given
    story = await a_validation(kube, new_namespace)
    names = [f"{'x' * 250}{number}" for number in range(300)]
    # when
    run = await story.begin(checks=[{"drift": {"columns": names}}])
    # then
    assert run["status"]["phase"] == "Pending"
    assert "more than 65536" in run["status"]["message"]


async def test_a_refused_write_is_made_again(kube: KubeClient, new_namespace: NewNamespace) -> None:
    story = await a_validation(kube, new_namespace)
    story.faulty.fail_at(2, Unavailable(503, "ServiceUnavailable", "etcd is away"))
    await check_end(story, await story.tell())
