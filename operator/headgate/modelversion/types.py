"""ModelVersion: one immutable, servable version of a model. crds/ and its reference come from here.

Every limit that stands here is refused by the API server; what a limit cannot say is a rule (CEL)
beside it, and accept.py says the same to objects that got in before the rule did.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from headgate.core import artifact_uri
from headgate.core.resource import ObjectName, Quantity, ResourceModel
from headgate.core.schema_marks import NotBuilt, Rule, map_list

SHA256 = r"^[0-9a-f]{64}$"
Sha256 = Annotated[str, Field(min_length=64, max_length=64, pattern=SHA256)]
Port = Annotated[int, Field(ge=1, le=65535)]
Image = Annotated[
    str, Field(min_length=1, max_length=512, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._:/@\[\]-]*$")
]
ShortText = Annotated[str, Field(max_length=256)]

RESOURCE_NAME = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?$"
ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
RESERVED_ENV = "HEADGATE_"
INPUT_NAME = r"^[a-z0-9]([-a-z0-9_]*[a-z0-9])?$"

_RUNTIMES = ("builtin", "container", "seldon", "kserve", "seldonDeployment")


class Format(StrEnum):
    """What the builtin server can load."""

    SKLEARN = "sklearn"
    XGBOOST = "xgboost"
    LIGHTGBM = "lightgbm"
    ONNX = "onnx"


class SecretRef(ResourceModel):
    """A Secret in the same namespace."""

    name: ObjectName = Field(description="Name of the Secret.")


class SecretKeyRef(ResourceModel):
    """One key of a Secret in the same namespace."""

    name: ObjectName = Field(description="Name of the Secret.")
    key: str = Field(
        min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$", description="Key in the Secret."
    )


class VersionRef(ResourceModel):
    """A ModelVersion in the same namespace."""

    name: ObjectName = Field(description="Name of the ModelVersion.")


class PolicyRef(ResourceModel):
    """A ValidationPolicy in the same namespace."""

    name: ObjectName = Field(description="Name of the ValidationPolicy.")


class Artifact(ResourceModel):
    """The file or archive that the version is made of."""

    RULES: ClassVar = (
        Rule(
            "!has(self.secretRef) || self.uri.matches('^(https?|s3)://')",
            "is used by http://, https:// and s3:// only",
            ".secretRef",
        ),
    )

    uri: Annotated[
        str,
        Field(min_length=1, max_length=artifact_uri.MAX_LENGTH, pattern=artifact_uri.PATTERN),
        *artifact_uri.RULES,
    ] = Field(
        description="Where it is: http://, https://, s3://BUCKET/KEY, pvc://CLAIM/PATH or"
        " configmap://NAME[/KEY]. Claims and ConfigMaps are those of the same namespace."
    )
    sha256: Sha256 = Field(
        description="SHA-256 of the file's bytes, 64 lower case hex digits. It is checked before"
        " anything is unpacked or loaded."
    )
    secret_ref: SecretRef | None = Field(
        default=None,
        description="Credentials: keys username and password, or token; for s3://"
        " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    )


class BuiltinRuntime(ResourceModel):
    """Headgate's own server: Open Inference Protocol V2 over HTTP."""

    RULES: ClassVar = (
        Rule(
            "!self.allowPickle || self.format == 'sklearn'",
            "is for format sklearn only: the other formats hold no code",
            ".allowPickle",
        ),
    )

    format: Format = Field(description="What the artifact holds: sklearn means skops.")
    allow_pickle: bool = Field(
        default=False,
        description="Also load a joblib or pickle file of format sklearn. Loading one runs the code"
        " that it holds: set this only if whoever can write the artifact may run code in the pod.",
    )


class EnvSource(ResourceModel):
    """Where a variable's value comes from."""

    secret_key_ref: SecretKeyRef = Field(description="A key of a Secret in the same namespace.")


