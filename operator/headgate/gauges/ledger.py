"""Keeps the running tally of each Model between two passes, and how long endpoints have lasted.

Memory of this process only: what must survive it is written into status at each step, and the
tally goes on from there. The pods' own counters lose nothing meanwhile.
"""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from headgate.gauges.scrape import Scraper, Source
from headgate.model.gates.evidence import Arms, Tally, add_samples
from headgate.model.status_types import Evidence
from headgate.model.types import Analysis

LEAST_INTERVAL_SECONDS = 0.9

type _Reached = tuple[str | None, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is compared, where to read it, and the evidence to start from."""

    arms: Arms
    sources: tuple[Source, ...]
    start_from: Evidence
    analysis: Analysis


@dataclass(kw_only=True)
class _Account:
    arms: Arms
    tally: Tally
    read_at: float


class Ledger:
    """The tallies of all Models, by key."""

    def __init__(self, scraper: Scraper, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives monotonic seconds: it only spaces the scrapes."""
        self._scraper = scraper
        self._clock = clock
        self._accounts: dict[Hashable, _Account] = {}
        self._endpoints: dict[Hashable, tuple[_Reached, datetime]] = {}

    async def read(self, key: Hashable, trial: Trial) -> Evidence:
        """Return the evidence after another scrape, or as it was if the last was just now."""
        account = self._accounts.get(key)
        if account is None or account.arms != trial.arms:
            account = _Account(
                arms=trial.arms, tally=Tally(evidence=trial.start_from), read_at=float("-inf")
            )
            self._accounts[key] = account
        if self._clock() - account.read_at < LEAST_INTERVAL_SECONDS:
            return account.tally.evidence
        account.read_at = self._clock()
        samples = await self._scraper.scrape(trial.sources)
        alive = frozenset(source.pod for source in trial.sources)
        account.tally = add_samples(account.tally, samples, trial.arms, trial.analysis, alive)
        return account.tally.evidence

    def endpoints_since(
        self, key: Hashable, pinned: str | None, endpoints: Mapping[str, int], now: datetime
    ) -> datetime:
        """Return since when the same selector has reached the same versions, as far as we saw.

        The selector counts too: what it reached for a moment, no slice of ours may ever show.
        """
        reached = (pinned, frozenset(version for version, count in endpoints.items() if count))
        seen = self._endpoints.get(key)
        if seen is None or seen[0] != reached:
            self._endpoints[key] = (reached, now)
            return now
        return seen[1]

    def forget(self, key: Hashable) -> None:
        """Drop what is kept of a Model: it is gone, or at rest."""
        self._accounts.pop(key, None)

    def forget_all(self, key: Hashable) -> None:
        """Drop everything of a Model that is gone."""
        self.forget(key)
        self._endpoints.pop(key, None)

    def clear(self) -> None:
        """Forget every Model: nobody looks any more, and what lasts unwatched may not have."""
        self._accounts.clear()
        self._endpoints.clear()
