"""All statistical tests by name: what selection, command line and documents look them up in."""

import difflib
import importlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from headgate.jobs.validation.tests.catalogue import StatTest

PACKAGE = "headgate.jobs.validation.tests"
GROUPS = (
    "two_sample",
    "counts",
    "multivariate",
    "paired",
    "scores",
    "calibration",
    "shares",
    "resampling",
    "residuals",
    "equivalence",
    "multiplicity",
    "power",
    "sequential",
)
"""Each has a tuple TESTS."""


class UnknownTestError(LookupError):
    """No test has this name; the message says which ones come near."""


@cache
def all_tests() -> Mapping[str, StatTest]:
    """Return every test by its name, group by group.

    The groups are imported here, at the first call: a command that needs none does without numpy.
    """
    groups = [importlib.import_module(f"{PACKAGE}.{name}") for name in GROUPS]
    return MappingProxyType({test.name: test for group in groups for test in group.TESTS})


def find_test(name: str) -> StatTest:
    """Return the test of this name; raises UnknownTestError where there is none."""
    tests = all_tests()
    if name in tests:
        return tests[name]
    near = difflib.get_close_matches(name.lower().replace("_", "-"), tests, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`headgate stat --list` names all"
    raise UnknownTestError(f"no test is called {name!r}; {hint}")
