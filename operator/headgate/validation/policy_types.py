"""ValidationPolicy: what must be tested, at which error rate. crds/ comes from here."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from headgate.core.resource import READABLE, Condition, PositiveDuration, ResourceModel
from headgate.core.schema_marks import NotBuilt, Rule, map_list
from headgate.modelversion.types import Resources
from headgate.validation.check_types import Check, ColumnName, Number


class ErrorControl(StrEnum):
    """What alpha is a limit of."""

    HOLM = "Holm"
    BH = "BH"
    BY = "BY"
    NONE = "None"


class OnInconclusive(StrEnum):
    """What too little data means for the version."""

    BLOCK = "Block"
    ALLOW = "Allow"
    APPROVAL = "Approval"


class Predictions(ResourceModel):
    """Where the version's answers on the data come from."""

    RULES: ClassVar = (
        Rule("has(self.from) != has(self.column)", "set exactly one of from and column"),
        Rule("!has(self.scores) || has(self.column)", "needs column", ".scores"),
    )

    from_: Literal["Model"] | None = Field(
        default=None, alias="from", description="Model: run the artifact on the data."
    )
    column: ColumnName | None = Field(
        default=None, description="The column of both files that holds the answers."
    )
    scores: Annotated[tuple[ColumnName, ...], Field(max_length=100)] = Field(
        default=(), description="Columns with the probability of each class, in the classes' order."
    )


class Design(ResourceModel):
    """How the rows came about: tests are chosen by this, never by looking at the values."""

    RULES: ClassVar = (
        Rule(
            "!has(self.pairs) || !(has(self.clusters) || has(self.time))",
            "cannot be combined with clusters or time: pairs are compared as independent ones",
            ".pairs",
        ),
    )

    clusters: ColumnName | None = Field(
        default=None,
        description="The column of what rows belong to, as a customer: rows of one are not"
        " independent, and whole clusters are drawn in their stead.",
    )
    time: ColumnName | None = Field(
        default=None,
        description="The column by which rows are ordered in time where neighbours are alike:"
        " blocks of them are drawn in their stead.",
    )
    pairs: ColumnName | None = Field(
        default=None,
        description="The column that says which candidate row belongs to which reference row, as a"
        " customer measured twice: both files have each key once. drift then compares the two"
        " members of pairs; rows without a partner are counted. Other checks are not affected.",
    )


TLS = "tls://"
NO_TLS = (
    f"{TLS} needs certificates, which a run is not given in this release: use tcp:// and let a"
    " NetworkPolicy keep others away"
)


class DaskEngine(ResourceModel):
    """A Dask cluster of yours, whose workers run the jobs image of the same release."""

    scheduler_address: Annotated[
        str,
        Rule(f"!self.startsWith('{TLS}')", NO_TLS),
    ] = Field(
        min_length=1,
        max_length=256,
        pattern=r"^(tcp|tls)://[A-Za-z0-9.:\[\]_-]+$",
        description="Where its scheduler listens, as tcp://dask-scheduler:8786. The Job hands the"
        " data and the model to the workers, part by part: they need no access to either.",
    )


class LocalEngine(ResourceModel):
    """The Job's own process."""


class RayEngine(ResourceModel):
    """A Ray cluster of yours."""

    address: str = Field(min_length=1, max_length=256, description="Where its head listens.")


class Engine(ResourceModel):
    """What computes. Exactly one."""

    RULES: ClassVar = (
        Rule(
            "[has(self.local), has(self.dask), has(self.ray)].filter(x, x).size() == 1",
            "set exactly one of local, dask, ray",
        ),
    )

    local: LocalEngine | None = Field(
        default=None,
        description="The Job's own process. Parquet that outgrows its memory is read part by part.",
    )
    dask: DaskEngine | None = Field(
        default=None,
        description="A Dask cluster of yours: parquet is read part by part, and its workers count,"
        " hash and ask the model. It finds what local finds in rows that are read part by part.",
    )
    ray: Annotated[RayEngine | None, NotBuilt("use local")] = Field(
        default=None, description="A Ray cluster of yours."
    )


