"""What a CRD says of a kind besides its schema: names, subresources, the columns of kubectl get."""

from dataclasses import dataclass
from pathlib import Path

from headgate.core.resource import ResourceModel
from headgate.core.schema_marks import Rule
from headgate.model.status_types import ModelStatus
from headgate.model.types import ModelSpec
from headgate.modelversion.status_types import ModelVersionStatus
from headgate.modelversion.types import ModelVersionSpec
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.types import MAX_NAME, StreamGatewaySpec
from headgate.validation.policy_types import ValidationPolicySpec, ValidationPolicyStatus
from headgate.validation.run_types import ValidationRunSpec, ValidationRunStatus

GROUP = "headgate.dev"
VERSION = "v1alpha1"
WIDE = 1
EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Column:
    """A column of `kubectl get`; with priority 1 only of `kubectl get -o wide`."""

    name: str
    path: str
    description: str
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The paths behind the /scale subresource."""

    spec_replicas: str
    status_replicas: str
    selector: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of the group."""

    kind: str
    short: str
    description: str
    spec: type[ResourceModel]
    status: type[ResourceModel]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    scale: Scale | None = None
    selectable: tuple[str, ...] = ()
    plural: str = ""
    """The name in the API's paths; the singular and an s where nothing is given."""

    def __post_init__(self) -> None:
        """Fill in the plural."""
        if not self.plural:
            object.__setattr__(self, "plural", f"{self.singular}s")

    @property
    def singular(self) -> str:
        """The name in lower case."""
        return self.kind.lower()

    @property
    def example(self) -> str:
        """A whole resource, as the reference shows it and the tests apply it."""
        return (EXAMPLES / f"{self.singular}.yaml").read_text()


AGE = Column(
    "Age", ".metadata.creationTimestamp", "When it was created.", type="date", priority=WIDE
)

MODEL = Kind(
    kind="Model",
    short="mdl",
    description="A stable endpoint over versions: which one should serve, how to get there, and"
    " when to go back.",
    spec=ModelSpec,
    status=ModelStatus,
    scale=Scale(
        spec_replicas=".spec.replicas",
        status_replicas=".status.replicas",
        selector=".status.selector",
    ),
    columns=(
        Column("Phase", ".status.phase", "The Model in one word."),
        Column("Stable", ".status.stableVersion", "The version that serves."),
        Column("Canary", ".status.canaryVersion", "The version on trial."),
        Column("Step", ".status.step", "Steps done of all."),
        Column("Weight", ".status.canaryWeight", "Percent for the canary.", type="integer"),
        Column("Message", ".status.message", "What it waits for, or what is wrong."),
        Column("URL", ".status.url", "Where it serves in the cluster.", priority=WIDE),
        AGE,
    ),
)

MODEL_VERSION = Kind(
    kind="ModelVersion",
    short="mv",
    description="One immutable, servable version of a model: what it is made of, what it needs,"
    " and what must hold before it takes traffic.",
    spec=ModelVersionSpec,
    status=ModelVersionStatus,
    rules=(
        Rule(
            "!has(self.spec.dependsOn)"
            " || self.spec.dependsOn.all(version, version.name != self.metadata.name)",
            "a version must not depend on itself",
            ".spec.dependsOn",
        ),
    ),
    selectable=(".spec.model",),
    columns=(
        Column("Model", ".spec.model", "The Model it belongs to."),
        Column("Version", ".spec.version", "The version for people."),
        Column("Phase", ".status.phase", "The version in one word."),
        Column("Weight", ".status.serving.weight", "Percent of requests.", type="integer"),
        Column("Ready", ".status.serving.readyReplicas", "Pods ready.", type="integer"),
        Column("Reason", ".status.message", "What it waits for, or what is wrong."),
        AGE,
    ),
)

VALIDATION_POLICY = Kind(
    kind="ValidationPolicy",
    short="vpol",
    description="What must be tested before a version takes traffic, at which error rate.",
    plural="validationpolicies",
    spec=ValidationPolicySpec,
    status=ValidationPolicyStatus,
    columns=(
        Column("Target", ".spec.target", "The column that the model predicts."),
        Column("Alpha", ".spec.alpha", "The suite's error rate.", type="number"),
        Column("Control", ".spec.errorControl", "What alpha is a limit of."),
        Column("Inconclusive", ".spec.onInconclusive", "What too little data means."),
        Column(
            "Accepted",
            '.status.conditions[?(@.type=="Accepted")].status',
            "Whether it can be used.",
        ),
        Column("Message", ".status.message", "What is wrong with it."),
        AGE,
    ),
)

VALIDATION_RUN = Kind(
    kind="ValidationRun",
    short="vrun",
    description="One execution of a policy on one version, and its verdict.",
    spec=ValidationRunSpec,
    status=ValidationRunStatus,
    selectable=(".spec.versionRef.name",),
    columns=(
        Column("Version", ".spec.versionRef.name", "The version that is validated."),
        Column("Phase", ".status.phase", "The run in one word."),
        Column("Verdict", ".status.verdict", "What it says of the version."),
        Column("Failed", ".status.checks.failed", "Findings that failed.", type="integer"),
        Column("Of", ".status.checks.total", "All findings.", type="integer"),
        Column("Message", ".status.message", "What it waits for, or what came of it."),
        Column("Policy", ".spec.policyRef.name", "The policy.", priority=WIDE),
        Column("Attempt", ".status.attempt", "Attempts made.", type="integer", priority=WIDE),
        AGE,
    ),
)

STREAM_GATEWAY = Kind(
    kind="StreamGateway",
    short="sgw",
    description="A pool of streaming servers that scales, drains and rebalances while clients stay"
    " connected.",
    spec=StreamGatewaySpec,
    status=StreamGatewayStatus,
    rules=(
        Rule(
            f"self.metadata.name.size() <= {MAX_NAME}"
            " && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
            f"metadata.name: letters, digits and -, a letter first, {MAX_NAME} characters at most:"
            " pods and Services are named after it",
        ),
    ),
    scale=Scale(
        spec_replicas=".spec.replicas",
        status_replicas=".status.replicas",
        selector=".status.selector",
    ),
    columns=(
        Column("Phase", ".status.phase", "The gateway in one word."),
        Column("Ready", ".status.readyReplicas", "Edge pods that take connections.", "integer"),
        Column("Desired", ".status.desiredReplicas", "Edge pods wanted.", "integer"),
        Column("Connections", ".status.connections.total", "Clients.", "integer"),
        Column("Skew", ".status.connections.skew", "Fullest over mean.", "number", WIDE),
        Column("Forced", ".status.continuity.forcedCloses", "Connections cut.", "integer", WIDE),
        Column("Message", ".status.message", "What it waits for, or what is wrong."),
        Column("URL", ".status.url", "Where clients connect.", priority=WIDE),
        Column("Revision", ".status.stableRevision", "Its configuration.", priority=WIDE),
        AGE,
    ),
)

KINDS = (MODEL, MODEL_VERSION, VALIDATION_POLICY, VALIDATION_RUN, STREAM_GATEWAY)
