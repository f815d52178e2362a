"""Metrics held against bounds and against the stable version."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import DataError, Floats
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Measurement, Outcome, Verdict
from headgate.jobs.validation.suite import performance
from headgate.jobs.validation.suite.bounds.threshold import bound_pvalue
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.tests.scores.placements import auc_influence
from headgate.jobs.validation.verdict import judge
from tests.unit.jobs.validation.suite.cases import (
    a_classification,
    a_policy,
    a_regression,
    answers_by,
    numbers,
    words,
)


def truth(n: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).integers(0, 2, n).astype(np.float64)


def scores_for(target: Floats, *, skill: float, seed: int = 1) -> Floats:
    """Return scores whose area under the ROC curve is Phi(skill / sqrt 2)."""
    z = np.random.default_rng(seed).standard_normal(len(target)) + skill * target
    scores: Floats = 1 / (1 + np.exp(-(z - skill / 2)))
    return scores


def a_case_of(check: dict[str, Any], *, n: int = 1000, skill: float = 2.0, **changes: Any) -> Case:
    target = truth(n)
    policy = a_policy({"performance": check}, **changes)
    return a_classification(policy, target, scores_for(target, skill=skill))


def measured(case: Case, *, seed: int = 1) -> list[Measurement]:
    spec = case.policy.checks[0].performance
    assert spec is not None
    return list(performance.measure(case, spec, seed=seed))


def judged(case: Case) -> Outcome:
    return judge(measured(case), alpha=0.05, error_control="Holm")


def test_the_area_and_its_error_are_those_of_pairs_counted_one_by_one() -> None:
    # given
    target = truth(60)
    score = np.round(scores_for(target, skill=1), 1)
    hits, misses = score[target == 1], score[target == 0]
    wins = (hits[:, None] > misses) + 0.5 * (hits[:, None] == misses)
    area = wins.mean()
    variance = wins.mean(axis=1).var(ddof=1) / len(hits) + wins.mean(axis=0).var(ddof=1) / len(
        misses
    )
    # when
    found, influence = auc_influence(target == 1, score)
    # then
    assert found == pytest.approx(area)
    assert influence.sum() == pytest.approx(0, abs=1e-9)
    assert math.sqrt(influence @ influence) / 60 == pytest.approx(math.sqrt(variance), rel=0.02)


@pytest.mark.simulation
@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "neg_log_loss", "matthews_corrcoef"])
def test_any_metric_of_scikit_learn_is_what_scikit_learn_says(metric: str) -> None:
    from sklearn import metrics

    # given
    case = a_case_of({"metric": metric, "min": -9}, n=200)
    assert case.answers is not None
    assert case.answers.scores is not None
    target, answers, score = case.target, case.answers.values, case.answers.scores[:, 1]
    expected = {
        "roc_auc": lambda: metrics.roc_auc_score(target, score),
        "accuracy": lambda: metrics.accuracy_score(target, answers),
        "neg_log_loss": lambda: -metrics.log_loss(target, score),
        "matthews_corrcoef": lambda: metrics.matthews_corrcoef(target, answers),
    }[metric]()
    # when
    (found,) = measured(case)
    # then
    assert found.effect == pytest.approx(expected)


@pytest.mark.simulation
@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "f1"])
def test_a_good_version_passes_a_low_bound(metric: str) -> None:
    assert judged(a_case_of({"metric": metric, "min": 0.6})).verdict is Verdict.PASS


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy"])
def test_a_version_far_below_the_bound_fails(metric: str) -> None:
    assert judged(a_case_of({"metric": metric, "min": 0.99})).verdict is Verdict.FAIL


def test_forty_rows_near_the_bound_are_undecided_and_say_how_many_would_do() -> None:
    outcome = judged(a_case_of({"metric": "roc_auc", "min": 0.8}, n=40, skill=1.0))
    assert outcome.verdict is Verdict.INCONCLUSIVE
    needed = outcome.findings[0].measured.needed_n
    assert needed is not None
    assert needed > 40


def test_a_loss_by_its_plain_name_has_a_most() -> None:
    target = np.arange(200.0)
    noise = np.random.default_rng(0).standard_normal(200)
    policy = a_policy({"performance": {"metric": "mean_absolute_error", "max": 0.5}})
    outcome = judged(a_regression(policy, target, target + noise))
    assert outcome.verdict is Verdict.FAIL
    assert outcome.findings[0].measured.effect == pytest.approx(float(np.abs(noise).mean()))


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ({"metric": "roc_auc", "max": 0.8}, r"performance.max: more roc_auc is better.*use min$"),
        ({"metric": "neg_log_loss", "max": 0.5}, r"use min, or metric: log_loss with max"),
        ({"metric": "log_loss", "min": 0.5}, r"performance.min: less log_loss is better.*use max"),
        ({"metric": "accuracy", "min": 80}, r"performance.min: is 80, and 1 is the best accuracy"),
    ],
)
def test_a_bound_that_nothing_bad_would_cross_is_refused(check: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        measured(a_case_of(check))


def test_a_perfect_version_of_few_rows_is_not_taken_for_perfect() -> None:
    target = np.tile([0.0, 1.0], 10)
    policy = a_policy({"performance": {"metric": "roc_auc", "min": 0.8}})
    (found,) = measured(a_classification(policy, target, target))
    assert found.interval is not None
    assert found.interval.low == pytest.approx(0.025 ** (1 / 10))


def test_a_perfect_regression_meets_its_bound_as_a_fact() -> None:
    policy = a_policy({"performance": {"metric": "mean_absolute_error", "max": 0.5}})
    (found,) = measured(a_regression(policy, np.arange(50.0), np.arange(50.0)))
    assert found.fact is Verdict.PASS


@pytest.mark.simulation
@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "neg_log_loss"])
def test_a_version_that_is_worse_than_stable_fails(metric: str) -> None:
    case = a_case_of({"metric": metric, "nonInferiorTo": "stable", "margin": 0.02}, skill=0.5)
    assert case.target is not None
    better = answers_by(scores_for(case.target, skill=3, seed=2))
    assert judged(replace(case, stable_answers=better)).verdict is Verdict.FAIL


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy"])
def test_a_version_as_good_as_stable_is_not_inferior(metric: str) -> None:
    case = a_case_of({"metric": metric, "nonInferiorTo": "stable", "margin": 0.05}, n=3000)
    assert case.target is not None
    assert case.answers is not None
    assert case.answers.scores is not None
    shaken = case.answers.scores[:, 1] + 0.05 * np.random.default_rng(9).standard_normal(3000)
    stable = answers_by(np.clip(shaken, 0, 1))
    assert judged(replace(case, stable_answers=stable)).verdict is Verdict.PASS


def test_the_same_answers_are_not_inferior_but_not_superior_either() -> None:
    for field, expected in (("nonInferiorTo", Verdict.PASS), ("superiorTo", Verdict.FAIL)):
        case = a_case_of({"metric": "roc_auc", field: "stable"})
        (found,) = measured(replace(case, stable_answers=case.answers))
        assert found.fact is expected


def test_a_first_version_has_nothing_to_be_inferior_to() -> None:
    found = measured(a_case_of({"metric": "roc_auc", "min": 0.5, "nonInferiorTo": "stable"}))
    assert [each.fact for each in found] == [None, Verdict.PASS]
    assert found[1].message == performance.NO_STABLE


def test_less_of_a_loss_than_stable_is_better() -> None:
    target = np.arange(400.0)
    noise = np.random.default_rng(0).standard_normal(400)
    policy = a_policy(
        {"performance": {"metric": "mean_absolute_error", "superiorTo": "stable", "margin": 0.1}}
    )
    case = a_regression(policy, target, target + noise)
    worse = replace(case, stable_answers=Answers(values=target + 3 * noise[::-1]))
    assert judged(worse).verdict is Verdict.PASS


@pytest.mark.simulation
@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "f1"])
def test_copies_of_rows_within_clusters_make_no_interval_narrower(metric: str) -> None:
    # given
    single = a_case_of({"metric": metric, "min": 0.5}, n=100)
    assert single.target is not None
    assert single.answers is not None
    assert single.answers.scores is not None
    policy = a_policy({"performance": {"metric": metric, "min": 0.5}}, design={"clusters": "id"})
    copied = a_classification(
        policy,
        np.repeat(single.target, 9),
        np.repeat(single.answers.scores[:, 1], 9),
        words("id", [f"c{row // 9:03}" for row in range(900)]),
    )
    # when
    widths = [
        found.interval.high - found.interval.low
        for case in (single, copied)
        for found in measured(case)
        if found.interval is not None
    ]
    # then
    assert widths[1] == pytest.approx(widths[0], rel=0.12)


@pytest.mark.simulation
def test_rows_in_time_are_drawn_in_blocks() -> None:
    target = truth(300)
    policy = a_policy({"performance": {"metric": "f1", "min": 0.5}}, design={"time": "at"})
    case = a_classification(
        policy, target, scores_for(target, skill=2), numbers("at", np.arange(300.0))
    )
    assert "blocks of 7 rows in the order of 'at'" in measured(case)[0].why


@pytest.mark.simulation
def test_the_same_seed_draws_the_same_rows() -> None:
    case = a_case_of({"metric": "neg_log_loss", "min": -1}, n=50)
    first = measured(case)
    assert measured(case) == first
    assert measured(case, seed=2) != first


def test_rows_without_a_target_are_left_out_and_counted() -> None:
    case = a_case_of({"metric": "accuracy", "min": 0.5}, n=100)
    assert case.target is not None
    target = case.target.copy()
    target[:3] = np.nan
    (found,) = measured(replace(case, target=target))
    assert found.n == (97,)
    assert "3 of 100 rows of candidate.csv have no y and are left out" in found.message


def test_one_class_alone_leaves_the_area_undecided() -> None:
    case = a_case_of({"metric": "roc_auc", "min": 0.5}, n=50)
    (found,) = measured(replace(case, target=np.ones(50)))
    assert found.fact is Verdict.INCONCLUSIVE
    assert "one class" in found.message


@pytest.mark.simulation
def test_a_metric_that_most_draws_leave_without_a_value_is_undecided() -> None:
    case = a_case_of({"metric": "precision", "min": 0.5}, n=50)
    never = answers_by(np.where(np.arange(50) == 0, 0.9, 0.1))
    (found,) = measured(replace(case, answers=never))
    assert found.fact is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("roc_aux", "'roc_aux' is no metric of scikit-learn; did you mean roc_auc"),
        ("r2", "r2 is for regressions, and the target has 2 classes"),
        ("f1_samples", "f1_samples cannot be computed of this target"),
    ],
)
def test_a_metric_that_does_not_fit_is_named_with_its_path(metric: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        measured(a_case_of({"metric": metric, "min": 0.5}))
    assert str(caught.value).startswith("spec.checks[0].performance.metric: ")
    assert message in str(caught.value)


def test_two_class_metrics_name_the_one_for_more() -> None:
    case = replace(a_case_of({"metric": "roc_auc", "min": 0.5}), classes=("a", "b", "c"))
    with pytest.raises(DataError, match="the target has 3; roc_auc_ovr is for more"):
        measured(case)


def test_a_regression_has_no_accuracy() -> None:
    policy = a_policy({"performance": {"metric": "accuracy", "min": 0.5}})
    with pytest.raises(DataError, match="is for classifications"):
        measured(a_regression(policy, np.arange(50.0), np.arange(50.0)))


def test_a_metric_of_scores_needs_scores_and_says_where_they_go() -> None:
    case = a_case_of({"metric": "roc_auc", "min": 0.5})
    assert case.answers is not None
    with pytest.raises(DataError, match=r"roc_auc needs scores.*spec\.predictions\.scores"):
        measured(replace(case, answers=replace(case.answers, scores=None)))


@pytest.mark.simulation
def test_more_than_two_classes_have_metrics_too() -> None:
    # given
    generator = np.random.default_rng(0)
    target = generator.integers(0, 3, 600)
    raw = generator.random((600, 3)) + 1.5 * np.eye(3)[target]
    scores = raw / raw.sum(axis=1, keepdims=True)
    case = replace(
        a_case_of({"metric": "roc_auc_ovr", "min": 0.8}, n=600),
        classes=("a", "b", "c"),
        target=target.astype(np.float64),
        answers=Answers(values=scores.argmax(axis=1).astype(np.float64), scores=scores),
        task=Task.CLASSIFICATION,
    )
    # then
    assert judged(case).verdict is Verdict.PASS


@pytest.mark.simulation
@pytest.mark.parametrize("metric", ["roc_auc", "accuracy"])
def test_the_bound_is_rarely_crossed_by_chance_where_the_truth_lies_on_it(metric: str) -> None:
    skill = 1.5
    exact = {
        "roc_auc": 0.5 * (1 + math.erf(skill / 2)),
        "accuracy": 0.5 * (1 + math.erf(skill / 2 / math.sqrt(2))),
    }[metric]
    crossed = 0
    for seed in range(400):
        target = truth(150, seed=seed)
        policy = a_policy({"performance": {"metric": metric, "min": exact}})
        case = a_classification(policy, target, scores_for(target, skill=skill, seed=seed + 10_000))
        (found,) = measured(case)
        assert found.pvalue is not None
        crossed += found.pvalue <= 0.05
    assert crossed <= 36  # 5% of 400 are 20; more than 36 come about once in 2,000 times


def test_a_difference_on_few_rows_has_a_p_by_as_many_degrees_of_freedom() -> None:
    # given
    case = a_case_of({"metric": "neg_log_loss", "nonInferiorTo": "stable", "margin": 0.1}, n=15)
    assert case.target is not None
    other = answers_by(scores_for(case.target, skill=2, seed=2))
    # when
    (found,) = measured(replace(case, stable_answers=other))
    # then
    assert found.effect is not None
    assert found.interval is not None
    assert found.bound is not None
    by_t = bound_pvalue(found.effect, found.interval, found.bound, found.side, degrees=14)
    assert found.pvalue == by_t
