"""Six courses of a day in the life of a pool: how many clients want to be connected, and when
pods die or cannot be scraped.

Sizes are those of the example gateway: a pod should carry 2,800 clients and refuses beyond 4,000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINUTE = 60
Clients = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Outage:
    """From begin to end, in seconds, a share of the pods cannot be scraped."""

    begin: int
    end: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Trace:
    """How many clients want to be connected in each second."""

    name: str
    clients: Clients
    deaths: tuple[int, ...] = ()
    """Seconds at which a third of the ready pods die at once."""
    outages: tuple[Outage, ...] = ()


def through(*points: tuple[float, float]) -> Clients:
    """Return straight lines through points of (minute, clients), second by second."""
    minutes, clients = zip(*points, strict=True)
    seconds = np.arange(int(minutes[-1] * MINUTE))
    line: NDArray[np.float64] = np.interp(seconds, np.array(minutes) * MINUTE, clients)
    return np.rint(line).astype(np.int64)


def ramp(_: np.random.Generator) -> Trace:
    """Sevenfold within eight minutes, and back within fifteen."""
    line = through((0, 5_000), (5, 5_000), (13, 35_000), (30, 35_000), (45, 5_000), (60, 5_000))
    return Trace(name="ramp", clients=line)


def spike(_: np.random.Generator) -> Trace:
    """Fourfold within half a minute, for five minutes."""
    line = through(
        (0, 6_000), (10, 6_000), (10.5, 24_000), (15.5, 24_000), (16.5, 6_000), (60, 6_000)
    )
    return Trace(name="spike", clients=line)


def diurnal(random: np.random.Generator) -> Trace:
    """A day within four hours: from 4,000 to 36,000 and back, with noise that lasts a minute."""
    seconds = np.arange(240 * MINUTE)
    day = 20_000 - 16_000 * np.cos(2 * np.pi * seconds / seconds.size)
    shocks = random.normal(0, 0.02 * np.sqrt(1 - 0.98**2), seconds.size)
    noise = np.zeros(seconds.size)
    for second in range(1, seconds.size):
        noise[second] = 0.98 * noise[second - 1] + shocks[second]
    return Trace(name="diurnal", clients=np.rint(day * (1 + noise)).astype(np.int64))


def reconnect_storm(_: np.random.Generator) -> Trace:
    """Twice a third of the pods dies, and all of their clients come back within seconds."""
    line = through((0, 20_000), (45, 20_000))
    return Trace(name="reconnect storm", clients=line, deaths=(10 * MINUTE, 28 * MINUTE))


def metrics_outage(_: np.random.Generator) -> Trace:
    """No figures of any pod for ten minutes; later none of half of them, while clients go."""
    line = through(
        (0, 14_000), (14, 14_000), (20, 20_000), (40, 20_000), (46, 12_000), (60, 12_000)
    )
    outages = (
        Outage(begin=10 * MINUTE, end=20 * MINUTE, share=1.0),
        Outage(begin=38 * MINUTE, end=48 * MINUTE, share=0.5),
    )
    return Trace(name="metrics outage", clients=line, outages=outages)


def flapping(_: np.random.Generator) -> Trace:
    """A third more and a third less in turn, 90 s each."""
    points: list[tuple[float, float]] = [(0, 12_000), (5, 12_000)]
    for turn in range(30):
        begin = 5 + 1.5 * turn
        level = 16_000 if turn % 2 == 0 else 8_000
        points += [(begin + 1 / 6, level), (begin + 1.5, level)]
    points += [(50 + 1 / 6, 12_000), (60, 12_000)]
    return Trace(name="flapping", clients=through(*points))


TRACES: tuple[Callable[[np.random.Generator], Trace], ...] = (
    ramp,
    spike,
    diurnal,
    reconnect_storm,
    metrics_outage,
    flapping,
)
