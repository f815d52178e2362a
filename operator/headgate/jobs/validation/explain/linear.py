"""Attributions of linear models, by shap's LinearExplainer: coefficient times distance from usual.

Strumbelj, Kononenko 2014, Knowledge and Information Systems 41, 647; features taken one by one.
"""

from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import Model
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.explain.again import by_output
from headgate.jobs.validation.explain.attributions import (
    FLOAT64_TOLERANCE,
    Attributions,
    Link,
    Scale,
)
from headgate.jobs.validation.explain.sklearn_steps import last_step

_NUMBERS: Final = frozenset(
    {"LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV",
     "Lars", "LassoLars", "BayesianRidge", "ARDRegression", "HuberRegressor", "SGDRegressor",
     "TheilSenRegressor", "QuantileRegressor", "LinearSVR"}
)  # fmt: skip
_EXPONENTIALS: Final = frozenset({"PoissonRegressor", "GammaRegressor"})
_CLASSIFIERS: Final = frozenset(
    {"LogisticRegression", "LogisticRegressionCV", "RidgeClassifier", "SGDClassifier", "LinearSVC",
     "Perceptron"}
)  # fmt: skip
_LOGISTIC: Final = frozenset({"LogisticRegression", "LogisticRegressionCV"})


def is_linear(estimator: Any) -> bool:
    """Return whether an estimator's margin is a sum over features."""
    return type(estimator).__name__ in _NUMBERS | _EXPONENTIALS | _CLASSIFIERS


def attributed(model: Model, rows: Dataset, background: Dataset) -> Attributions:
    """Return the attributions of n rows to the margin, held against the background's mean row.

    `again` is the definition itself: coefficient times distance from the mean.
    """
    from shap.explainers import LinearExplainer
    from shap.maskers import Independent

    estimator, matrix = last_step(model.native, model.matrix(rows))
    _, usual = last_step(model.native, model.matrix(background))
    assert matrix is not None  # noqa: S101 - asked when this way was chosen
    assert usual is not None  # noqa: S101
    name = type(estimator).__name__
    coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    intercepts = np.broadcast_to(np.ravel(estimator.intercept_), (len(coefficients),))
    one = len(coefficients) == 1
    weights = (coefficients[0], intercepts[0]) if one else (coefficients, intercepts)
    explainer = LinearExplainer(weights, Independent(usual, max_samples=len(usual)))
    values = by_output(explainer.shap_values(matrix), rows.rows)
    classifier = name in _CLASSIFIERS
    output = estimator.decision_function(matrix) if classifier else estimator.predict(matrix)
    link = Link.IDENTITY
    if name in _EXPONENTIALS:
        output, link = np.log(output), Link.EXPONENTIAL
    elif classifier:
        logistic = Link.LOGISTIC if one else Link.SOFTMAX
        link = logistic if name in _LOGISTIC else Link.UNKNOWN
    base = np.broadcast_to(np.ravel(explainer.expected_value), (rows.rows, values.shape[2]))
    return Attributions(
        features=model.inputs,
        values=values,
        base=np.asarray(base, dtype=np.float64),
        output=np.asarray(output, dtype=np.float64).reshape(rows.rows, -1),
        scale=Scale.NUMBER if link is Link.IDENTITY else Scale.MARGIN,
        link=link,
        tolerance=FLOAT64_TOLERANCE,
        method="shap.LinearExplainer: coefficient times the distance from the mean of"
        f" {background.rows} reference rows",
        again=(matrix - usual.mean(axis=0))[:, :, None] * coefficients.T[None, :, :],
    )
