"""One pass over a ValidationRun: the only place where the order of effects is visible.

The plan is in status before the Job exists, and so before any data is read. The report is kept
before the verdict is told, and both name each other's digest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from headgate.core.lane import Lane
from headgate.core.reasons import Reason
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, Forbidden, Invalid, NotFound
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import CONFIG_MAPS, JOBS, VALIDATION_RUNS, Key
from headgate.model.caches import Caches
from headgate.validation.build import (
    build_job,
    build_plan,
    build_report,
    fitting,
    job_name,
    timeout_of,
)
from headgate.validation.caches import ValidationCaches
from headgate.validation.decide import (
    ENDED,
    Do,
    Refused,
    RunPlan,
    after_failure,
    after_refusal,
    decide,
    too_long,
    unreadable,
)
from headgate.validation.failures import CONTAINER, AttemptFailure
from headgate.validation.observe import observe
from headgate.validation.observed import RunObserved
from headgate.validation.plan import PlanError, canonical, plan_digest, policy_in
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.records import RunRecord
from headgate.validation.refusals import read_refusal
from headgate.validation.run_types import MAX_PLAN, Report, ValidationRunStatus
from headgate.validation.status import Kept, planned, status_of
from headgate.validation.summary import MAX_LOG, ReportError, failures_in, read_announced
from headgate.validation.waiting import unexplained

WARNINGS = frozenset({Do.RETRY, Do.GIVE_UP, Do.REFUSE_APPROVAL})
OF_APPROVAL = frozenset({Do.APPROVE, Do.REFUSE_APPROVAL})
TOLD = WARNINGS | OF_APPROVAL | {Do.COLLECT, Do.RECORD_PLAN}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class RunReconciler:
    """Carries ValidationRuns out."""

    kube: Kube
    caches: Caches
    validation: ValidationCaches
    recorder: Recorder
    clock: Callable[[], datetime]
    image: str
    """The image of the Jobs."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the libraries in that image, for the plan."""

    async def reconcile(self, key: Key) -> datetime | Lane | None:
        """Move one run on; return when to look again."""
        record = self.validation.runs.get(key.namespace, key.name)
        if record is None or record.leaving:
            return None
        seen = observe(
            record, self.caches, self.validation, image=self.image, versions=self.versions
        )
        now = self.clock()
        if seen.status.phase in ENDED:
            return await self._tell(record, seen, decide(seen, now), now)
        if seen.status.plan is None:
            return await self._begin(record, seen, decide(seen, now), now)
        try:
            policy = policy_in(json.loads(seen.status.plan))
        except PlanError as error:
            return await self._tell(record, seen, unreadable(error), now)
        asks = unexplained(seen, now)
        if asks is not None:
            seen = replace(seen, refusal=await read_refusal(self.kube, seen.namespace, asks))
        plan = decide(seen, now, backoff_limit=policy.backoff_limit)
        report = None
        if plan.do is Do.START_JOB:
            plan = await self._start_job(seen, policy, plan, now)
        elif plan.do is Do.COLLECT:
            report, plan = await self._collect(seen, policy, plan, now)
        return await self._tell(record, seen, plan, now, report)

    async def _tell(
        self,
        record: RunRecord,
        seen: RunObserved,
        plan: RunPlan,
        now: datetime,
        kept: Kept | None = None,
    ) -> datetime | None:
        """Write what a step led to; return when to look again."""
        await self._write(record, seen, plan, status_of(seen, plan, now, kept))
        return plan.wake_at

    async def _begin(
        self, record: RunRecord, seen: RunObserved, plan: RunPlan, now: datetime
    ) -> datetime | Lane | None:
        """Record the plan, or what keeps the run from starting."""
        if plan.do is not Do.RECORD_PLAN or seen.policy is None:
            return await self._tell(record, seen, plan, now)
        contents = build_plan(seen, seen.policy)
        text = canonical(contents)
        if len(text) > MAX_PLAN:
            return await self._tell(record, seen, too_long(len(text)), now)
        status = planned(seen, text, plan_digest(contents), now)
        await self._write(record, seen, plan, status)
        return Lane.URGENT

    async def _start_job(
        self, seen: RunObserved, policy: ValidationPolicySpec, plan: RunPlan, now: datetime
    ) -> RunPlan:
        manifest = build_job(seen, policy)
        try:
            answer = await self.kube.create(JOBS, seen.namespace, manifest)
        except AlreadyExists:  # made by a pass whose answer was lost, or by somebody else
            name = job_name(seen.name, seen.status.attempt)
            answer = await self.kube.get(JOBS, seen.namespace, name)
        except Forbidden as error:
            refused = Refused(
                what=f"Job {job_name(seen.name, seen.status.attempt)}",
                reason=Reason.JOB_REFUSED,
                message=error.message,
                remedy="Let the quota or the policy that it names have room; it is tried again"
                " by itself",
            )
            return self._refused(seen, policy, refused, now)
        except Invalid as error:  # what the policy asks for is no pod: another attempt is the same
            failure = AttemptFailure(reason=Reason.POLICY_INVALID, message=error.message)
            return after_failure(seen, failure, now, backoff_limit=policy.backoff_limit)
        self.validation.jobs.remember(answer)
        return plan

    async def _collect(
        self, seen: RunObserved, policy: ValidationPolicySpec, plan: RunPlan, now: datetime
    ) -> tuple[Kept | None, RunPlan]:
        """Keep the report; without it there is no verdict, and the attempt has failed."""
        assert plan.pod is not None  # noqa: S101 - decide() gives both
        assert plan.summary is not None  # noqa: S101
        try:
            text = await self.kube.read_log(
                seen.namespace, plan.pod.name, CONTAINER, limit_bytes=MAX_LOG
            )
            reports = read_announced(text, plan.summary.report_digest)
            failures = failures_in(reports["json"])
        except (ReportError, NotFound) as error:
            failure = AttemptFailure(
                reason=Reason.REPORT_LOST, message=f"pod {plan.pod.name}: {error}"
            )
            return None, after_failure(seen, failure, now, backoff_limit=policy.backoff_limit)
        kept = fitting(reports)
        manifest = build_report(seen, kept)
        try:
            await self.kube.create(CONFIG_MAPS, seen.namespace, manifest)
        except AlreadyExists:
            log.info("report is kept already", config_map=manifest["metadata"]["name"])
        except Forbidden as error:  # the log keeps it meanwhile, as long as there is the pod
            refused = Refused(
                what=f"ConfigMap {manifest['metadata']['name']}, which keeps the report,",
                reason=Reason.REPORT_REFUSED,
                message=error.message,
                remedy="Make room, and the verdict follows by itself",
            )
            return None, self._refused(seen, policy, refused, now)
        report = Report(
            config_map=manifest["metadata"]["name"],
            digest=plan.summary.report_digest,
            html_digest=(plan.summary.html_digest or None) if "html" in kept else None,
        )
        return Kept(report=report, failures=failures), plan

    @staticmethod
    def _refused(
        seen: RunObserved, policy: ValidationPolicySpec, refused: Refused, now: datetime
    ) -> RunPlan:
        timeout = timeout_of(seen, policy)
        return after_refusal(
            seen, refused, now, timeout=timeout, backoff_limit=policy.backoff_limit
        )

    async def _write(
        self, record: RunRecord, seen: RunObserved, plan: RunPlan, status: ValidationRunStatus
    ) -> None:
        previous, wanted = record.raw_status(), status.dump()
        if wanted == previous:
            return
        written = await self.kube.patch_status(
            VALIDATION_RUNS,
            record.namespace,
            record.name,
            wanted,
            previous=previous,
            resource_version=record.resource_version,
        )
        self.validation.runs.remember(written)
        if plan.do not in TOLD:
            return
        ref = ObjectRef(
            VALIDATION_RUNS.api_version,
            VALIDATION_RUNS.kind,
            record.namespace,
            record.name,
            record.uid,
        )
        warns = plan.do in WARNINGS or (plan.do is Do.COLLECT and status.verdict == "Fail")
        text = _in_words(plan, status)
        kind = "Warning" if warns else "Normal"
        self.recorder.record(ref, kind, plan.reason.value, text, "Validate")
        log.info("validation", reason=plan.reason.value, detail=text, attempt=seen.status.attempt)


def _in_words(plan: RunPlan, status: ValidationRunStatus) -> str:
    """Return what an Event says of a step."""
    if plan.do in OF_APPROVAL:
        return plan.message
    return f"{status.verdict}: {status.message}" if status.verdict else status.message
