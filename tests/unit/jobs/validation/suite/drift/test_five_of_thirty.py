"""100,000 rows of 30 columns, five of them shifted by 0.05 deviations: what the suite says.

In 100 seeds: `python tests/load/validation_drift.py`.
"""

from dataclasses import replace

import pytest

from headgate.jobs.validation.finding import Verdict
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.runner import run
from tests.load.validation_drift import SHIFTED, columns, found_columns
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers


def a_case_of(seed: int) -> Case:
    policy = a_policy({"drift": {"minEffect": 0.001}}, target=None, predictions=None)
    pairs = [
        (numbers(f"c{place}", x), numbers(f"c{place}", y))
        for place, (x, y) in enumerate(columns(seed))
    ]
    case = a_case(policy, *(after for _, after in pairs))
    return replace(
        case, reference=a_dataset(*(before for before, _ in pairs), name="reference.csv")
    )


@pytest.mark.simulation
def test_exactly_the_shifted_columns_fail_and_the_benchmark_finds_the_same() -> None:
    # given
    case = a_case_of(seed=0)
    # when
    outcome = run(case, progress=lambda _done, _total, _what: None)
    # then
    failed = {f.measured.subject for f in outcome.findings if f.verdict is Verdict.FAIL}
    assert failed == {f"c{place}" for place in range(SHIFTED)}
    assert failed == {f"c{place}" for place in found_columns(0)}
