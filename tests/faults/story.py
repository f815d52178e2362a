"""One whole story: v1 comes up, v2 is promoted by steps, v3 fails and goes back.

Whatever befalls the operator on the way, it must end the same.
"""

from dataclasses import dataclass
from typing import Any

from headgate.core import labels
from headgate.kube.client import KubeClient
from headgate.kube.resources import (
    DEPLOYMENTS,
    MODEL_VERSIONS,
    MODELS,
    PODS,
    SERVICES,
    Key,
)
from tests.builders.faults import FaultyKube
from tests.builders.resources import a_canary_of, a_model, a_model_version
from tests.faults.operator_under_test import Lag, OperatorUnderTest
from tests.faults.stand_in import Clock, Counters, Look, StandIn, look, routed

MOST_ROUNDS = 200
LATE_ROUNDS = 6
WATCHING_SECONDS = 4.0  # a look later than that is only the watch after promotion
STEPS = a_canary_of({"setWeight": 50}, {"pause": {"duration": "3s"}})


@dataclass(frozen=True, kw_only=True)
class End:
    """How a story ended, without names and times that differ each time."""

    phase: str
    stable: str
    rejected: tuple[tuple[str, str], ...]
    history: tuple[tuple[str, str], ...]
    selector: str
    replicas: tuple[tuple[str, int], ...]
    pods: tuple[tuple[str, int], ...]
    services: int
    routed: tuple[str, ...]


EXPECTED = End(
    phase="Degraded",
    stable="v2",
    rejected=(("v3", "ErrorRatioExceeded"),),
    history=(("v3", "Rejected"), ("v2", "Promoted"), ("v1", "Promoted")),
    selector="v2",
    replicas=(("v1", 1), ("v2", 2), ("v3", 0)),
    pods=(("v1", 1), ("v2", 2)),
    services=1,
    routed=("v2", "v2"),
)


@dataclass
class Story:
    """The cast: a user, the operator, the stand-in for everybody else."""

    kube: KubeClient
    namespace: str
    faulty: FaultyKube
    operator: OperatorUnderTest
    stand_in: StandIn
    clock: Clock
    goes_back_to: str = "v2"
    rounds: int = 0
    _sound_passes_since_rejection: int = 0
    _misfortunes: int = 0

    async def tell(self) -> End:
        """Tell it from the beginning to the end."""
        for number in (1, 2, 3):
            manifest = a_model_version(f"v{number}", self.namespace, version=f"{number}.0.0")
            await self.kube.create(MODEL_VERSIONS, self.namespace, manifest)
        model = a_model(namespace=self.namespace, version="v1", replicas=2, strategy=STEPS)
        await self.kube.create(MODELS, self.namespace, model)
        for version in ("v1", "v2", "v3"):
            await self.kube.patch(MODELS, self.namespace, "churn", {"spec": {"version": version}})
            await self.until_nothing_happens()
        return await self.end()

    async def until_nothing_happens(self) -> None:
        """Go round until nobody has anything to do."""
        for _ in range(MOST_ROUNDS):
            self.rounds += 1
            if not await self._one_round():
                return
        failures = self.operator.failures[-3:]
        raise AssertionError(f"busy after {MOST_ROUNDS} rounds: {await self.end()}, {failures}")

    async def end(self) -> End:
        """Return how things are now."""
        seen = await look(self.kube, self.namespace)
        (model,) = seen[MODELS]
        status: dict[str, Any] = model.get("status") or {}
        return End(
            phase=status.get("phase", ""),
            stable=status.get("stableVersion", ""),
            rejected=tuple((r["name"], r["reason"]) for r in status.get("rejected", [])),
            history=tuple((h["version"], h["outcome"]) for h in status.get("history", [])),
            selector=_selectors(seen),
            replicas=tuple(sorted((_version(d), d["spec"]["replicas"]) for d in seen[DEPLOYMENTS])),
            pods=_counted(seen),
            services=len(seen[SERVICES]),
            routed=tuple(version for _, version in routed(seen)),
        )

    async def _one_round(self) -> bool:
        """Let everybody act once; return whether anything happened or is about to."""
        seen = await look(self.kube, self.namespace)
        self.operator.sees(seen)
        self._check_that_what_was_rejected_is_not_selected(seen)
        before = self._done_so_far()
        wake = await self.operator.one_pass()
        wrote = before != self._done_so_far()
        moved = await self.stand_in.step(seen)
        quiet = not (wrote or moved)
        # Events are late, but they come, whatever goes on meanwhile.
        due = quiet or len(self.operator.failures) > before[2] or self.rounds % LATE_ROUNDS == 0
        if (due and self.operator.catch_up()) or not quiet:
            self._pass_time(seen, 0.2)
            return True
        if wake is None:
            return False
        wait = (wake - self.clock()).total_seconds()
        if wait > WATCHING_SECONDS:
            return False
        self._pass_time(seen, max(wait, 0.01))
        return True

    def _done_so_far(self) -> tuple[int, int, int]:
        return (len(self.faulty.writes), self.operator.lives, len(self.operator.failures))

    def _pass_time(self, seen: Look, seconds: float) -> None:
        self.clock.advance(seconds)
        self.operator.counters.answer(routed(seen), seconds)

    def _check_that_what_was_rejected_is_not_selected(self, seen: Look) -> None:
        """Assert that one whole pass after a rejection was written the Service has turned."""
        (model,) = seen[MODELS]
        rejected = {entry["name"] for entry in (model.get("status") or {}).get("rejected", [])}
        if self.operator.lag.changes or "v3" not in rejected:
            return
        if self._sound_passes_since_rejection:
            assert _selectors(seen) == self.goes_back_to
        misfortunes = self.operator.lives + len(self.operator.failures)
        self._sound_passes_since_rejection += misfortunes == self._misfortunes
        self._misfortunes = misfortunes


def a_story(kube: KubeClient, namespace: str, lag: Lag | None = None) -> Story:
    """Return the story in a namespace of its own; misfortunes are to be added to `faulty`."""
    clock = Clock()
    counters = Counters(clock, failing=frozenset({"v3"}))
    faulty = FaultyKube(kube)
    operator = OperatorUnderTest(
        faulty, Key(MODELS.kind, namespace, "churn"), clock, counters, lag or Lag()
    )
    return Story(kube, namespace, faulty, operator, StandIn(kube, namespace, counters), clock)


def _selectors(seen: Look) -> str:
    found = [service["spec"]["selector"].get(labels.VERSION, "*") for service in seen[SERVICES]]
    return ",".join(found)


def _version(obj: dict[str, Any]) -> str:
    return str(obj["metadata"]["labels"][labels.VERSION])


def _counted(seen: Look) -> tuple[tuple[str, int], ...]:
    versions = [_version(pod) for pod in seen[PODS]]
    return tuple(sorted((version, versions.count(version)) for version in set(versions)))
