"""Whatever is measured: a pass needs everything to pass, and stronger evidence never acquits."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from headgate.jobs.validation.finding import Measurement, Side, Verdict
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.verdict import judge

CONTROLS = st.sampled_from(["Holm", "BH", "BY", "None"])
NUMBERS = st.one_of(st.none(), st.floats(-1, 2), st.just(float("nan")), st.just(float("inf")))


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    low, high = sorted((draw(st.floats(-1, 2)), draw(st.floats(-1, 2))))
    return Measurement(
        check="drift",
        subject="age",
        test="ks",
        why="",
        pvalue=draw(st.one_of(st.none(), st.floats(0, 1))),
        effect=draw(NUMBERS),
        interval=draw(st.one_of(st.none(), st.just(Interval(low=low, high=high)))),
        bound=draw(st.one_of(st.none(), st.floats(0, 1))),
        side=draw(st.sampled_from(list(Side))),
        minimum_detectable_effect=draw(st.one_of(st.none(), st.floats(0, 1))),
        fact=draw(st.one_of(st.none(), st.sampled_from(list(Verdict)))),
    )


@given(st.lists(measurements(), max_size=12), CONTROLS)
def test_a_suite_passes_only_when_everything_passes(
    measured: list[Measurement], control: str
) -> None:
    outcome = judge(measured, alpha=0.05, error_control=control)
    all_pass = bool(measured) and all(f.verdict is Verdict.PASS for f in outcome.findings)
    assert (outcome.verdict is Verdict.PASS) == all_pass


@given(st.lists(measurements(), min_size=1, max_size=8), CONTROLS, st.floats(0, 1))
def test_a_smaller_p_never_takes_a_failure_back(
    measured: list[Measurement], control: str, factor: float
) -> None:
    before = judge(measured, alpha=0.05, error_control=control)
    first = measured[0]
    smaller = None if first.pvalue is None else first.pvalue * factor
    stronger = [replace(first, pvalue=smaller), *measured[1:]]
    after = judge(stronger, alpha=0.05, error_control=control)
    if before.findings[0].verdict is Verdict.FAIL:
        assert after.findings[0].verdict is Verdict.FAIL
