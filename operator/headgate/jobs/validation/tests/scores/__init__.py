"""Labels and the scores that models gave them."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.scores import delong

TESTS: tuple[StatTest, ...] = (*delong.TESTS,)
