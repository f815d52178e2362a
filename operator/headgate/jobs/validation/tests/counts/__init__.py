"""Whether counts of categories are alike."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.counts import chi2, exact, total_variation

TESTS: tuple[StatTest, ...] = (*chi2.TESTS, *exact.TESTS, *total_variation.TESTS)
