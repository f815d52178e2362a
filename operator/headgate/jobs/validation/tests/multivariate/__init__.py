"""Whether samples of rows have one joint distribution."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.multivariate import (
    classifier_two_sample,
    energy_multivariate,
    mmd,
)

TESTS: tuple[StatTest, ...] = (
    *mmd.TESTS,
    *energy_multivariate.TESTS,
    *classifier_two_sample.TESTS,
)
