"""What two samples can show, as registry entries: of means, and of shares."""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.power import detectable
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample


def two_sample_power(
    x: ArrayLike,
    y: ArrayLike,
    *,
    effect: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> TestResult:
    """Return what a t test of (n,) x and (m,) y can see; no null is tested.

    Statistic and effect: the difference of means seen with this power, in standard deviations.
    Only the numbers of rows enter: the power at the effect that was seen is p in other words.
    Details: for an `effect` in standard deviations the power at it, and the rows that it takes.
    Raises UntestableError below 2 rows in either. Source: see `reference`.
    """
    first, second = checked_sample(x, "x", least=2), checked_sample(y, "y", least=2)
    n, m = len(first), len(second)
    found = detectable.two_sample_mean_detectable(n, m, alpha, power)
    details: dict[str, float | int | str] = {"alpha": alpha, "power": power}
    if effect is not None:
        details["power at effect"] = detectable.two_sample_mean_power(effect, n, m, alpha)
        details["needed n"] = detectable.needed_n_two_sample_mean(effect, alpha, power, ratio=m / n)
    return TestResult(
        name="two-sample-power",
        statistic=found,
        pvalue=None,
        effect=Effect(name="detectable difference in standard deviations", value=found),
        n=(n, m),
        method="noncentral t, two-sided",
        reference=detectable.MEANS,
        minimum_detectable_effect=found,
        details=details,
    )


def proportion_power(
    x: ArrayLike,
    y: ArrayLike,
    *,
    effect: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> TestResult:
    """Return what a z test of shares in (n,) x and (m,) y, of 0 and 1, can see; no null is tested.

    Statistic and effect: the difference to x's share seen with this power; infinite where none is.
    Details: for a difference `effect` the rows that it takes.
    Raises UntestableError below 2 rows in either and for values but 0 and 1. Source: `reference`.
    """
    first, second = _binary(x, "x"), _binary(y, "y")
    n, m, share = len(first), len(second), float(first.mean())
    found = detectable.proportion_detectable(n, m, share, alpha, power)
    details: dict[str, float | int | str] = {"alpha": alpha, "power": power, "share": share}
    if effect is not None:
        details["needed n"] = detectable.needed_n_proportion(
            share, effect, alpha, power, ratio=m / n
        )
    return TestResult(
        name="proportion-power",
        statistic=found,
        pvalue=None,
        effect=Effect(name="detectable difference of shares", value=found),
        n=(n, m),
        method="normal, pooled error under the null, two-sided",
        reference=detectable.PROPORTIONS,
        minimum_detectable_effect=found if math.isfinite(found) else None,
        details=details,
    )


def _binary(values: ArrayLike, name: str) -> Floats:
    sample = checked_sample(values, name, least=2)
    wrong = np.flatnonzero((sample != 0) & (sample != 1))
    if len(wrong):
        raise UntestableError(
            f"{name}: value {wrong[0] + 1} of {len(sample)} is {sample[wrong[0]]:g}; "
            "expected 0 or 1"
        )
    return sample


TESTS = (
    StatTest(
        name="two-sample-power",
        purpose="which difference of means can samples of these sizes show?",
        assumptions="independent values; about normal means; one variance",
        source=detectable.MEANS,
        takes=Takes.TWO_SAMPLES,
        run=two_sample_power,
    ),
    StatTest(
        name="proportion-power",
        purpose="which difference of shares can samples of these sizes show?",
        assumptions="independent values of 0 and 1; enough of both",
        source=detectable.PROPORTIONS,
        takes=Takes.TWO_SAMPLES,
        run=proportion_power,
    ),
)
