"""How things stand, in a phase, a reason and a sentence."""

from dataclasses import replace
from datetime import datetime

from headgate.core.reasons import Reason, reason_named
from headgate.model.decide.advance import describe
from headgate.model.decide.failing import canary_failure, revalidation_failure
from headgate.model.decide.health import waiting_for
from headgate.model.decide.heard import BLIND, is_blind, is_unheard
from headgate.model.decide.leave import has_way_back
from headgate.model.decide.plan import State
from headgate.model.decide.predictions import predictions_trouble
from headgate.model.decide.route import has_to_share, in_effect, what_blocks
from headgate.model.decide.scale import is_last_resort, replicas_wanted
from headgate.model.decide.steps import is_at_promotion, step_under_way, steps_of
from headgate.model.decide.target import target_of, target_problem
from headgate.model.decide.track import nothing_to_follow, passed_over
from headgate.model.observed import Observed
from headgate.model.status_types import Phase, Rejection, Rollout, RolloutKind
from headgate.model.types import Step


def state_of(seen: Observed, now: datetime) -> State:
    """Return the phase of a Model with its reason and message."""
    if seen.problems:
        text = "; ".join(f"{problem.path}: {problem.message}" for problem in seen.problems[:5])
        return State(phase=Phase.DEGRADED, reason=Reason.SPEC_INVALID, message=text)
    problem = target_problem(seen)
    if problem is not None:
        return State(phase=Phase.DEGRADED, reason=problem.reason, message=problem.message)
    target = target_of(seen)
    if not target:
        return nothing_to_follow(seen)
    state = _of_target(seen, target, now)
    if seen.spec.track is None or not (others := passed_over(seen)):
        return state
    return replace(state, message=f"{state.message}; {others}")


def _of_target(seen: Observed, target: str, now: datetime) -> State:
    rejection = next((r for r in seen.memory.rejected if r.name == target), None)
    if rejection is not None:
        return _degraded(seen, rejection)
    gated = _validation_wait(seen)
    if gated is not None:
        return gated
    if seen.memory.rollout is not None:
        return _rolling(seen, seen.memory.rollout, now)
    if seen.memory.stable == target:
        return _resting(seen)
    return _not_started(seen)


def _degraded(seen: Observed, rejection: Rejection) -> State:
    stable = seen.memory.stable or "nothing"
    message = (
        f"{rejection.name} was rejected ({rejection.reason}), {stable} serves: "
        f"{rejection.message}. It is tried again when the spec changes, or on a retry request"
        f"{_next_tracked(seen)}"
    )
    return State(phase=Phase.DEGRADED, reason=reason_named(rejection.reason), message=message)


def _next_tracked(seen: Observed) -> str:
    return "; a newer validated version is taken in its stead" if seen.spec.track else ""


def _resting(seen: Observed) -> State:
    stable, wanted = seen.memory.stable or "", seen.spec.replicas
    leaving = seen.versions.get(stable)
    for dependency in leaving.dependencies if leaving is not None else ():
        if not dependency.serving:
            message = (
                f"{stable} serves although {dependency.name} does not ({dependency.detail}), "
                f"{way_back(seen)}"
            )
            return State(
                phase=Phase.DEGRADED, reason=Reason.DEPENDENCY_NOT_SERVING, message=message
            )
    if wanted == 0:
        message = f"{stable} is scaled to zero (spec.replicas)"
        return State(phase=Phase.HEALTHY, reason=Reason.SCALED_TO_ZERO, message=message)
    ready = seen.ready(stable)
    if ready == 0:
        detail = waiting_for(seen.pods.get(stable, ())) or "no pod is ready"
        return State(phase=Phase.DEGRADED, reason=Reason.NO_REPLICAS, message=f"{stable}: {detail}")
    if ready < wanted or not in_effect(seen):
        message = f"{stable}: {ready} of {wanted} pods ready"
        if ready >= wanted:
            message = f"{message}, {what_blocks(seen)}"
        return State(phase=Phase.PROGRESSING, reason=Reason.WAITING_FOR_PODS, message=message)
    failed_again = revalidation_failure(seen)
    if failed_again is not None:
        message = f"{stable} serves on, {way_back(seen)}: {failed_again.message}"
        return State(phase=Phase.DEGRADED, reason=failed_again.reason, message=message)
    message = f"{stable} serves{_lost_predictions(seen)}"
    return State(phase=Phase.HEALTHY, reason=Reason.ROLLOUT_COMPLETE, message=message)


