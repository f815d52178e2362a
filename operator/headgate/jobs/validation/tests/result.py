"""What every test answers with, whatever it tests."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class UntestableError(ValueError):
    """The data cannot be put to this test; the message says what is wrong and what would do."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval; a bound may be infinite."""

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How large a difference is, in a unit that does not grow with n."""

    name: str
    """What is measured, as `Kolmogorov distance`."""
    value: float
    interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """One test on one set of data."""

    __test__ = False  # pytest takes any class of this name for tests of its own

    name: str
    """As in the registry."""
    statistic: float
    pvalue: float | None
    """None for a measure that has no null hypothesis, as an ECE without an interval."""
    effect: Effect
    n: tuple[int, ...]
    """Observations per sample; pairs count once."""
    method: str
    """How p was found: `asymptotic`, `exact`, `permutation (999, seed 0)`."""
    reference: str
    """The source of the method: authors, year, where."""
    minimum_detectable_effect: float | None = None
    """The effect, in `effect`'s unit, seen with 80% power at 5% by this n; None where unknown."""
    details: Mapping[str, float | int | str] = field(default_factory=dict)
    """Whatever else belongs to it, as degrees of freedom."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's plain types: a number that JSON has no word for becomes null."""
        interval = self.effect.interval
        return {
            "name": self.name,
            "statistic": _number(self.statistic),
            "pvalue": _number(self.pvalue),
            "effect": {"name": self.effect.name, "value": _number(self.effect.value)},
            "interval": None
            if interval is None
            else {
                "low": _number(interval.low),
                "high": _number(interval.high),
                "level": interval.level,
            },
            "n": list(self.n),
            "method": self.method,
            "reference": self.reference,
            "minimumDetectableEffect": _number(self.minimum_detectable_effect),
            "details": {
                key: _number(value) if isinstance(value, float) else value
                for key, value in self.details.items()
            },
        }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
