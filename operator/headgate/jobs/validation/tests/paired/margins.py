"""How far apart the two margins of pairs are: intervals that respect pairing, and what n shows.

A share of the first members less that of the second is a mean over pairs of 1, 0 and -1: it errs by
the pairs that are in one of the two only, which may be few however many pairs there are.
"""

import math

import numpy as np

from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.tests.two_sample.noncentral import noncentrality_shown

MARGINS_SOURCE = (
    "interval: Agresti, Min 2005, Statistics in Medicine 24, 729, at the worst place; lower bound:"
    " Anderson 1955, Proc. AMS 6, 170"
)
_ADDED = 2.0
"""Pairs that disagree, added so that few or none of them do not look like certainty."""


def error_of_pairs(disagreeing: int, n: int, miss: float) -> float:
    """Return what a difference of two shares of n pairs errs by with chance `miss`, one-sided.

    `disagreeing` pairs are in one of the two only, where most are: the worst place for an error.
    """
    from scipy.special import ndtri

    share = (disagreeing + _ADDED) / (n + 2 * _ADDED)
    return -float(ndtri(miss)) * math.sqrt(share / n) + 1 / n


def margins_detectable(
    disagreeing: int, n: int, degrees: int, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the distance of the margins that chi2 on n pairs sees with this power at least.

    In the set of categories in which margins are `distance` apart, that is a mean over pairs whose
    variance is the share that disagrees at most: the noncentrality is n distance^2 / share or more.
    Source: Cohen 1988, Statistical Power Analysis, 2nd ed., ch. 7.
    """
    share = (disagreeing + _ADDED) / (n + 2 * _ADDED)
    return math.sqrt(noncentrality_shown(degrees, alpha, power) * share / n)


def variation_of_margins(table: Counts, level: float = 0.95) -> tuple[float, Interval]:
    """Return the total variation distance of a square table's margins with its interval.

    The upper bound: in the set of categories in which the truth is farthest apart, pairs show the
    distance seen at most. The lower bound: what is seen is the truth and the largest error of any
    set at most, its mean and a bound on its excess (Borell's inequality). Source: `MARGINS_SOURCE`.
    """
    n = int(table.sum())
    apart = (table.sum(axis=1) - table.sum(axis=0)) / n
    value, miss = float(np.abs(apart).sum() / 2), (1 - level) / 2
    leaving = (table.sum(axis=1) + table.sum(axis=0) - 2 * np.diag(table)) / n
    disagreeing = n - int(np.trace(table))
    mean = math.sqrt(2 / math.pi) * float(np.sqrt(leaving / n).sum()) / 2
    share = (disagreeing + _ADDED) / (n + 2 * _ADDED)
    largest = mean + math.sqrt(-2 * math.log(miss) * share / n)
    high = min(1.0, value + error_of_pairs(disagreeing, n, miss))
    return value, Interval(low=max(0.0, value - largest), high=high, level=level)


def alike_interval(n: int, level: float = 0.95) -> Interval:
    """Return the interval of the distance where the members of all n pairs are equal.

    So many pairs of which none disagrees bound the share that does (Clopper, Pearson 1934,
    Biometrika 26, 404), and the margins are no farther apart than that.
    """
    return Interval(low=0.0, high=1 - ((1 - level) / 2) ** (1 / n), level=level)
