"""What the conditions of a StreamGateway say."""

from collections.abc import Sequence

from headgate.core.conditions import Fact, truth
from headgate.core.reasons import Reason
from headgate.streamgateway.decide import rebalance
from headgate.streamgateway.decide.plan import Memory, Plan
from headgate.streamgateway.decide.standing import silent_in_words
from headgate.streamgateway.decide.trial import Verdict
from headgate.streamgateway.observed import EdgePod, Observed

SECRETS = ("secretRef.name", "tls.secretName")
"""How fields end that name a Secret."""


def facts_of(seen: Observed, plan: Plan, failed: Verdict | None) -> tuple[Fact, ...]:
    """Return them; `failed` is what fails of a configuration that is held on trial."""
    return (
        _accepted(seen),
        _available(seen, plan),
        _balanced(seen, plan.memory),
        _revision_healthy(plan.memory, failed),
        *((_streams_ready(seen),) if seen.core.wanted else ()),
    )


def _accepted(seen: Observed) -> Fact:
    accepted = not seen.problems
    of_secret = any(problem.path.endswith(SECRETS) for problem in seen.problems)
    wrong = Reason.SECRET_UNUSABLE if of_secret else Reason.SPEC_INVALID
    wrong = Reason.NAME_TAKEN if seen.name_taken else wrong
    return Fact(
        type="Accepted",
        status=truth(accepted),
        reason=Reason.SPEC_ACCEPTED if accepted else wrong,
        message="; ".join(str(problem) for problem in seen.problems[:5]),
    )


def _available(seen: Observed, plan: Plan) -> Fact:
    ready = len(rebalance.taking(seen))
    some = Reason.ENOUGH_REPLICAS if ready >= plan.desired else Reason.TOO_FEW_REPLICAS
    return Fact(
        type="Available",
        status=truth(ready > 0),
        reason=some if ready else Reason.NO_REPLICAS,
        message=f"{ready} of {plan.desired} edge pods take connections",
    )


def _balanced(seen: Observed, memory: Memory) -> Fact:
    pods = rebalance.taking(seen)
    if not pods or any(pod.connections is None for pod in pods):
        why = next((pod for pod in pods if pod.connections is None and pod.complaint), None)
        return Fact(
            type="Balanced",
            status="Unknown",
            reason=Reason.METRICS_MISSING,
            message="not every pod says how many connections it has"
            if why is None
            else silent_in_words(why),
        )
    even = rebalance.is_even(pods, seen.spec.rebalance.max_skew)
    return Fact(
        type="Balanced",
        status=truth(even),
        reason=Reason.CONNECTIONS_EVEN if even else Reason.CONNECTIONS_UNEVEN,
        message="" if even else _why_uneven(pods, memory),
    )


def _why_uneven(pods: Sequence[EdgePod], memory: Memory) -> str:
    fixed = next((pod for pod in pods if not pod.movable), None)
    if fixed is not None:
        return (
            f"{fixed.name} cannot ask single connections to leave (capability move):"
            " nothing is moved for balance"
        )
    if memory.rebalance is not None and memory.rebalance.given_up_at is not None:
        return "clients were asked to move, and too few did: they do not keep to the contract"
    return ""


def _revision_healthy(memory: Memory, failed: Verdict | None) -> Fact:
    rejected = memory.rejected
    if rejected is not None:
        known = rejected.reason in Reason
        return Fact(
            type="RevisionHealthy",
            status="False",
            reason=Reason(rejected.reason) if known else Reason.POD_FAILING,
            message=f"{rejected.revision} was rejected: {rejected.message}",
        )
    if failed is not None and failed.failing is not None:
        return Fact(
            type="RevisionHealthy", status="False", reason=failed.failing, message=failed.message
        )
    trial = memory.candidate is not None
    return Fact(
        type="RevisionHealthy",
        status=truth(None if trial else True),
        reason=Reason.REVISION_ON_TRIAL if trial else Reason.REVISION_STABLE,
    )


def _streams_ready(seen: Observed) -> Fact:
    refused = "; ".join(str(problem) for problem in seen.stream_problems[:5])
    majority = seen.core.has_majority
    of_streams = any(problem.path.startswith("spec.streams[") for problem in seen.stream_problems)
    return Fact(
        type="StreamsReady",
        status=truth(not refused and majority),
        reason=Reason.STREAM_REFUSED if of_streams else _why_not(majority and not refused),
        message=refused or f"{seen.core.ready} of {seen.core.wanted} servers of the core are ready",
    )


def _why_not(well: bool) -> Reason:
    return Reason.STREAMS_READY if well else Reason.CORE_UNREACHABLE
