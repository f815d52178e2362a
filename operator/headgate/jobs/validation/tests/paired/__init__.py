"""Being filled."""

from headgate.jobs.validation.tests.catalogue import StatTest

TESTS: tuple[StatTest, ...] = ()
