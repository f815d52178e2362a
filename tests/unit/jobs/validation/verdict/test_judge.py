"""One verdict under one error rate: significance and effect for a failure, certainty for a pass."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.jobs.validation.finding import Measurement, Outcome, Side, Verdict
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.verdict import counts_of, judge, worst_first


def a_measurement(**changes: Any) -> Measurement:
    """Return a drift of 0.05 that the policy allows, certainly."""
    measured = Measurement(
        check="drift",
        subject="age",
        test="ks",
        why="numbers",
        n=(1000, 1000),
        statistic=0.05,
        pvalue=0.3,
        effect_name="Kolmogorov distance",
        effect=0.05,
        interval=Interval(low=0.0, high=0.09),
        bound=0.1,
    )
    return replace(measured, **changes)


DRIFT = a_measurement(pvalue=1e-9, effect=0.3, interval=Interval(low=0.25, high=0.35))


def judged(*measurements: Measurement, control: str = "Holm") -> Outcome:
    return judge(measurements, alpha=0.05, error_control=control)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (a_measurement(), Verdict.PASS),
        (DRIFT, Verdict.FAIL),
        (replace(DRIFT, pvalue=0.2), Verdict.INCONCLUSIVE),
        (a_measurement(pvalue=1e-9), Verdict.PASS),
        (a_measurement(interval=Interval(low=0.0, high=0.2)), Verdict.INCONCLUSIVE),
        (
            a_measurement(interval=Interval(low=0.0, high=0.2), minimum_detectable_effect=0.08),
            Verdict.PASS,
        ),
        (
            a_measurement(interval=Interval(low=0.0, high=0.2), minimum_detectable_effect=0.12),
            Verdict.INCONCLUSIVE,
        ),
        (a_measurement(effect=None), Verdict.INCONCLUSIVE),
        (a_measurement(effect=float("nan")), Verdict.INCONCLUSIVE),
        (a_measurement(bound=None), Verdict.INCONCLUSIVE),
        (
            a_measurement(interval=Interval(low=float("nan"), high=float("nan"))),
            Verdict.INCONCLUSIVE,
        ),
        (a_measurement(fact=Verdict.FAIL), Verdict.FAIL),
    ],
)
def test_one_finding(measured: Measurement, verdict: Verdict) -> None:
    assert judged(measured).verdict is verdict


def test_an_accuracy_has_its_bound_below() -> None:
    accuracy = a_measurement(
        side=Side.AT_LEAST, effect=0.9, bound=0.8, interval=Interval(low=0.85, high=0.94)
    )
    assert judged(accuracy).verdict is Verdict.PASS
    worse = replace(accuracy, effect=0.7, pvalue=1e-4, interval=Interval(low=0.65, high=0.75))
    assert judged(worse).verdict is Verdict.FAIL


def test_one_failure_among_many_passes_fails_the_suite() -> None:
    assert judged(*[a_measurement()] * 20, DRIFT).verdict is Verdict.FAIL


def test_an_empty_suite_is_no_pass() -> None:
    assert judged().verdict is Verdict.INCONCLUSIVE


def test_the_more_is_tested_the_more_a_failure_has_to_show() -> None:
    # given: significant by itself, not among a hundred
    weak = replace(DRIFT, pvalue=0.01)
    # then
    assert judged(weak).verdict is Verdict.FAIL
    assert judged(weak, *[a_measurement()] * 99).verdict is not Verdict.FAIL


def test_without_a_correction_each_test_stands_for_itself() -> None:
    weak = replace(DRIFT, pvalue=0.04)
    assert judged(weak, *[a_measurement()] * 99, control="None").verdict is Verdict.FAIL


def test_facts_take_no_part_in_the_correction() -> None:
    weak = replace(DRIFT, pvalue=0.04)
    facts = [a_measurement(fact=Verdict.PASS, pvalue=0.5)] * 99
    assert judged(weak, *facts).verdict is Verdict.FAIL


def test_findings_are_counted_by_verdict() -> None:
    outcome = judged(a_measurement(), DRIFT, a_measurement(effect=None))
    assert counts_of(outcome) == {"total": 3, "passed": 1, "failed": 1, "inconclusive": 1}


def test_the_farthest_beyond_its_bound_comes_first() -> None:
    farther = replace(DRIFT, subject="income", effect=0.9)
    outcome = judged(a_measurement(), DRIFT, a_measurement(subject="zip", effect=None), farther)
    assert [finding.measured.subject for finding in worst_first(outcome)] == [
        "income",
        "age",
        "zip",
    ]
