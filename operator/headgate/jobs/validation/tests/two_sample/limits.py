"""Tails of the limiting distributions of Cramer-von Mises' and Anderson-Darling's statistics.

Both are sums of squared normals Z_j^2 times weights: 1 / (pi j)^2, and 1 / (j (j + 1)). Smirnov's
formula has the tail itself, so that a p of 1e-30 is not lost in 1 - F:
P(Q > x) = 1/pi sum_k (-1)^(k+1) int exp(-u x / 2) / (u sqrt(-D(u))) du, between the (2k-1)th and
the 2kth zero of D(u) = prod_j (1 - u weight_j).

Sources: Smirnov 1936, Comptes Rendus Acad. Sci. Paris 202, 449; Anderson, Darling 1952, Annals of
Mathematical Statistics 23, 193 (both D).
"""

import math

import numpy as np

_NODES = 64
_TERMS = 12
_POINTS = np.cos((2 * np.arange(1, _NODES + 1) - 1) * (math.pi / (2 * _NODES)))
"""Gauss-Chebyshev's: the integrands go to infinity as 1 / sqrt at both ends of each interval."""
_ROOT = np.sqrt((1 - _POINTS**2) / np.cos(_POINTS * (math.pi / 2)))
_CERTAIN_CRAMER = 0.01
_CERTAIN_ANDERSON = 0.1
"""Below, the series needs more terms, and the tail is 1 to six digits."""
ANDERSON_DEVIATION = math.sqrt(2 * (math.pi**2 - 9) / 3)
"""Of the limit of Anderson-Darling's statistic for two samples; its mean is 1."""


def cramer_von_mises_tail(x: float) -> float:
    """Return P(sum_j Z_j^2 / (pi j)^2 > x)."""
    if x < _CERTAIN_CRAMER:
        return 1.0
    total = 0.0
    for k in range(1, _TERMS + 1):  # with u = t^2, D = sin(t) / t
        t = (4 * k - 1 + _POINTS) * (math.pi / 2)
        part = float((_ROOT * np.exp(-x / 2 * t**2) / np.sqrt(t)).sum())
        total += (-1) ** (k + 1) * part
    return min(1.0, max(0.0, total * math.pi / _NODES))


def anderson_darling_tail(x: float) -> float:
    """Return P(sum_j Z_j^2 / (j (j + 1)) > x)."""
    if x < _CERTAIN_ANDERSON:
        return 1.0
    total = 0.0
    for k in range(1, _TERMS + 1):  # with u = (t^2 - 1) / 4, D = -cos(pi t / 2) / (pi u)
        t = 4 * k + _POINTS
        u = (t**2 - 1) / 4
        part = float((_ROOT * np.exp(-x / 2 * u) * t / 2 / np.sqrt(u)).sum())
        total += (-1) ** (k + 1) * part
    return min(1.0, max(0.0, total * math.sqrt(math.pi) / _NODES))
