"""All nulls, module by module."""

from collections.abc import Iterator

from tests.load.levels import (
    pairs,
    rows,
    scores,
    series,
    suite_answers,
    suite_checks,
    suite_drift,
    tables,
    two_samples,
)
from tests.load.levels.null import Null

MODULES = (
    suite_drift,
    suite_answers,
    suite_checks,
    two_samples,
    rows,
    tables,
    pairs,
    scores,
    series,
)


def every_null() -> Iterator[Null]:
    """Yield the nulls of the suite's checks, then of the tests by name."""
    for module in MODULES:
        yield from module.nulls()
