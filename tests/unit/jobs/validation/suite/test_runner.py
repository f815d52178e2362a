"""All checks of a policy, for all rows and per segment, under one error rate."""

from dataclasses import replace

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.finding import Verdict
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.runner import run
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words


def silent(_done: int, _total: int, _what: str) -> None:
    """Show nothing."""


def a_segmented_case(shift_in_south: float = 0.0, south: int = 300) -> Case:
    random = np.random.default_rng(5)
    regions = ["north"] * 300 + ["south"] * south
    policy = a_policy(
        {"drift": {"columns": ["age"], "minEffect": 0.3}},
        target=None,
        predictions=None,
        segments=["region"],
    )
    after = random.normal(size=300 + south)
    after[300:] += shift_in_south
    case = a_case(policy, numbers("age", after), words("region", regions))
    before = a_dataset(
        numbers("age", random.normal(size=300 + south)),
        words("region", regions),
        name="reference.csv",
    )
    return replace(case, reference=before)


def test_a_drift_of_one_segment_is_found_there() -> None:
    outcome = run(a_segmented_case(shift_in_south=2.0), progress=silent)
    failed = {f.measured.segment for f in outcome.findings if f.verdict is Verdict.FAIL}
    assert "region=south" in failed
    assert "region=north" not in failed


def test_segments_that_are_alike_pass() -> None:
    assert run(a_segmented_case(), progress=silent).verdict is Verdict.PASS


def test_a_segment_of_two_rows_is_undecided() -> None:
    outcome = run(a_segmented_case(south=2), progress=silent)
    south = [f for f in outcome.findings if f.measured.segment == "region=south"]
    assert [f.verdict for f in south] == [Verdict.INCONCLUSIVE]
    assert outcome.verdict is Verdict.INCONCLUSIVE


def test_a_segment_for_each_of_a_thousand_values_is_refused() -> None:
    policy = a_policy({"drift": {}}, target=None, predictions=None, segments=["age"])
    case = a_case(policy, numbers("age", np.arange(1000.0)))
    with pytest.raises(DataError, match="1000 values"):
        run(case, progress=silent)


def test_the_same_case_gives_the_same_outcome() -> None:
    first, second = (run(a_segmented_case(), progress=silent) for _ in range(2))
    assert first == second


def test_progress_is_told_to_its_end() -> None:
    told: list[tuple[int, int]] = []
    run(a_segmented_case(), progress=lambda done, total, _what: told.append((done, total)))
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
