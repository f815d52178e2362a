"""The status to write, from what was seen and planned. Pure."""

from dataclasses import replace
from datetime import datetime

from headgate.core import labels
from headgate.core.conditions import Fact, merge_conditions, shorten, truth
from headgate.core.names import label_value
from headgate.core.reasons import Reason, reason_named
from headgate.core.resource import Condition
from headgate.model.decide.failing import revalidation_failure, revalidation_of_stable
from headgate.model.decide.plan import Plan, State
from headgate.model.decide.predictions import predictions_trouble
from headgate.model.decide.route import weights_wanted
from headgate.model.decide.scale import replicas_wanted
from headgate.model.decide.state import way_back
from headgate.model.decide.steps import steps_of
from headgate.model.decide.target import target_problem
from headgate.model.observed import Memory, Observed
from headgate.model.routers.service import url_of
from headgate.model.status_types import ModelStatus, Outcome, Phase, RolloutKind, VersionStatus

MOST_VERSIONS = 64


def status_of(
    seen: Observed, plan: Plan, previous: tuple[Condition, ...], now: datetime
) -> ModelStatus:
    """Return the status: the memory as the plan has it, and what was observed."""
    memory = plan.change.memory if plan.change is not None else seen.memory
    seen = replace(seen, memory=memory)
    rollout = memory.rollout
    return ModelStatus(
        observed_generation=seen.generation,
        phase=plan.state.phase,
        message=shorten(plan.state.message),
        url=url_of(seen.namespace, seen.name),
        selector=f"{labels.MODEL}={label_value(seen.name)}",
        replicas=sum(not pod.leaving for version in seen.pods.values() for pod in version),
        stable_version=memory.stable,
        canary_version=rollout.version if rollout is not None else None,
        canary_weight=rollout.weight if rollout is not None else None,
        step=_step(seen, memory),
        versions=_versions(seen),
        rollout=rollout,
        previous=memory.previous,
        leaving=memory.leaving,
        rejected=memory.rejected,
        history=memory.history,
        last_request=memory.last_request,
        tracked=memory.tracked,
        conditions=merge_conditions(
            previous, _facts(seen, memory, plan.state), generation=seen.generation, now=now
        ),
    )


def _step(seen: Observed, memory: Memory) -> str | None:
    if memory.rollout is None or memory.rollout.kind is not RolloutKind.CANARY:
        return None
    total = len(steps_of(seen.spec))
    return f"{min(memory.rollout.step, total)}/{total}"


def _versions(seen: Observed) -> tuple[VersionStatus, ...]:
    weights, replicas = dict(weights_wanted(seen)), dict(replicas_wanted(seen))
    endpoints = sum(seen.endpoints.values())
    names = {v for v, n in replicas.items() if n} | {v for v, n in weights.items() if n}
    names |= {v for v, deployment in seen.deployments.items() if deployment.replicas}
    return tuple(
        VersionStatus(
            name=name,
            weight=weights.get(name, 0),
            share=round(100 * seen.endpoints.get(name, 0) / endpoints) if endpoints else 0,
            replicas=replicas.get(name, 0),
            ready_replicas=seen.ready(name),
        )
        for name in sorted(names)[:MOST_VERSIONS]
    )


def _facts(seen: Observed, memory: Memory, state: State) -> tuple[Fact, ...]:
    return (
        _accepted(seen),
        _available(seen, memory),
        Fact(
            type="Progressing",
            status=truth(state.phase is Phase.PROGRESSING),
            reason=state.reason,
            message=state.message,
        ),
        Fact(
            type="Healthy",
            status=truth(state.phase is Phase.HEALTHY),
            reason=state.reason,
            message=state.message,
        ),
        _rolled_back(memory),
        *_still_valid(seen),
        *_predictions(seen),
    )


def _still_valid(seen: Observed) -> tuple[Fact, ...]:
    """Return what the scheduled validation of the version that serves says, where there is any."""
    kind, last, failure = "StillValid", revalidation_of_stable(seen), revalidation_failure(seen)
    if last is None:
        return ()
    if failure is not None:
        message = f"{failure.message}; it serves on, {way_back(seen)}"
        return (Fact(type=kind, status="False", reason=failure.reason, message=message),)
    message = f"{seen.memory.stable}: {last.detail}"
    if last.verdict == "Pass":
        return (Fact(type=kind, status="True", reason=Reason.POLICY_PASSED, message=message),)
    reason = Reason.TOO_LITTLE_DATA if last.verdict else Reason.VALIDATION_COULD_NOT_RUN
    return (Fact(type=kind, status="Unknown", reason=reason, message=message),)


def _predictions(seen: Observed) -> tuple[Fact, ...]:
    """Return whether predictions can get to their stream, where the spec asks for it."""
    kind, wanted, trouble = "PredictionsRouted", seen.spec.predictions, predictions_trouble(seen)
    if wanted is None:
        return ()
    if trouble is not None and not trouble.is_certain:
        message = trouble.message
        return (Fact(type=kind, status="Unknown", reason=trouble.reason, message=message),)
    if trouble is not None:
        message = f"{trouble.message}. Until then predictions are lost; requests are answered"
        return (Fact(type=kind, status="False", reason=trouble.reason, message=message),)
    message = f"{wanted.subject} of StreamGateway {wanted.stream_gateway.name}"
    return (Fact(type=kind, status="True", reason=Reason.PREDICTIONS_ROUTED, message=message),)


def _accepted(seen: Observed) -> Fact:
    if seen.problems:
        text = "; ".join(str(problem) for problem in seen.problems[:5])
        taken = any(problem.path == "metadata.name" for problem in seen.problems)
        reason = Reason.NAME_TAKEN if taken else Reason.SPEC_INVALID
        return Fact(type="Accepted", status="False", reason=reason, message=text)
    problem = target_problem(seen)
    if problem is not None:
        return Fact(type="Accepted", status="False", reason=problem.reason, message=problem.message)
    return Fact(type="Accepted", status="True", reason=Reason.SPEC_ACCEPTED)


def _available(seen: Observed, memory: Memory) -> Fact:
    """Return whether requests are answered, apart from how any rollout goes."""
    ready = sum(seen.endpoints.values())
    if ready == 0:
        message = "the Service has no endpoints"
        return Fact(type="Available", status="False", reason=Reason.NO_REPLICAS, message=message)
    wanted, stable = seen.spec.replicas, memory.stable or ""
    enough = ready >= wanted
    reason = Reason.ENOUGH_REPLICAS if enough else Reason.TOO_FEW_REPLICAS
    message = f"{ready} endpoints for {wanted} replicas{' of ' + stable if stable else ''}"
    return Fact(type="Available", status="True", reason=reason, message=message)


def _rolled_back(memory: Memory) -> Fact:
    if not memory.rejected:
        return Fact(type="RolledBack", status="False", reason=Reason.NO_ROLLBACK)
    last = memory.rejected[0]
    went_back = any(
        entry.outcome is Outcome.REJECTED and entry.version == last.name for entry in memory.history
    )
    message = f"{last.name}: {last.message}"
    return Fact(
        type="RolledBack",
        status=truth(went_back),
        reason=reason_named(last.reason),
        message=message,
    )
