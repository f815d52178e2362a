"""Looking at growing data more than once without raising the rate of false alarms."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.sequential import always_valid, lan_demets

TESTS: tuple[StatTest, ...] = (*lan_demets.TESTS, *always_valid.TESTS)
