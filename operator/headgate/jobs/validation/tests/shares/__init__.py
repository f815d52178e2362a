"""Shares of rows, and whether groups get alike ones."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.shares import four_fifths, parity, wilson

TESTS: tuple[StatTest, ...] = (*wilson.TESTS, *parity.TESTS, *four_fifths.TESTS)
