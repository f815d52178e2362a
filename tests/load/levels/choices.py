"""The right choice of a test beside the naive one, on the same data: levels and powers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.sample import Floats
from tests.load.levels.null import RESAMPLES, Null
from tests.load.levels.shapes import Pair

type Test = Callable[..., float | None]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Data, the test that is chosen for it, and others that people take."""

    name: str
    draw: Callable[[np.random.Generator], tuple[object, ...]]
    right: Test
    naive: dict[str, Test]
    least_power: float = 0.0
    """In percent; 0 where there is nothing to be found, and rates are false alarms."""

    @property
    def null(self) -> bool:
        return self.least_power == 0

    def nulls(self) -> list[Null]:
        """Return the right one's, then the others', on the same sets."""
        tests = {"right": self.right, **self.naive}
        return [
            Null(test=self.name, shape=f"{self.name}: {name}", draw=self._with(test))
            for name, test in tests.items()
        ]

    def _with(self, test: Test) -> Callable[[np.random.Generator], float | None]:
        return lambda random: test(*self.draw(random))


def named(name: str, **options: object) -> Test:
    """Return a registered test's p."""
    return lambda *arrays: find_test(name).run(*arrays, **options).pvalue


def student(x: Floats, y: Floats) -> float:
    return float(stats.ttest_ind(x, y).pvalue)


def levene_first(x: Floats, y: Floats) -> float:
    """Return Student's p where Levene's test sees no difference of spreads, else Welch's."""
    alike = stats.levene(x, y, center="mean").pvalue > 0.05
    return float(stats.ttest_ind(x, y, equal_var=bool(alike)).pvalue)


def unpaired_shares(first: Floats, second: Floats) -> float:
    """Return the chi2 of two shares of hits as if they were of other rows."""
    hits = [[one.sum(), len(one) - one.sum()] for one in (first, second)]
    return float(stats.chi2_contingency(hits, correction=False).pvalue)


def paired_shares(first: Floats, second: Floats) -> float | None:
    both = np.array(
        [
            [np.sum((first == 1) & (second == 1)), np.sum((first == 1) & (second == 0))],
            [np.sum((first == 0) & (second == 1)), np.sum((first == 0) & (second == 0))],
        ]
    )
    return find_test("mcnemar").run(both).pvalue


def paired_areas(labels: Floats, scores: Floats) -> float | None:
    return find_test("delong").run(labels, scores).pvalue


def unpaired_areas(labels: Floats, scores: Floats) -> float:
    """Return the p of two areas whose errors are added up as if they were of other rows."""
    found = [find_test("delong").run(labels, column) for column in scores.T]
    first, second = (float(each.details["error"]) for each in found)
    apart = abs(found[0].effect.value - found[1].effect.value)
    return float(2 * stats.norm.sf(apart / math.hypot(first, second)))


def in_clusters(x: Floats, y: Floats, clusters: Floats) -> float | None:
    run = find_test("ks-clustered").run
    found = run(x, y, x_clusters=clusters, y_clusters=clusters + 1000, resamples=RESAMPLES)
    pvalue: float | None = found.pvalue
    return pvalue


def as_rows(x: Floats, y: Floats, _clusters: Floats) -> float | None:
    return find_test("ks").run(x, y).pvalue


def two_means(n: int, m: int, shift: float, spread: float) -> Callable[..., Pair]:
    return lambda random: (random.normal(shift, 1, n), random.normal(0, spread, m))


def two_sets_of_hits(better: float) -> Callable[..., Pair]:
    """Draw the hits of two models on 300 rows, most of which are easy for both or hard for both."""

    def draw(random: np.random.Generator) -> Pair:
        ease = random.beta(0.6, 0.3, 300)
        own = random.random((2, 300)) < np.stack([np.minimum(1, ease + better), ease])
        return own[0].astype(np.float64), own[1].astype(np.float64)

    return draw


def two_sets_of_scores(better: float) -> Callable[..., Pair]:
    """Draw two models' scores of 120 rows, of errors that correlate by 0.8."""

    def draw(random: np.random.Generator) -> Pair:
        labels = np.repeat([1.0, 0.0], [50, 70])
        noise = 0.8**0.5 * random.standard_normal((120, 1))
        noise = noise + 0.2**0.5 * random.standard_normal((120, 2))
        return labels, noise + labels[:, None] * np.array([1 + better, 1.0])

    return draw


def rows_in_clusters(random: np.random.Generator) -> tuple[Floats, ...]:
    """Draw rows of 20 customers each, ten a customer, of which half of the spread is theirs."""
    customers = np.repeat(np.arange(20.0), 10)
    x, y = (np.repeat(random.standard_normal(20), 10) + random.standard_normal(200) for _ in "xy")
    return x, y, customers


CHOICES = (
    Choice(
        name="Welch for other spreads (60:15, sigma 1:2)",
        draw=two_means(60, 15, 0.0, 2.0),
        right=named("welch"),
        naive={"Student": student, "Levene, then t": levene_first},
    ),
    Choice(
        name="ks-clustered for rows of customers",
        draw=rows_in_clusters,
        right=in_clusters,
        naive={"ks": as_rows},
    ),
    Choice(
        name="Welch for other spreads, a shift of 1.2",
        draw=two_means(60, 15, 1.2, 2.0),
        right=named("welch"),
        naive={"Student": student, "Levene, then t": levene_first},
        least_power=50.0,
    ),
    Choice(
        name="KS for a shift of 0.5 (100:100)",
        draw=two_means(100, 100, 0.5, 1.0),
        right=named("ks"),
        naive={"Student": student},
        least_power=70.0,
    ),
    Choice(
        name="KS for another spread (200:200, 1:2)",
        draw=two_means(200, 200, 0.0, 2.0),
        right=named("ks"),
        naive={"Student": student},
        least_power=75.0,
    ),
    Choice(
        name="McNemar for two models on the same rows",
        draw=two_sets_of_hits(0.1),
        right=paired_shares,
        naive={"two samples' shares": unpaired_shares},
        least_power=60.0,
    ),
    Choice(
        name="DeLong for two models on the same rows",
        draw=two_sets_of_scores(0.4),
        right=paired_areas,
        naive={"two samples' areas": unpaired_areas},
        least_power=60.0,
    ),
)
