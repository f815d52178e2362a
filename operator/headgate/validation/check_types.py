"""The checks that a ValidationPolicy can ask for. crds/ and its reference come from here."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from headgate.core.resource import ResourceModel
from headgate.core.schema_marks import Rule
from headgate.validation.drift_tests import DriftTest, known

ColumnName = Annotated[str, Field(min_length=1, max_length=256)]
"""A column of the data, exactly as the file names it."""
Columns = Annotated[
    Literal["all"] | Annotated[tuple[ColumnName, ...], Field(min_length=1, max_length=1000)],
    # a CRD knows no field of two types: the operator checks this one
    WithJsonSchema({"x-kubernetes-preserve-unknown-fields": True}),
]
Number = Annotated[float, Strict()]
"""A number, not a truth or a text that could be taken for one."""
Share = Annotated[Number, Field(ge=0, le=1)]
Bound = Annotated[Number, Field(ge=-1e9, le=1e9)]
MetricName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


class MultivariateTest(StrEnum):
    """Tests of all columns together."""

    MMD = "mmd"
    ENERGY = "energy"
    CLASSIFIER = "classifier"


class DriftCheck(ResourceModel):
    """Whether the candidate data is distributed as the reference data is."""

    columns: Columns = Field(
        default="all",
        description="Columns to compare; all: every column that both files have, without the"
        " target and the predictions.",
    )
    min_effect: Share = Field(
        default=0.1,
        description="A difference smaller than this does not matter. In the unit of effects: the"
        " largest difference between the shares of rows below any value (Kolmogorov distance), for"
        " categories between the shares of any set of them (total variation).",
    )
    test: Annotated[DriftTest, BeforeValidator(known)] = Field(
        default=DriftTest.AUTO,
        description="Auto: the test is chosen per column by the design of the data, and the report"
        " says why. Else a test by its name in `headgate stat --list`, for the columns that it"
        " fits; significance is that test's, the effect stays in the unit of minEffect. chi2,"
        " fisher, boschloo, total-variation, total-variation-clustered, mcnemar and stuart-maxwell"
        " compare counts, all others numbers; ks-clustered and total-variation-clustered are for"
        " design.clusters or time, and ks-paired, wilcoxon, paired-t, sign, mcnemar and"
        " stuart-maxwell for design.pairs.",
    )
    multivariate: Annotated[tuple[MultivariateTest, ...], Field(max_length=3)] = Field(
        default=(), description="Tests of the numeric columns together: mmd, energy, classifier."
    )


class PerformanceCheck(ResourceModel):
    """How well the version predicts the candidate data's target."""

    RULES: ClassVar = (
        Rule(
            "has(self.min) || has(self.max) || has(self.nonInferiorTo) || has(self.superiorTo)",
            "set min, max, nonInferiorTo or superiorTo: without one nothing could fail",
        ),
        Rule(
            "!(has(self.nonInferiorTo) && has(self.superiorTo))",
            "set nonInferiorTo or superiorTo, not both",
        ),
        Rule("!(has(self.min) && has(self.max))", "set min or max, not both"),
    )

    metric: MetricName = Field(
        description="A metric by scikit-learn's name, as roc_auc, accuracy, f1, r2 or"
        " neg_mean_absolute_error."
    )
    min: Bound | None = Field(default=None, description="The least that is good enough.")
    max: Bound | None = Field(default=None, description="The most, for metrics that are losses.")
    non_inferior_to: Literal["stable"] | None = Field(
        default=None, description="Must not be worse than the stable version by more than margin."
    )
    superior_to: Literal["stable"] | None = Field(
        default=None, description="Must be better than the stable version by more than margin."
    )
    margin: Number = Field(
        default=0.0,
        ge=0,
        le=1e9,
        description="In the metric's unit, for nonInferiorTo and superiorTo.",
    )


class CalibrationCheck(ResourceModel):
    """Whether predicted probabilities are the frequencies that are seen."""

    max_error: Share = Field(
        default=0.05, description="The most that the expected calibration error may be."
    )
    bins: int = Field(default=10, ge=2, le=100, description="Bins of equal counts.")


class FairnessMetric(StrEnum):
    """How groups are compared."""

    DEMOGRAPHIC_PARITY_DIFFERENCE = "demographic_parity_difference"
    EQUALIZED_ODDS_DIFFERENCE = "equalized_odds_difference"
    EQUAL_OPPORTUNITY_DIFFERENCE = "equal_opportunity_difference"
    FOUR_FIFTHS = "four_fifths"


