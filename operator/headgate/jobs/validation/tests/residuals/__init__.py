"""Whether a regressor's errors look like noise: shape, spread and order."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.residuals import (
    autocorrelation,
    heteroscedasticity,
    normality,
    spread,
)

TESTS: tuple[StatTest, ...] = (
    *normality.TESTS,
    *spread.TESTS,
    *heteroscedasticity.TESTS,
    *autocorrelation.TESTS,
)