LEAST_EVERY = timedelta(minutes=1)


def _not_too_often(value: timedelta) -> timedelta:
    if value < LEAST_EVERY:
        raise ValueError("must be 1m or longer: every run is a Job")
    return value


class Schedule(ResourceModel):
    """When to run again while the version serves."""

    every: Annotated[
        PositiveDuration,
        AfterValidator(_not_too_often),
        Rule(
            f"!({READABLE}) || duration(self) >= duration('1m')",
            "must be 1m or longer: every run is a Job",
        ),
    ] = Field(
        description="Time from the end of one run of the version to the next, as 168h; at least 1m."
    )


class Compliance(ResourceModel):
    """Control catalogues that results are held against."""

    catalogues: Annotated[
        tuple[Annotated[str, Field(max_length=63)], ...], Field(max_length=16)
    ] = Field(description="Names of catalogues.")


class ValidationPolicySpec(ResourceModel):
    """What must be tested, and at which error rate."""

    alpha: Number = Field(
        default=0.05,
        ge=0.0001,
        le=0.5,
        description="The error rate of the whole suite: how often a version is failed though all"
        " is well.",
    )
    error_control: ErrorControl = Field(
        default=ErrorControl.HOLM,
        description="Holm: alpha limits the chance of one false failure or more. BH, BY: the share"
        " of false ones among all failures, BY under any dependence. None: alpha is per test.",
    )
    target: ColumnName | None = Field(
        default=None, description="The column that the model predicts. Not every check needs it."
    )
    task: Literal["Classification", "Regression"] | None = Field(
        default=None,
        description="What the target is; absent: numbers with more than 20 different values are a"
        " regression's.",
    )
    predictions: Predictions | None = Field(
        default=None, description="Where the version's answers on the data come from."
    )
    segments: Annotated[tuple[ColumnName, ...], Field(max_length=8)] = Field(
        default=(),
        description="Columns by whose values the same checks are done once more each. fairness,"
        " explanations, duplicates, leakage and drift.multivariate are of all rows only.",
    )
    sensitive: Annotated[tuple[ColumnName, ...], Field(max_length=8)] = Field(
        default=(), description="Columns whose groups fairness compares."
    )
    design: Design = Field(default=Design(), description="How the rows came about.")
    checks: Annotated[tuple[Check, ...], Field(min_length=1, max_length=32)] = Field(
        description="What to check, in the order of the report."
    )
    on_inconclusive: OnInconclusive = Field(
        default=OnInconclusive.BLOCK,
        description="Too little data to decide: Block the version, Allow it, or wait for the"
        " Approval of a person.",
    )
    schedule: Schedule | None = Field(
        default=None,
        description="Run again while the version serves as its Model's stable one. A Fail then"
        " follows the Model's rollback; too little data takes no traffic away.",
    )
    compliance: Annotated[Compliance | None, NotBuilt("leave it out")] = Field(
        default=None, description="Control catalogues that results are held against."
    )
    engine: Engine = Field(
        default=Engine(local=LocalEngine()), description="What computes. Exactly one."
    )
    resources: Resources = Field(
        default=Resources(), description="What the Job's pod asks for and may use."
    )
    timeout: PositiveDuration | None = Field(
        default=None, description="Longest time of one attempt; absent: 30m."
    )
    backoff_limit: int = Field(
        default=2,
        ge=0,
        le=10,
        description="How often a run that could not be carried out is tried again. A verdict is"
        " never tried again.",
    )


class ValidationPolicyStatus(ResourceModel):
    """Whether the policy can be used."""

    observed_generation: int = Field(default=0, ge=0, description="The spec this is about.")
    message: str = Field(default="", max_length=1024, description="What is wrong with it.")
    conditions: Annotated[tuple[Condition, ...], Field(max_length=8), map_list("type")] = Field(
        default=(), description="Accepted."
    )
