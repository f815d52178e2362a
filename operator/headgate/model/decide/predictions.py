"""Whether predictions get where spec.predictions sends them, and why not.

Nothing here holds up a rollout or takes anything back: what serves goes on serving.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.core.reasons import Reason
from headgate.model.decide.target import target_of
from headgate.model.observed import Observed
from headgate.model.predictions_types import Predictions
from headgate.streamgateway.engines.nats.subjects import do_overlap
from headgate.streamgateway.types import StreamGatewaySpec

PATH = "spec.predictions"
MOST_SUBJECTS_TOLD = 8


@dataclass(frozen=True, kw_only=True)
class PredictionsTrouble:
    """Why predictions get lost, and what to do about it."""

    reason: Reason
    message: str
    is_certain: bool = True
    """Whether predictions are lost; else that is not ours to see."""


def predictions_trouble(seen: Observed) -> PredictionsTrouble | None:
    """Return what keeps predictions from their stream, or None; only what the spec asks for."""
    if seen.spec.predictions is None:
        return None
    return next(_troubles(seen, seen.spec.predictions), None)


def _troubles(seen: Observed, wanted: Predictions) -> Iterator[PredictionsTrouble]:
    name, gateway = wanted.stream_gateway.name, seen.gateway
    if gateway is None:
        yield PredictionsTrouble(
            reason=Reason.GATEWAY_NOT_FOUND,
            message=f"{PATH}.streamGateway.name: there is no StreamGateway {name} in "
            f"{seen.namespace}; create it, or name another",
        )
        return
    if gateway.spec is None or gateway.problems:
        said = "; ".join(str(problem) for problem in gateway.problems[:2])
        message = f"{PATH}.streamGateway.name: StreamGateway {name} is not accepted: {said}"
        yield PredictionsTrouble(reason=Reason.GATEWAY_UNFIT, message=message)
        return
    if gateway.spec.engine.nats is None:
        yield PredictionsTrouble(
            reason=Reason.GATEWAY_UNFIT,
            message=f"{PATH}.streamGateway.name: StreamGateway {name} has a server of its own, and "
            "predictions are published by NATS; name a gateway with engine.nats",
        )
        return
    for message in _misfits(wanted, gateway.spec):
        yield PredictionsTrouble(reason=Reason.GATEWAY_UNFIT, message=f"{PATH}.{message}")
    yield from _not_kept(wanted, gateway.spec)
    yield from _left_to_servers(seen)


def _misfits(wanted: Predictions, gateway: StreamGatewaySpec) -> Iterator[str]:
    """Find what is asked otherwise than the gateway has it: the path below, and what to do."""
    name, listener = wanted.stream_gateway.name, gateway.listeners.nats
    if listener is None:
        yield (
            f"streamGateway.name: StreamGateway {name} has no nats listener; give it one in its "
            "spec.listeners.nats"
        )
        return
    if listener.port != wanted.stream_gateway.port:
        yield (
            f"streamGateway.port: is {wanted.stream_gateway.port}, but the nats listener of "
            f"StreamGateway {name} has port {listener.port}; set {listener.port}"
        )
    if listener.tls is not None and wanted.tls is None:
        yield f"tls: is absent, but StreamGateway {name} speaks TLS only; set it"
    if listener.tls is None and wanted.tls is not None:
        yield f"tls: is set, but the nats listener of StreamGateway {name} has none; leave it out"
    is_open = gateway.auth is not None and gateway.auth.allow_anonymous
    if is_open and wanted.user is not None:
        yield f"user: is set, but StreamGateway {name} knows no users; leave it out"
    if not is_open and wanted.user is None:
        yield f"user: is absent, but StreamGateway {name} lets in its users only; name one"


def _not_kept(wanted: Predictions, gateway: StreamGatewaySpec) -> Iterator[PredictionsTrouble]:
    kept = [subject for stream in gateway.streams for subject in stream.subjects]
    if any(do_overlap(wanted.subject, subject) for subject in kept):
        return
    shown = ", ".join(kept[:MOST_SUBJECTS_TOLD]) or "none"
    more = ", ..." if len(kept) > MOST_SUBJECTS_TOLD else ""
    yield PredictionsTrouble(
        reason=Reason.SUBJECT_NOT_KEPT,
        message=f"{PATH}.subject: no stream of StreamGateway {wanted.stream_gateway.name} keeps "
        f"{wanted.subject} (they keep {shown}{more}); add it to one of its spec.streams, or "
        "choose another subject",
    )


def _left_to_servers(seen: Observed) -> Iterator[PredictionsTrouble]:
    """Tell of versions with servers of their own: whether those publish is not ours to see."""
    rollout = seen.memory.rollout
    serving = {target_of(seen), seen.memory.stable, rollout.version if rollout else None}
    own = [
        name
        for name in sorted(name for name in serving if name)
        if (version := seen.versions.get(name)) is not None
        and version.spec is not None
        and version.spec.runtime.builtin is None
    ]
    if own:
        yield PredictionsTrouble(
            reason=Reason.PUBLISHING_LEFT_TO_SERVER,
            message=f"{PATH}: {', '.join(own)} has no runtime.builtin: whether its predictions are "
            "published is its own server's business",
            is_certain=False,
        )