class EnvVar(ResourceModel):
    """A variable of the container's environment."""

    RULES: ClassVar = (
        Rule("!(has(self.value) && has(self.valueFrom))", "set value or valueFrom, not both"),
    )

    name: Annotated[
        str,
        Field(min_length=1, max_length=253, pattern=ENV_NAME),
        Rule(f"!self.startsWith('{RESERVED_ENV}')", f"names in {RESERVED_ENV} are reserved"),
    ] = Field(description="Name of the variable.")
    value: str | None = Field(default=None, max_length=4096, description="Its value.")
    value_from: EnvSource | None = Field(default=None, description="Where its value comes from.")


class ContainerRuntime(ResourceModel):
    """A server of your own. It has to answer the V2 health endpoints and end on SIGTERM."""

    image: Image = Field(description="Image of the server; a digest keeps the version immutable.")
    port: Port = Field(default=8080, description="Port on which it serves HTTP.")
    protocol: Literal["V2"] = Field(
        default="V2", description="What it speaks: V2, the Open Inference Protocol."
    )
    command: Annotated[tuple[Annotated[str, Field(max_length=1024)], ...], Field(max_length=32)] = (
        Field(default=(), description="Replaces the image's entry point.")
    )
    args: Annotated[tuple[Annotated[str, Field(max_length=1024)], ...], Field(max_length=64)] = (
        Field(default=(), description="Arguments.")
    )
    env: Annotated[tuple[EnvVar, ...], Field(max_length=64), map_list("name")] = Field(
        default=(), description="Environment."
    )


class SeldonRuntime(ResourceModel):
    """A seldon-core microservice."""

    image: Image = Field(description="Image of the microservice.")
    port: Port = Field(default=9000, description="Port on which it serves HTTP.")
    env: Annotated[tuple[EnvVar, ...], Field(max_length=64), map_list("name")] = Field(
        default=(), description="Environment."
    )


class KServeRuntime(ResourceModel):
    """Serving handed to KServe."""

    model_format: str = Field(
        min_length=1, max_length=63, description="KServe's name of the model's format."
    )


class SeldonDeploymentRuntime(ResourceModel):
    """Serving handed to Seldon Core."""

    implementation: str = Field(
        min_length=1, max_length=63, description="Seldon's prepackaged server, as SKLEARN_SERVER."
    )


class Runtime(ResourceModel):
    """What serves the version. Exactly one."""

    RULES: ClassVar = (
        Rule(
            f"[{', '.join(f'has(self.{name})' for name in _RUNTIMES)}].filter(x, x).size() == 1",
            f"set exactly one of {', '.join(_RUNTIMES)}",
        ),
    )

    builtin: BuiltinRuntime | None = Field(
        default=None, description="Headgate's own server. It needs an artifact."
    )
    container: ContainerRuntime | None = Field(
        default=None,
        description="A server of your own. An artifact, if given, is unpacked to /model/current.",
    )
    seldon: Annotated[SeldonRuntime | None, NotBuilt("use builtin or container")] = Field(
        default=None, description="A seldon-core microservice."
    )
    kserve: Annotated[KServeRuntime | None, NotBuilt("use builtin or container")] = Field(
        default=None, description="Hand the serving to KServe."
    )
    seldon_deployment: Annotated[
        SeldonDeploymentRuntime | None, NotBuilt("use builtin or container")
    ] = Field(default=None, description="Hand the serving to Seldon Core.")


Amounts = Annotated[
    Mapping[str, Quantity],
    Field(max_length=16),
    Rule(
        f"self.all(name, size(name) <= 253 && name.matches(r'{RESOURCE_NAME}'))",
        "names must be resources such as cpu, memory or nvidia.com/gpu",
    ),
]


class Resources(ResourceModel):
    """What a serving pod asks for and may use."""

    RULES: ClassVar = (
        Rule(
            "!has(self.requests) || !has(self.limits) || self.requests.all(name,"
            " !(name in self.limits) || !isQuantity(string(self.requests[name]))"
            " || !isQuantity(string(self.limits[name]))"
            " || quantity(string(self.requests[name]))"
            ".compareTo(quantity(string(self.limits[name]))) <= 0)",
            "a request must not be above its limit",
            ".requests",
        ),
    )

    requests: Amounts | None = Field(
        default=None, description="What the scheduler sets aside, by resource."
    )
    limits: Amounts | None = Field(default=None, description="What it may use, by resource.")