def _lost_predictions(seen: Observed) -> str:
    trouble = predictions_trouble(seen)
    if trouble is None or not trouble.is_certain:
        return ""
    return f", and its predictions are lost: {trouble.message}"


def way_back(seen: Observed) -> str:
    """Return in a clause whether there is a version to go back to."""
    previous = seen.memory.previous
    if previous is None:
        return "and there is no earlier version to go back to"
    if has_way_back(seen):
        return f"and goes back to {previous.version} if it is taken back"
    return f"and {previous.version}, the version before, cannot serve now either"


def _not_started(seen: Observed) -> State:
    target = target_of(seen)
    if seen.spec.paused:
        message = f"{target} waits: spec.paused is true"
        return State(phase=Phase.PAUSED, reason=Reason.PAUSED_BY_SPEC, message=message)
    waiting = _dependency_wait(seen, target)
    if waiting is not None:
        return waiting
    if seen.spec.replicas == 0:
        message = f"{target} waits: spec.replicas is 0, so it could not be tried"
        return State(phase=Phase.PAUSED, reason=Reason.SCALED_TO_ZERO, message=message)
    message = f"{target} is about to be rolled out"
    return State(phase=Phase.PROGRESSING, reason=Reason.ROLLOUT_STARTED, message=message)


def _validation_wait(seen: Observed) -> State | None:
    """Return what a version that was not begun yet waits for, or why it will not be."""
    target, rollout = target_of(seen), seen.memory.rollout
    under_way = target == seen.memory.stable or (rollout is not None and rollout.version == target)
    version = seen.versions.get(target)
    if under_way or version is None or version.validation is None:
        return None
    detail, stable = version.validation.detail, seen.memory.stable
    serving = f", {stable} serves" if stable is not None else ""
    if version.validation.refused:
        return State(
            phase=Phase.DEGRADED,
            reason=Reason.VALIDATION_FAILED,
            message=f"{target} takes no traffic{serving}: {detail}",
        )
    message = f"{target} waits for its validation{serving}: {detail}"
    return State(phase=Phase.PROGRESSING, reason=Reason.WAITING_FOR_VALIDATION, message=message)


def _dependency_wait(seen: Observed, version: str) -> State | None:
    for dependency in seen.versions[version].dependencies if version in seen.versions else ():
        if not dependency.serving:
            message = f"{version} waits for {dependency.name}: {dependency.detail}"
            return State(
                phase=Phase.PROGRESSING, reason=Reason.DEPENDENCY_NOT_SERVING, message=message
            )
    return None


