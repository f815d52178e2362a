"""Whether counts of categories are alike."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.counts import (
    chi2,
    exact,
    total_variation,
    total_variation_clustered,
)

TESTS: tuple[StatTest, ...] = (
    *chi2.TESTS,
    *exact.TESTS,
    *total_variation.TESTS,
    *total_variation_clustered.TESTS,
)
