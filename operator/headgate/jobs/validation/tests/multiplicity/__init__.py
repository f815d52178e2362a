"""Many tests, one error rate."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.multiplicity import step_procedures

TESTS: tuple[StatTest, ...] = step_procedures.TESTS