def _rolling(seen: Observed, rollout: Rollout, now: datetime) -> State:
    failure = canary_failure(seen, now)
    if failure is not None and is_last_resort(seen):
        first = rollout.kind is RolloutKind.INITIAL
        why = "It is the first version" if first else f"{seen.memory.stable} was deleted"
        message = f"{failure.message}. {why}: there is none to go back to"
        return State(phase=Phase.DEGRADED, reason=failure.reason, message=message)
    leaving = seen.memory.leaving
    if leaving is not None:
        names = ", ".join(seen.dependents.get(leaving.version, ()))
        message = f"{leaving.version} keeps its traffic until {names} no longer depends on it"
        return State(phase=Phase.PROGRESSING, reason=Reason.DEPENDENTS_FIRST, message=message)
    if has_to_share(seen):
        names = ", ".join(seen.dependents.get(seen.memory.stable or "", ()))
        message = f"{seen.memory.stable} keeps some traffic until {names} no longer depends on it"
        return State(phase=Phase.PROGRESSING, reason=Reason.DEPENDENTS_FIRST, message=message)
    if seen.spec.paused:
        message = f"{rollout.version} stays at {rollout.weight}%: spec.paused is true"
        return State(phase=Phase.PAUSED, reason=Reason.PAUSED_BY_SPEC, message=message)
    waiting = _dependency_wait(seen, rollout.version)
    if waiting is not None:
        return waiting
    step = step_under_way(seen.spec, rollout)
    where = f"step {rollout.step + 1}/{len(steps_of(seen.spec))}"
    if step is None or rollout.kind is not RolloutKind.CANARY:
        return _awaiting_pods(seen, rollout, Reason.PROMOTING, "promotion")
    if step.pause is not None and rollout.step_started_at is not None:
        return _pausing(seen, rollout, step, where, now)
    if step.analysis is not None:
        done, wanted = seen.evidence.canary.requests, step.analysis.min_requests
        # In tenths: a message that counted would be a status write a second.
        message = (
            f"{rollout.version}: {where}, {10 * done // wanted * 10}% of {wanted} requests"
            f"{'' if done else '; no traffic has reached it yet'}"
        )
        return State(phase=Phase.PROGRESSING, reason=Reason.WAITING_FOR_ANALYSIS, message=message)
    return _awaiting_pods(seen, rollout, Reason.WAITING_FOR_ROUTING, f"{where} ({describe(step)})")


def _pausing(seen: Observed, rollout: Rollout, step: Step, where: str, now: datetime) -> State:
    length = step.pause.duration if step.pause is not None else None
    if length is None or rollout.step_started_at is None:
        message = (
            f"{rollout.version}: {where}, waits for promotion at {_now_at(seen, rollout)}: "
            f"kubectl headgate promote {seen.name}, or annotate headgate.dev/request="
            f"promote/{rollout.version}/<anything new>"
        )
        return State(phase=Phase.PAUSED, reason=Reason.WAITING_FOR_PROMOTION, message=message)
    until = rollout.step_started_at + length
    if now >= until and is_unheard(seen):
        return _unheard(seen, rollout, where)
    blind = f"; {BLIND}" if is_blind(seen) else ""
    message = f"{rollout.version}: {where}, {_now_at(seen, rollout)} until {_clock(until)}{blind}"
    return State(phase=Phase.PROGRESSING, reason=Reason.STEP_PAUSED, message=message)


def _now_at(seen: Observed, rollout: Rollout) -> str:
    if rollout.weight and not seen.ready(rollout.version):
        return f"{rollout.weight}% (0% now: no pod of it is ready)"
    return f"{rollout.weight}%"


def _unheard(seen: Observed, rollout: Rollout, where: str) -> State:
    message = (
        f"{rollout.version}: {where}, no request has reached it yet, while {seen.memory.stable} "
        "answers: it is not promoted unseen"
    )
    return State(phase=Phase.PROGRESSING, reason=Reason.WAITING_FOR_ANALYSIS, message=message)


def _awaiting_pods(seen: Observed, rollout: Rollout, reason: Reason, what: str) -> State:
    wanted = dict(replicas_wanted(seen)).get(rollout.version, 0)
    ready = seen.ready(rollout.version)
    if ready >= wanted and is_at_promotion(seen.spec, rollout) and is_unheard(seen):
        return _unheard(seen, rollout, what)
    if ready >= wanted:
        message = f"{rollout.version}: {what}, {what_blocks(seen)}"
        return State(phase=Phase.PROGRESSING, reason=reason, message=message)
    detail = waiting_for(seen.pods.get(rollout.version, ()))
    message = f"{rollout.version}: {what}, {ready} of {wanted} pods ready"
    return State(
        phase=Phase.PROGRESSING,
        reason=Reason.WAITING_FOR_PODS,
        message=f"{message}{': ' + detail if detail else ''}",
    )


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%SZ}"
