"""What the load saw, added up from the generator's lines. Pure."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

OK = "ok"
NOBODY = "no version"


@dataclass
class Answers:
    """What one version answered, and when (seconds since 1970)."""

    outcomes: Counter[str] = field(default_factory=Counter)
    first: float = float("inf")
    last: float = 0.0
    first_bad: float = float("inf")
    last_bad: float = 0.0

    @property
    def requests(self) -> int:
        """Return how many requests it answered, well or not."""
        return self.outcomes.total()

    @property
    def failures(self) -> int:
        """Return how many of them went wrong."""
        return self.requests - self.outcomes[OK]

    @property
    def seconds_to_return(self) -> float | None:
        """Return the time from the first bad answer to the very last one; None without any."""
        return self.last - self.first_bad if self.failures else None

    def add(self, count: dict[str, Any]) -> None:
        """Add one entry of a line."""
        self.outcomes[count["outcome"]] += count["requests"]
        self.first, self.last = min(self.first, count["first"]), max(self.last, count["last"])
        if count["outcome"] != OK:
            self.first_bad = min(self.first_bad, count["first"])
            self.last_bad = max(self.last_bad, count["last"])


@dataclass
class Record:
    """Everything since the load began."""

    versions: dict[str, Answers] = field(default_factory=dict)
    unsent: int = 0
    at: float = 0.0
    last_second: Counter[str] = field(default_factory=Counter)

    def take(self, line: str) -> bool:
        """Add a line of the generator; False for anything else that a pod may print."""
        try:
            told = json.loads(line)
            counts = told["counts"]
        except (ValueError, KeyError, TypeError):
            return False
        self.at = told["at"]
        self.unsent += told["unsent"]
        self.last_second = Counter()
        for count in counts:
            version = count["version"] or NOBODY
            self.last_second[version] += count["requests"]
            self.versions.setdefault(version, Answers()).add(count)
        return True

    def of(self, version: str) -> Answers:
        """Return what one version answered."""
        return self.versions.get(version, Answers())

    @property
    def requests(self) -> int:
        """Return all requests."""
        return sum(answers.requests for answers in self.versions.values())

    def failures_outside(self, versions: Iterable[str]) -> Counter[str]:
        """Return the failures that none of these versions answered, by who did and how."""
        excused = set(versions)
        return Counter(
            {
                f"{version}: {outcome}": number
                for version, answers in self.versions.items()
                if version not in excused
                for outcome, number in answers.outcomes.items()
                if outcome != OK
            }
        )
