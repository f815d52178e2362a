"""Differences of means without a distribution assumed: by relabelling, and by drawing again."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.resampling import (
    bca_bootstrap,
    paired_bootstrap,
    permutation_difference,
)

TESTS: tuple[StatTest, ...] = (
    *permutation_difference.TESTS,
    *bca_bootstrap.TESTS,
    *paired_bootstrap.TESTS,
)
