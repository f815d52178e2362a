"""How a test is entered in the registry: what it is for, what it takes, where it comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from headgate.jobs.validation.tests.result import TestResult


class Takes(StrEnum):
    """What a test's function is called with; files or a table give the same on the command line."""

    SAMPLE = "one sample"
    """x: (n,)"""
    TWO_SAMPLES = "two independent samples"
    """x: (n,), y: (m,)"""
    PAIRS = "pairs"
    """x: (n,), y: (n,)"""
    FOLDS = "five times two folds"
    """x: (5, 2) measures of one way to train, y: (5, 2) of the other"""
    GROUPS = "several samples"
    """x: values (n,), y: the group of each (n,)"""
    MATRICES = "two samples of rows"
    """x: (n, d), y: (m, d)"""
    LABELS_AND_SCORES = "labels and scores"
    """x: 0 or 1 (n,), y: score (n,) or two models' scores (n, 2)"""
    RESIDUALS_AND_REGRESSORS = "residuals and regressors"
    """x: residuals (n,), y: regressors (n, d), without the constant"""
    TABLE = "table of counts"
    """x: counts (rows, columns)"""
    PVALUES = "p-values"
    """x: p-values (n,)"""


@dataclass(frozen=True, kw_only=True)
class StatTest:
    """One entry of the registry."""

    name: str
    """Lower case words with hyphens, as `mann-whitney`."""
    purpose: str
    assumptions: str
    source: str
    takes: Takes
    run: Callable[..., TestResult]
    """Called with the arrays that `takes` says; options are keyword-only and have defaults."""
