"""What clients in pods were handed, added up from the lines that they print. Pure."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

GROWTH = 1.1
"""Of a bucket of delays to the next, as tests/load/stream/in_pod.py has them."""


@dataclass
class CrowdLedger:
    """The last line of each pod, and all delays with the time at which they were told."""

    latest: dict[str, dict[str, Any]] = field(default_factory=dict)
    delays: list[tuple[float, Counter[int]]] = field(default_factory=list)

    def take(self, pod: str, line: str) -> bool:
        """Take a line of a pod; False for anything else that it may print."""
        try:
            told = json.loads(line)
            delays = Counter({int(bucket): n for bucket, n in told.pop("delays").items()})
            at = float(told["at"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        self.latest[pod] = told
        if delays:
            self.delays.append((at, delays))
        return True

    def total(self, figure: str) -> int:
        """Return a figure over all pods."""
        return sum(int(told[figure]) for told in list(self.latest.values()))

    @property
    def last_sequence(self) -> int:
        """The highest sequence that was published, as its publisher or any client knows."""
        known = [(told["last_sequence"], told["most_last"]) for told in list(self.latest.values())]
        return max((int(last) for pair in known for last in pair), default=0)

    @property
    def least_last(self) -> int:
        """The last sequence of the client that is furthest behind."""
        lasts = [told["least_last"] for told in list(self.latest.values()) if told["clients"]]
        return min((int(last) for last in lasts), default=0)

    @property
    def errors(self) -> list[str]:
        """What ended clients, of each pod the first ones."""
        return [error for told in list(self.latest.values()) for error in told["errors"]]

    def missing(self, upto: int) -> int:
        """Return the messages up to `upto` that clients were not handed, from each one's first on.

        Exact when no client has had later ones. Clients that heard nothing at all are not in it.
        """
        expected = self.total("hearing") * (upto + 1) - self.total("first_sum")
        return expected - self.total("received")

    def delay(self, quantile: float, since: float, until: float) -> float | None:
        """Return a quantile of the seconds from publishing to delivery in a stretch of time."""
        counts = sum((each for at, each in self.delays if since <= at <= until), Counter[int]())
        wanted = quantile * counts.total()
        seen = 0
        for bucket in sorted(counts):
            seen += counts[bucket]
            if seen >= wanted:
                return float(GROWTH**bucket)
        return None