class FairnessCheck(ResourceModel):
    """Whether groups of a sensitive column are treated alike."""

    metric: FairnessMetric = Field(
        default=FairnessMetric.DEMOGRAPHIC_PARITY_DIFFERENCE,
        description="demographic_parity_difference, equalized_odds_difference,"
        " equal_opportunity_difference, or four_fifths (1 minus the ratio of selection rates).",
    )
    max: Share = Field(
        default=0.1, description="The most that it may be; 0.2 is the rule of four fifths."
    )
    positive: str | None = Field(
        default=None, max_length=256, description="The favourable answer; absent: the last class."
    )


class ResidualsCheck(ResourceModel):
    """Whether a regressor's errors look like noise."""

    max_bias: Number = Field(
        default=0.1,
        ge=0.001,
        le=10,
        description="The most that the mean residual may be, in its deviations.",
    )
    max_autocorrelation: Share = Field(
        default=0.1, description="The most that residuals one row apart may correlate."
    )
    max_heteroscedasticity: Share = Field(
        default=0.1,
        description="The most of squared residuals' variance that the prediction explains.",
    )


class StabilityCheck(ResourceModel):
    """Whether answers hold when numeric inputs are a little noisy."""

    noise: Number = Field(
        default=0.01,
        ge=0.0001,
        le=10,
        description="Standard deviation of the noise, in each column's.",
    )
    max_flip: Share = Field(
        default=0.02,
        description="The most of answers that may change: another class, or for regressors by more"
        " than the noise times the answers' standard deviation times 10.",
    )


class QualityCheck(ResourceModel):
    """Whether the data is what it is taken for."""

    max_missing: Share = Field(
        default=0.05, description="The most of a column's values that may be missing in addition."
    )
    max_out_of_range: Share = Field(
        default=0.01, description="The most of a column's values outside of the reference's range."
    )
    max_new_categories: Share = Field(
        default=0.0, description="The most of a column's values that the reference never had."
    )
    max_duplicates: Share = Field(
        default=0.05, description="The most of rows that may stand twice in one file."
    )
    max_leakage: Share = Field(
        default=0.01, description="The most of candidate rows that also stand in the reference."
    )


class ExplanationsCheck(ResourceModel):
    """Whether attributions (SHAP) add up and are distributed as before."""

    RULES: ClassVar = (
        Rule(
            "self.drift || self.additivity",
            "set drift or additivity: without one nothing could fail",
        ),
    )

    drift: bool = Field(
        default=True,
        description="Compare the attributions of reference and candidate rows, feature by feature,"
        " with the tests of the check drift. Of several classes, the sums of absolute"
        " attributions.",
    )
    additivity: bool = Field(
        default=True,
        description="In every explained row, base value and attributions have to add up to the"
        " model's output and to its answer, within rounding.",
    )
    rows: int = Field(
        default=2000,
        ge=50,
        le=100_000,
        description="Rows of each file that are explained, drawn by the plan's seed. Models that"
        " are explained by their answers alone get fewer, which the report says.",
    )
    min_effect: Share = Field(
        default=0.1,
        description="A difference smaller than this does not matter. In the unit of drift: the"
        " Kolmogorov distance.",
    )


CHECKS = (
    "drift",
    "performance",
    "calibration",
    "fairness",
    "residuals",
    "stability",
    "quality",
    "explanations",
)


class Check(ResourceModel):
    """One check. Exactly one field."""

    RULES: ClassVar = (
        Rule(
            f"[{', '.join(f'has(self.{name})' for name in CHECKS)}].filter(x, x).size() == 1",
            f"set exactly one of {', '.join(CHECKS)}",
        ),
    )

    drift: DriftCheck | None = Field(
        default=None, description="Distributions of the data's columns."
    )
    performance: PerformanceCheck | None = Field(
        default=None, description="A metric on the candidate data."
    )
    calibration: CalibrationCheck | None = Field(
        default=None, description="Probabilities held against frequencies."
    )
    fairness: FairnessCheck | None = Field(
        default=None, description="Groups of the sensitive columns."
    )
    residuals: ResidualsCheck | None = Field(default=None, description="A regressor's errors.")
    stability: StabilityCheck | None = Field(
        default=None, description="Answers under noise on the inputs."
    )
    quality: QualityCheck | None = Field(
        default=None, description="Schema, missing values, ranges, duplicates, leakage."
    )
    explanations: ExplanationsCheck | None = Field(
        default=None, description="SHAP attributions: that they add up, and whether they drift."
    )

    @property
    def names(self) -> tuple[str, ...]:
        """The checks that are set: one, where the spec is accepted."""
        return tuple(name for name in CHECKS if getattr(self, name) is not None)

    @property
    def name(self) -> str:
        """The check's name, as in YAML."""
        return next(iter(self.names), "")

    @property
    def compares(self) -> bool:
        """Whether it holds the version against the stable one."""
        performance = self.performance
        if performance is None:
            return False
        return performance.non_inferior_to is not None or performance.superior_to is not None
