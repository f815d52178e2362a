"""Policies that name what is not there: exit 3, and the field's path with what may be meant."""

from typing import Any

import pytest

from tests.unit.cli.bad_input.rows import CHECKS, CLASSES, NUMBERS, Validate

pytestmark = pytest.mark.sweep

UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "target": (
        {**CLASSES, "target": "yy", "checks": [{"quality": {}}]},
        "spec.target: candidate.parquet has no column 'yy'; did you mean 'y'",
    ),
    "column of drift": (
        {"checks": [{"quality": {}}, {"drift": {"columns": ["x", "kk"]}}]},
        "spec.checks[1].drift.columns[1]: reference.parquet has no column 'kk'; did you mean 'k'",
    ),
    "segment": (
        {"segments": ["gg"], "checks": [{"quality": {}}]},
        "spec.segments[0]: reference.parquet has no column 'gg'; did you mean 'g'",
    ),
    "sensitive column": (
        {**CLASSES, "sensitive": ["g", "sex"], "checks": [{"fairness": {}}]},
        "spec.sensitive[1]: candidate.parquet has no column 'sex'; it has 'x', 'k', 'g'",
    ),
    "clusters": (
        {"design": {"clusters": "customer"}, "checks": [{"quality": {}}]},
        "spec.design.clusters: reference.parquet has no column 'customer'",
    ),
    "time": (
        {"design": {"time": "when"}, "checks": [{"quality": {}}]},
        "spec.design.time: reference.parquet has no column 'when'",
    ),
    "metric": (
        {**CLASSES, "checks": [{"performance": {"metric": "roc_aux", "min": 0.5}}]},
        "spec.checks[0].performance.metric: 'roc_aux' is no metric of scikit-learn",
    ),
    "metric of another task": (
        {**CLASSES, "checks": [{"performance": {"metric": "r2", "min": 0.5}}]},
        "spec.checks[0].performance.metric: r2 is for regressions, and the target has 2 classes",
    ),
    "metric of classes for numbers": (
        {**NUMBERS, "checks": [{"performance": {"metric": "roc_auc", "min": 0.5}}]},
        "spec.checks[0].performance.metric: roc_auc is for classifications",
    ),
    "metric of fairness": (
        {**CLASSES, "checks": [{"fairness": {"metric": "equality"}}]},
        "spec.checks[0].fairness.metric: ",
    ),
    "favourable answer": (
        {**CLASSES, "checks": [{"fairness": {"positive": "yes"}}]},
        "spec.checks[0].fairness.positive: 'yes' is no class",
    ),
    "test of drift": (
        {"checks": [{"drift": {"test": "kolmogorov"}}]},
        "spec.checks[0].drift.test: no test of drift is called 'kolmogorov'; there are Auto, ks,",
    ),
    "test of drift that is nearly one": (
        {"checks": [{"drift": {"test": "Mann_Whitny"}}]},
        "no test of drift is called 'Mann_Whitny'; did you mean mann-whitney",
    ),
    "test of drift for other columns": (
        {"checks": [{"drift": {"columns": ["x", "g"], "test": "welch"}}]},
        "spec.checks[0].drift.test: welch compares numbers, which this column is not: 'g'",
    ),
    "test of drift for other rows": (
        {"design": {"pairs": "k"}, "checks": [{"drift": {"test": "welch"}}]},
        "spec.checks[0].drift.test: welch takes rows for unpaired, and spec.design.pairs is set",
    ),
    "pairs": (
        {"design": {"pairs": "id"}, "checks": [{"drift": {}}]},
        "spec.design.pairs: reference.parquet has no column 'id'",
    ),
    "pairs that stand twice": (
        {"design": {"pairs": "k"}, "checks": [{"drift": {"columns": ["x"]}}]},
        "reference.parquet: column 'k': row ",
    ),
    "test of columns together": (
        {"checks": [{"drift": {"multivariate": ["mmdd"]}}]},
        "spec.checks[0].drift.multivariate[0]: ",
    ),
    "check": ({"checks": [{"drifft": {}}]}, "spec.checks[0].drifft: is not a known field"),
    "error control": (
        {"errorControl": "Bonferroni", "checks": [{"drift": {}}]},
        "spec.errorControl: ",
    ),
    "bound that is no number": (
        {"checks": [{"drift": {"minEffect": "small"}}]},
        "spec.checks[0].drift.minEffect: ",
    ),
    "bound that is NaN": (
        {"checks": [{"drift": {"minEffect": float("nan")}}]},
        "spec.checks[0].drift.minEffect: ",
    ),
    "no check at all": ({"checks": []}, "spec.checks: "),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_a_policy_names_and_nothing_has_is_told_by_its_field(
    validate: Validate, name: str
) -> None:
    spec, message = UNKNOWN[name]
    assert message in validate(spec).refusal()


def test_a_model_that_is_wanted_and_not_given_is_told(validate: Validate) -> None:
    spec = {**CHECKS["roc_auc"], "predictions": {"from": "Model"}}
    assert "spec.predictions: from: Model runs the model, and none was given" in (
        validate(spec).refusal()
    )
