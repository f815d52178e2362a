"""The running tally between two passes, and how long endpoints have lasted."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from headgate.gauges.ledger import Ledger, Trial
from headgate.gauges.scrape import Source
from headgate.model.gates.evidence import Arms, Sample
from headgate.model.status_types import Evidence
from headgate.model.types import Analysis
from tests.builders.observed import MINUTE, NOW, errors_of

ARMS = Arms(canary="v2", stable="v1", since=1000.0)


@dataclass
class CountersInMemory:
    """A Scraper whose pods are a dictionary: (requests, errors) of processes begun at 1500."""

    pods: dict[str, tuple[int, int]] = field(default_factory=dict)
    rounds: int = 0

    async def scrape(self, sources: Iterable[Source]) -> tuple[Sample, ...]:
        self.rounds += 1
        return tuple(
            Sample(
                pod=source.pod,
                version=source.version,
                started=1500.0,
                requests=self.pods[source.pod][0],
                errors=self.pods[source.pod][1],
            )
            for source in sources
            if source.pod in self.pods
        )


@dataclass
class Seconds:
    """A clock that stands still until it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def a_trial(start_from: Evidence | None = None) -> Trial:
    sources = (Source(pod="v2-a", version="v2", ip="10.0.0.1", port=8080),)
    return Trial(
        arms=ARMS, sources=sources, start_from=start_from or Evidence(), analysis=Analysis()
    )


async def test_each_look_adds_what_is_new() -> None:
    # given
    clock, pods = Seconds(), CountersInMemory({"v2-a": (7, 2)})
    ledger = Ledger(pods, clock)
    await ledger.read("churn", a_trial())
    # when
    clock.now, pods.pods = 1.0, {"v2-a": (10, 3)}
    # then
    assert (await ledger.read("churn", a_trial())).canary == errors_of(10, 3)


async def test_looks_in_quick_succession_scrape_once() -> None:
    clock, pods = Seconds(), CountersInMemory({"v2-a": (7, 2)})
    ledger = Ledger(pods, clock)
    first = await ledger.read("churn", a_trial())
    clock.now = 0.5
    assert await ledger.read("churn", a_trial()) == first
    assert pods.rounds == 1


async def test_another_rollout_begins_with_an_empty_account() -> None:
    clock, pods = Seconds(), CountersInMemory({"v2-a": (7, 2)})
    ledger = Ledger(pods, clock)
    await ledger.read("churn", a_trial())
    later = replace(a_trial(), arms=replace(ARMS, since=1600.0))
    assert (await ledger.read("churn", later)).canary == errors_of(0)


async def test_a_restarted_operator_goes_on_from_what_was_written_down() -> None:
    # given
    pods = CountersInMemory({"v2-a": (7, 2)})
    written = await Ledger(pods, Seconds()).read("churn", a_trial())
    # when
    pods.pods = {"v2-a": (9, 2)}
    found = await Ledger(pods, Seconds()).read("churn", a_trial(start_from=written))
    # then
    assert found.canary == errors_of(9, 2)


async def test_models_do_not_mix() -> None:
    clock, pods = Seconds(), CountersInMemory({"v2-a": (7, 2)})
    ledger = Ledger(pods, clock)
    await ledger.read("churn", a_trial())
    assert (await ledger.read("fraud", a_trial())).canary == errors_of(7, 2)


async def test_a_replica_that_leads_again_starts_from_what_is_written_now() -> None:
    # given
    pods = CountersInMemory({"v2-a": (7, 2)})
    ledger = Ledger(pods, Seconds())
    written = await ledger.read("churn", a_trial())
    # when
    ledger.clear()
    pods.pods = {"v2-a": (9, 2)}
    # then
    assert (await ledger.read("churn", a_trial(start_from=written))).canary == errors_of(9, 2)


class TestEndpoints:
    """Since when the same versions have had endpoints behind the same selector."""

    ledger = Ledger(CountersInMemory(), Seconds())

    def since(self, pinned: str | None, endpoints: dict[str, int], minutes: int) -> float:
        moment = self.ledger.endpoints_since("churn", pinned, endpoints, NOW + minutes * MINUTE)
        return (moment - NOW) / MINUTE

    def test_they_last_while_nothing_changes_but_counts(self) -> None:
        self.ledger.forget_all("churn")
        assert self.since("v1", {"v1": 2}, 0) == 0
        assert self.since("v1", {"v1": 1}, 1) == 0
        assert self.since("v1", {"v1": 3, "v2": 0}, 2) == 0

    def test_another_version_among_them_begins_the_wait_anew(self) -> None:
        self.ledger.forget_all("churn")
        self.since(None, {"v1": 2}, 0)
        assert self.since(None, {"v1": 2, "v2": 1}, 1) == 1
        assert self.since(None, {"v1": 2}, 2) == 2

    def test_a_selector_that_turns_begins_the_wait_anew(self) -> None:
        """A version may have been reachable for a moment that no slice of ours showed."""
        self.ledger.forget_all("churn")
        self.since("v1", {"v1": 2}, 0)
        assert self.since(None, {"v1": 2}, 1) == 1
        assert self.since("v1", {"v1": 2}, 2) == 2

    def test_a_replica_that_leads_again_waits_anew(self) -> None:
        """Meanwhile another may have turned the selector there and back."""
        self.ledger.forget_all("churn")
        self.since("v1", {"v1": 2}, 0)
        self.ledger.clear()
        assert self.since("v1", {"v1": 2}, 5) == 5

    def test_a_restarted_operator_waits_anew(self) -> None:
        self.ledger.forget_all("churn")
        assert self.since("v1", {"v1": 2}, 5) == 5
