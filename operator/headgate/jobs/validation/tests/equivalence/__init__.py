"""Whether a difference is too small to matter: what 'not significant' does not say."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.equivalence import non_inferiority, tost

TESTS: tuple[StatTest, ...] = (*tost.TESTS, *non_inferiority.TESTS)