class DataRef(ResourceModel):
    """A file of data for validation: parquet or CSV."""

    RULES: ClassVar = (
        Rule(
            "!has(self.secretRef) || self.uri.matches('^(https?|s3)://')",
            "is used by http://, https:// and s3:// only",
            ".secretRef",
        ),
    )

    uri: Annotated[
        str,
        Field(min_length=1, max_length=artifact_uri.MAX_LENGTH, pattern=artifact_uri.PATTERN),
        *artifact_uri.RULES,
    ] = Field(
        description="Where it is, as an artifact's: http://, https://, s3://BUCKET/KEY,"
        " pvc://CLAIM/PATH or configmap://NAME[/KEY]."
    )
    sha256: Sha256 = Field(description="SHA-256 of the file's bytes.")
    secret_ref: SecretRef | None = Field(
        default=None, description="Credentials, with the keys of an artifact's."
    )


class Validation(ResourceModel):
    """What has to hold before the version takes traffic."""

    policy_ref: PolicyRef = Field(description="The policy to test by.")
    data: Annotated[
        Mapping[str, DataRef],
        Field(max_length=16),
        Rule(
            f"self.all(name, size(name) <= 63 && name.matches('{INPUT_NAME}'))",
            "names of inputs hold lower case letters, digits, - and _",
        ),
    ] = Field(
        default_factory=dict,
        description="Data, by the name of the input: reference, what the model is known to work on,"
        " and candidate, what it is going to meet. Both are required.",
    )


class ExplainMethod(StrEnum):
    """How attributions are computed."""

    AUTO = "Auto"
    TREE = "Tree"
    LINEAR = "Linear"
    PERMUTATION = "Permutation"
    NONE = "None"


class Explainability(ResourceModel):
    """Explanations of the version's answers."""

    method: ExplainMethod = Field(
        description="How attributions are computed, for policies that check explanations. Auto, as"
        " without this field: Tree or Linear where they fit, else Permutation. Tree: from the trees"
        " of boosters and forests. Linear: from the coefficients of linear models. Permutation:"
        " from answers alone, of any model. What does not fit the model is refused by the run."
        " None: not at all; such policies are refused."
    )


class Lineage(ResourceModel):
    """Where the version comes from. Kept for people and auditors; nothing is decided by it."""

    git_commit: ShortText | None = Field(default=None, description="Commit it was trained from.")
    trained_by: ShortText | None = Field(default=None, description="Who or what trained it.")
    training_data: ShortText | None = Field(default=None, description="Digest of the data.")


class ModelVersionSpec(ResourceModel):
    """What the version is made of, what it needs, and what must hold. It cannot be changed."""

    RULES: ClassVar = (
        Rule(
            "self == oldSelf",
            "spec is immutable: create a new ModelVersion and name it in the Model's spec.version",
        ),
        Rule(
            "has(self.artifact) || has(self.runtime.container)",
            "is required: only runtime.container can do without one",
            ".artifact",
        ),
    )

    model: ObjectName = Field(description="The Model it belongs to, in the same namespace.")
    version: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?$",
        description="The version for people, as 3.1.0; unique among the Model's versions.",
    )
    artifact: Artifact | None = Field(
        default=None,
        description="What it serves. Required, unless runtime.container has it in its image.",
    )
    runtime: Runtime = Field(description="What serves it. Exactly one.")
    resources: Resources = Field(
        default=Resources(), description="What a serving pod asks for and may use."
    )
    depends_on: Annotated[tuple[VersionRef, ...], Field(max_length=16), map_list("name")] = Field(
        default=(),
        description="Versions of other Models that must be serving before this one takes traffic.",
    )
    validation: Validation | None = Field(
        default=None, description="What has to hold before the version takes traffic."
    )
    explainability: Explainability | None = Field(
        default=None, description="Explanations of the version's answers."
    )
    lineage: Lineage | None = Field(
        default=None, description="Where it comes from; for people and auditors."
    )

    @property
    def explain_method(self) -> ExplainMethod:
        """How answers are explained: Auto where the spec does not say."""
        return self.explainability.method if self.explainability else ExplainMethod.AUTO
