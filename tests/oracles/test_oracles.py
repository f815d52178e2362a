"""Our tests against values that others made: R (values.json) and the printed ones (published.json).

README.md says how they were made.
"""

import pytest

from headgate.jobs.validation.tests import registry
from tests.oracles.oracle import Oracle, oracles_of

ORACLES = [*oracles_of("values.json"), *oracles_of("published.json")]


@pytest.mark.parametrize("oracle", ORACLES, ids=[oracle.name for oracle in ORACLES])
def test_value_is_the_reference_value(oracle: Oracle) -> None:
    # given
    stat_test = registry.find_test(oracle.test)
    arrays = oracle.arrays()
    # when
    result = stat_test.run(*arrays, **oracle.options)
    # then
    expected = pytest.approx(oracle.value, rel=oracle.relative, abs=oracle.absolute)
    assert oracle.found_in(result) == expected, oracle.source


def test_each_value_has_a_name_of_its_own() -> None:
    # given
    names = [oracle.name for oracle in ORACLES]
    # when
    repeated = {name for name in names if names.count(name) > 1}
    # then
    assert repeated == set()
