"""Probabilities held against frequencies."""

from dataclasses import replace

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import DataError, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite import calibration
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.verdict import judge
from tests.unit.jobs.validation.suite.cases import a_classification, a_policy, a_regression, words


def a_case_of(n: int, *, off: float = 0.0, seed: int = 0, most: float = 0.05) -> Case:
    """Return n rows whose frequency is `off` above their score, wherever that is."""
    generator = np.random.default_rng(seed)
    score: Floats = generator.uniform(0.2, 0.8, n)
    target = generator.random(n) < score + off
    return a_classification(a_policy({"calibration": {"maxError": most}}), target, score)


def measured(case: Case) -> Measurement:
    spec = case.policy.checks[0].calibration
    assert spec is not None
    (found,) = calibration.measure(case, spec, seed=1)
    return found


def verdict_of(case: Case) -> Verdict:
    return judge([measured(case)], alpha=0.05, error_control="Holm").verdict


def test_scores_that_are_frequencies_pass() -> None:
    assert verdict_of(a_case_of(6000)) is Verdict.PASS


def test_scores_that_are_off_by_more_than_the_bound_fail() -> None:
    assert verdict_of(a_case_of(6000, off=0.15)) is Verdict.FAIL


def test_a_hundred_rows_are_too_few_to_tell() -> None:
    assert verdict_of(a_case_of(100)) is Verdict.INCONCLUSIVE


def test_the_noise_is_taken_out_of_the_error() -> None:
    found = [measured(a_case_of(500, seed=seed)) for seed in range(40)]
    plain = np.mean([each.statistic for each in found if each.statistic is not None])
    freed = np.mean([each.effect for each in found if each.effect is not None])
    assert freed < 0.65 * plain


def test_the_error_itself_stays() -> None:
    assert measured(a_case_of(20_000, off=0.1)).effect == pytest.approx(0.1, abs=0.01)


@pytest.mark.simulation
def test_the_bound_is_rarely_crossed_by_chance_where_the_truth_lies_on_it() -> None:
    crossed = 0
    for seed in range(300):
        pvalue = measured(a_case_of(300, off=0.05, seed=seed)).pvalue
        assert pvalue is not None
        crossed += pvalue <= 0.05
    assert crossed <= 28  # 5% of 300 are 15; more than 28 come about once in 1,000 times


@pytest.mark.simulation
def test_an_error_on_the_bound_rarely_passes() -> None:
    passed = 0
    for seed in range(300):
        interval = measured(a_case_of(1000, off=0.05, seed=seed)).interval
        assert interval is not None
        passed += interval.high <= 0.05
    assert passed <= 28


def test_of_more_than_two_classes_the_likeliest_is_judged() -> None:
    # given: always 0.9 sure, and right in half of the rows
    n = 2000
    target = np.random.default_rng(0).integers(0, 2, n).astype(np.float64)
    scores = np.tile([0.9, 0.05, 0.05], (n, 1))
    case = replace(
        a_case_of(n),
        classes=("a", "b", "c"),
        target=target,
        answers=Answers(values=np.zeros(n), scores=scores),
    )
    # when
    found = measured(case)
    # then
    assert found.subject == "the likeliest class"
    assert found.effect == pytest.approx(0.4, abs=0.05)


def test_one_score_for_all_rows_is_one_bin() -> None:
    case = a_case_of(400)
    found = measured(
        replace(case, answers=Answers(values=np.ones(400), scores=np.full((400, 2), 0.5)))
    )
    assert found.why.startswith("1 bins of equal counts")


def test_copies_of_rows_within_clusters_add_nothing() -> None:
    # given
    single = a_case_of(200)
    assert single.answers is not None
    assert single.answers.scores is not None
    assert single.target is not None
    policy = a_policy({"calibration": {}}, design={"clusters": "id"})
    copied = a_classification(
        policy,
        np.repeat(single.target, 5),
        np.repeat(single.answers.scores[:, 1], 5),
        words("id", [f"c{row // 5:03}" for row in range(1000)]),
    )
    # when
    one, five = measured(single).interval, measured(copied).interval
    # then
    assert one is not None
    assert five is not None
    assert five.high == pytest.approx(one.high, rel=0.15)


def test_answers_without_scores_are_undecided_and_say_which_field_to_set() -> None:
    case = a_case_of(400)
    assert case.answers is not None
    found = measured(replace(case, answers=replace(case.answers, scores=None)))
    assert found.fact is Verdict.INCONCLUSIVE
    assert "spec.predictions.scores" in found.message


def test_a_regression_has_no_probabilities() -> None:
    policy = a_policy({"calibration": {}})
    with pytest.raises(DataError, match=r"^spec\.checks\[0\]\.calibration: is for classifications"):
        measured(a_regression(policy, np.arange(50.0), np.arange(50.0)))
