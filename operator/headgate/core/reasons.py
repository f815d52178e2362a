"""Every reason a condition, an Event or a rejection can carry.

One enum, so that docs/reference/reasons.md can be checked to hold a remedy for each.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something is as it is, in one CamelCase word, as Kubernetes writes reasons."""

    # Model: is the spec usable?
    SPEC_ACCEPTED = "SpecAccepted"
    SPEC_INVALID = "SpecInvalid"
    VERSION_NOT_FOUND = "VersionNotFound"
    VERSION_OF_ANOTHER_MODEL = "VersionOfAnotherModel"
    VERSION_NOT_ACCEPTED = "VersionNotAccepted"
    VERSION_TRACKED = "VersionTracked"
    NAME_TAKEN = "NameTaken"

    # Model: how far is it?
    ROLLOUT_COMPLETE = "RolloutComplete"
    ROLLOUT_STARTED = "RolloutStarted"
    WAITING_FOR_PODS = "WaitingForPods"
    WAITING_FOR_ROUTING = "WaitingForRouting"
    STEP_COMPLETED = "StepCompleted"
    STEPS_CHANGED = "StepsChanged"
    STEP_PAUSED = "StepPaused"
    WAITING_FOR_PROMOTION = "WaitingForPromotion"
    WAITING_FOR_ANALYSIS = "WaitingForAnalysis"
    PROMOTING = "Promoting"
    PROMOTED = "Promoted"
    SUPERSEDED = "Superseded"
    PAUSED_BY_SPEC = "PausedBySpec"
    SCALED_TO_ZERO = "ScaledToZero"
    DEPENDENCY_NOT_SERVING = "DependencyNotServing"
    DEPENDENTS_FIRST = "DependentsFirst"

    # Model: does it serve?
    ENOUGH_REPLICAS = "EnoughReplicas"
    TOO_FEW_REPLICAS = "TooFewReplicas"
    NO_REPLICAS = "NoReplicas"

    # Model: do its predictions get to their stream?
    PREDICTIONS_ROUTED = "PredictionsRouted"
    GATEWAY_NOT_FOUND = "GatewayNotFound"
    GATEWAY_UNFIT = "GatewayUnfit"
    SUBJECT_NOT_KEPT = "SubjectNotKept"
    PUBLISHING_LEFT_TO_SERVER = "PublishingLeftToServer"

    # Model: did it go back?
    NO_ROLLBACK = "NoRollback"

    # Why a version was rejected
    IMAGE_PULL_FAILED = "ImagePullFailed"
    DIGEST_MISMATCH = "DigestMismatch"
    ARTIFACT_UNAVAILABLE = "ArtifactUnavailable"
    ARTIFACT_INVALID = "ArtifactInvalid"
    MODEL_UNLOADABLE = "ModelUnloadable"
    CONTAINER_CONFIG_INVALID = "ContainerConfigInvalid"
    CRASH_LOOPING = "CrashLooping"
    PODS_NOT_CREATED = "PodsNotCreated"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    ERROR_RATIO_EXCEEDED = "ErrorRatioExceeded"
    LATENCY_EXCEEDED = "LatencyExceeded"
    ABORTED_BY_REQUEST = "AbortedByRequest"
    DEPENDENCY_WITHDRAWN = "DependencyWithdrawn"
    REVALIDATION_FAILED = "RevalidationFailed"

    # Requests by hand
    REQUEST_HANDLED = "RequestHandled"
    REQUEST_REFUSED = "RequestRefused"

    # Model: may the version take traffic?
    WAITING_FOR_VALIDATION = "WaitingForValidation"
    VALIDATION_FAILED = "ValidationFailed"

    # ModelVersion
    DEPENDENCY_CYCLE = "DependencyCycle"
    DUPLICATE_VERSION = "DuplicateVersion"
    NO_POLICY = "NoPolicy"
    NOT_TRIED_YET = "NotTriedYet"
    DIGEST_MATCHES = "DigestMatches"
    NO_ARTIFACT = "NoArtifact"
    SERVER_READY = "ServerReady"
    SERVER_NOT_READY = "ServerNotReady"
    VALIDATING = "Validating"
    POLICY_PASSED = "PolicyPassed"
    POLICY_FAILED = "PolicyFailed"
    TOO_LITTLE_DATA = "TooLittleData"
    INCONCLUSIVE_ALLOWED = "InconclusiveAllowed"
    AWAITING_APPROVAL = "AwaitingApproval"
    APPROVED = "Approved"
    APPROVAL_REFUSED = "ApprovalRefused"
    VALIDATION_COULD_NOT_RUN = "ValidationCouldNotRun"

    # ValidationRun: can it start, how far is it?
    POLICY_NOT_FOUND = "PolicyNotFound"
    POLICY_NOT_ACCEPTED = "PolicyNotAccepted"
    VERSION_UNFIT = "VersionUnfit"
    PLAN_RECORDED = "PlanRecorded"
    JOB_RUNNING = "JobRunning"
    VERDICT_REACHED = "VerdictReached"
    WAITING_TO_RETRY = "WaitingToRetry"
    UNSCHEDULABLE = "Unschedulable"
    POD_NOT_STARTED = "PodNotStarted"
    JOB_REFUSED = "JobRefused"
    REPORT_REFUSED = "ReportRefused"

    # Why an attempt of a ValidationRun could not be carried out
    TIMED_OUT = "TimedOut"
    OUT_OF_MEMORY = "OutOfMemory"
    ENGINE_UNAVAILABLE = "EngineUnavailable"
    EVICTED = "Evicted"
    NODE_LOST = "NodeLost"
    POD_LOST = "PodLost"
    REPORT_LOST = "ReportLost"
    DATA_INVALID = "DataInvalid"
    POLICY_INVALID = "PolicyInvalid"
    MODEL_UNUSABLE = "ModelUnusable"
    PLAN_MISMATCH = "PlanMismatch"
    JOB_FAILED = "JobFailed"

    # StreamGateway
    SECRET_UNUSABLE = "SecretUnusable"  # noqa: S105 - a reason
    POD_FAILING = "PodFailing"
    NOT_READY_IN_TIME = "NotReadyInTime"
    SLOW_CONSUMERS = "SlowConsumers"
    NO_CLIENTS_ARRIVE = "NoClientsArrive"
    REVISION_ON_TRIAL = "RevisionOnTrial"
    REVISION_STABLE = "RevisionStable"
    METRICS_MISSING = "MetricsMissing"
    CONNECTIONS_EVEN = "ConnectionsEven"
    CONNECTIONS_UNEVEN = "ConnectionsUneven"
    STREAMS_READY = "StreamsReady"
    STREAM_REFUSED = "StreamRefused"
    CORE_UNREACHABLE = "CoreUnreachable"
    NOTHING_DELIVERED = "NothingDelivered"
    CONTRACT_BROKEN = "ContractBroken"
    CONNECTIONS_CUT = "ConnectionsCut"

    # StreamGateway: why has the pool so many pods?
    LOAD_FITS = "LoadFits"
    LOAD_GREW = "LoadGrew"
    LOAD_SURGED = "LoadSurged"
    GROWTH_EXPECTED = "GrowthExpected"
    PODS_FULL = "PodsFull"
    LOAD_FELL = "LoadFell"
    LOAD_FELL_RECENTLY = "LoadFellRecently"
    DRAIN_UNDER_WAY = "DrainUnderWay"
    MEMORY_SHORT = "MemoryShort"
    WATCHED_TOO_SHORTLY = "WatchedTooShortly"
    NOTHING_MEASURED = "NothingMeasured"


def reason_named(text: str) -> Reason:
    """Return the reason that a status names, also where another release wrote one of its own."""
    return Reason(text) if text in Reason else Reason.VERSION_NOT_ACCEPTED
