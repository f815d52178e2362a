"""What one pass over a ValidationRun sees: plain frozen data, filled by observe.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.modelversion.types import ModelVersionSpec
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.run_types import ValidationRunSpec, ValidationRunStatus


@dataclass(frozen=True, kw_only=True)
class JobSeen:
    """The Job of one attempt."""

    name: str
    uid: str
    owner_uid: str
    created_at: str = ""
    succeeded: bool = False
    failed: bool = False
    """Also while it still waits for a pod to end: one on a lost node never tells that it has."""
    reason: str = ""
    """Why it failed, in the Job controller's word, as DeadlineExceeded."""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class RunContainer:
    """One container of a Job's pod."""

    name: str
    image: str = ""
    waiting: str = ""
    waiting_message: str = ""
    started: bool = False
    """Whether it runs, or has run."""
    exit_code: int | None = None
    reason: str = ""
    """Why it ended, in the kubelet's word, as OOMKilled."""
    last_words: str = ""
    image_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RunPod:
    """The pod of an attempt's Job."""

    name: str
    uid: str
    job: str
    phase: str
    job_uid: str = ""
    node: str = ""
    reason: str = ""
    """Of the pod as a whole, as Evicted."""
    message: str = ""
    unschedulable: str = ""
    leaving: bool = False
    disrupted: str = ""
    """Why Kubernetes took it away, where it did, as EvictionByEvictionAPI."""
    disruption: str = ""
    """The same in a sentence."""
    created_at: str = ""
    containers: tuple[RunContainer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An approval as the run's annotations offer it; whether it counts is decided."""

    by: str
    report: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class RunObserved:
    """One ValidationRun and all that belongs to it."""

    namespace: str
    name: str
    uid: str
    generation: int
    spec: ValidationRunSpec | None
    status: ValidationRunStatus
    problems: tuple[Problem, ...] = ()
    """Whatever keeps it from starting: in the run, its version or its policy."""
    problem_reason: Reason = Reason.SPEC_INVALID
    """Of the first problem."""
    changed: str = ""
    """What is no longer as the recorded plan has it; empty where all is."""
    version: ModelVersionSpec | None = None
    policy: ValidationPolicySpec | None = None
    stable: str | None = None
    """The version that serves, where it is another one and can be run here."""
    stable_spec: ModelVersionSpec | None = None
    job: JobSeen | None = None
    pod: RunPod | None = None
    refusal: str = ""
    """What the newest Event says keeps the Job from its pod, or the pod from starting."""
    offer: Offer | None = None
    """The approval that somebody offers."""
    image: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the libraries in the image, by name."""
