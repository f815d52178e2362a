"""What samples of a size can show: without it, 'nothing was found' says nothing."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.power import two_sample_power

TESTS: tuple[StatTest, ...] = two_sample_power.TESTS
