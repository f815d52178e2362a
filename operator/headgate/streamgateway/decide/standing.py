"""Who of the pods counts: those that are kept, those on trial, and those wanted no more."""

from dataclasses import dataclass

from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.observed import EdgePod, Observed


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The pods that stay, each in one of three parts."""

    kept: tuple[EdgePod, ...]
    """Of the stable configuration, or of one that was proven: they make up the number."""
    on_trial: tuple[EdgePod, ...]
    """Of a configuration that is not proven yet: they come on top of the number."""
    strays: tuple[EdgePod, ...]
    """Of one that was rejected, or that another took the place of before it was everywhere."""


def standing(seen: Observed, memory: Memory) -> Standing:
    """Return what each of the pods that stay is there for.

    As long as no configuration was everywhere, there is nothing to go back to: all are kept.
    """
    candidate, stable = memory.candidate, memory.stable_revision
    trial = candidate.revision if candidate is not None and not candidate.proven else None
    kept = {stable}
    if candidate is not None and candidate.proven:
        kept.add(candidate.revision)
    rest = [pod for pod in seen.staying if pod.revision != trial]
    return Standing(
        kept=tuple(pod for pod in rest if stable is None or pod.revision in kept),
        on_trial=tuple(pod for pod in seen.staying if pod.revision == trial),
        strays=tuple(pod for pod in rest if stable is not None and pod.revision not in kept),
    )


def takes_others(seen: Observed, memory: Memory) -> bool:
    """Whether connections of a leaving pod have where to go: to a pod that is not on trial."""
    on_trial = {pod.name for pod in standing(seen, memory).on_trial}
    return any(pod.ready and pod.name not in on_trial for pod in seen.staying)


def silent_in_words(pod: EdgePod) -> str:
    """Say that a pod does not tell how many clients it has, and why where that is known."""
    why = f": {pod.complaint}" if pod.complaint else ""
    return f"{pod.name} does not say how many connections it has{why}"


def revision_to_make(memory: Memory) -> str | None:
    """Return the configuration of pods that are made to keep up the number; None where none is."""
    candidate = memory.candidate
    if candidate is not None and candidate.proven:
        return candidate.revision
    return memory.stable_revision
