"""The simulated cluster, with everything that must hold asserted as it happens."""

from dataclasses import dataclass, field
from datetime import datetime

from headgate.streamgateway.decide import memory_of
from headgate.streamgateway.decide.standing import revision_to_make, standing
from headgate.streamgateway.status_types import StreamGatewayStatus, WhyDrained
from tests.builders.gateway_pods import BEHAVIOURS, SimulatedPod
from tests.builders.gateway_world import GatewayWorld
from tests.builders.gateways import SECOND


@dataclass
class CheckedWorld(GatewayWorld):
    """What the operator does is held against the rules, effect by effect."""

    cut: int = 0
    died: bool = False
    broken_by_hand: set[str] = field(default_factory=set)
    asks: list[tuple[datetime, int]] = field(default_factory=list)

    def create(self, name: str, revision: str) -> None:
        assert all(pod.name != name for pod in self.pods)
        assert name.startswith("feed-edge-")
        memory = memory_of(self.status)
        parts = standing(self.observe(), memory)
        if revision == revision_to_make(memory):
            assert len(parts.kept) <= self.replicas, "one more than are wanted, at most"
        else:
            assert not parts.on_trial, "a trial has one pod"
        rejected = self.status.rejected
        assert rejected is None or rejected.revision != revision
        super().create(name, revision)

    def cordon(self, pod: SimulatedPod) -> None:
        assert self.status.drain is not None
        assert self.status.drain.pod == pod.name
        assert pod.serves
        kept = self._ready_that_count()
        after = len([each for each in kept if each is not pod])
        if pod.is_ready(self.now):
            assert after >= min(self.replicas, len(kept)), "surge first"
            seen = pod.seen(self.now)
            assert seen.connections is not None, "it does not say how many it has"
        super().cordon(pod)

    def open(self, pod: SimulatedPod) -> None:
        assert pod.full_since is not None
        super().open(pod)

    def close(self, pod: SimulatedPod) -> None:
        assert self.status.rebalance is not None
        assert self.status.drain is None
        assert pod.serves
        assert pod.full_since is None
        super().close(pod)
        assert self._open, "others take clients"

    def delete(self, pod: SimulatedPod) -> None:
        assert pod.gone_at is None
        assert not pod.serves, "a pod that serves is never deleted"
        if not pod.over:
            self._check_end_of_drain(pod)
        super().delete(pod)

    def _check_end_of_drain(self, pod: SimulatedPod) -> None:
        drain = self.status.drain
        assert drain is not None
        assert drain.pod == pod.name
        assert drain.done_at is not None
        if not pod.clients:
            return
        since = drain.asking_since
        dead = not pod.is_ready(self.now)
        assert since is not None or dead, "nobody was asked"
        asked = since if since is not None else drain.cordoned_at
        assert drain.done_at - asked >= self.spec().drain.deadline
        forced = self.status.continuity.forced_closes
        if dead and pod.seen(self.now).connections is None:
            self.cut = forced  # nobody knows how many it had
            return
        self.cut += len(pod.clients)
        assert forced >= self.cut
        if (
            drain.done_at == self.now
            and not self.died
            and pod.seen(self.now).connections is not None
        ):
            assert forced == self.cut, "exactly those are counted"
        self.cut = forced

    def ask(self, pod: SimulatedPod, count: int) -> None:
        assert count > 0
        drain, candidate = self.status.drain, self.status.candidate
        if drain is not None:
            assert pod.name == drain.pod, "no rebalance during a drain"
            assert not pod.serves
        elif candidate is not None:
            assert not candidate.proven
            assert pod.revision != candidate.revision
            assert count <= 20
        else:
            assert self.status.rebalance is not None
            self.asks.append((self.now, count))
            recent = [n for at, n in self.asks if self.now - at < SECOND]
            assert sum(recent) <= self.moves_per_second * (1 + self.died)
        super().ask(pod, count)

    def write(self, status: StreamGatewayStatus) -> None:
        before = self.status
        assert status != before
        if status.drain is not None:
            assert status.rebalance is None
            if before.drain is not None:
                assert status.drain.pod == before.drain.pod, "one drain at a time"
            else:
                out = [p for p in self.pods if p.cordoned_at and not p.gone_at and not p.over]
                taken_out = status.drain.why is WhyDrained.TAKEN_OUT
                assert taken_out or not out, "one drain at a time"
        if status.stable_revision != before.stable_revision:
            self._check_promotion(status)
        if status.candidate is not None and before.candidate != status.candidate:
            rejected = before.rejected
            assert rejected is None or rejected.revision != status.candidate.revision
        super().write(status)

    def _check_promotion(self, status: StreamGatewayStatus) -> None:
        there = [pod for pod in self.pods if pod.gone_at is None]
        assert status.stable_revision == self.wanted == self.core
        assert {pod.revision for pod in there} == {status.stable_revision}
        assert all(pod.is_ready(self.now) for pod in there)
        assert len(there) >= self.replicas

    @property
    def _open(self) -> list[SimulatedPod]:
        """Pods that take clients now."""
        return [pod for pod in self.serving if pod.full_since is None]

    def _ready_that_count(self) -> list[SimulatedPod]:
        """Pods that take clients, and are of a configuration that nothing is said against."""
        parts = standing(self.observe(), memory_of(self.status))
        kept = {pod.name for pod in parts.kept}
        drain = self.status.drain
        if drain is not None and drain.why is not WhyDrained.REVISION_REJECTED:
            kept.add(drain.pod)
        return [pod for pod in self.serving if pod.name in kept]

    def is_at_rest(self) -> bool:
        """Whether the operator writes nothing and does nothing for a while."""
        before = (self.writes, self.effects)
        self.run(30)
        return (self.writes, self.effects) == before

    def settle(self) -> None:
        """Let all end well: the operator lives, pods say what they have, nobody interferes."""
        self.dies_after = None
        self.dead_until = self.now
        self.short_visits = 0
        for pod in self.pods:
            pod.silent_until = None
            if BEHAVIOURS[pod.revision].is_good:
                pod.crashes_at = None  # a kubelet starts containers again and again
        self.run(120)
        for _ in range(30):
            under_way = (
                self.status.candidate is not None and self.status.stable_revision is not None
            )
            if self.is_at_rest() and not under_way:
                return
            if self.status.stable_revision == "crashes-late":
                return  # it worked long enough to be promoted: its pods are replaced for ever
        message = f"never at rest: {self.status.model_dump(exclude_defaults=True)}"
        raise AssertionError(message)

    def check_outcome(self) -> None:
        """Assert that the pool is what the spec asks for, or what it was before."""
        status = self.status
        if self.wanted is None or status.stable_revision == "crashes-late":
            return
        assert status.drain is None
        assert not any(pod.full_since for pod in self.pods), "nobody stays out of the Service"
        pods = [pod for pod in self.pods if pod.gone_at is None]
        if BEHAVIOURS[self.wanted].is_good and self.wanted not in self.broken_by_hand:
            assert status.stable_revision == self.wanted
            assert status.rejected is None
        elif status.stable_revision is None:
            return  # nothing to go back to: it is tried on and on
        elif status.stable_revision != self.wanted:
            assert status.rejected is not None
            assert status.rejected.revision == self.wanted
        assert status.candidate is None
        assert {pod.revision for pod in pods} == {status.stable_revision}
        assert self.core == status.stable_revision
        if BEHAVIOURS[status.stable_revision or ""].is_good:
            assert len(pods) == self.replicas
            assert all(pod.is_ready(self.now) for pod in pods)
