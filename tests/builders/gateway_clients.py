"""Clients of the simulated cluster: good ones connect elsewhere before they leave, when asked."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.builders.gateway_pods import SimulatedPod


@dataclass(eq=False)
class SimulatedClient:
    """One client; a plain one (`good` False) does not hear that it is asked."""

    good: bool = True
    asked_at: datetime | None = None
    moves_at: datetime | None = None
    connected: bool = False

    def ask(self, now: datetime, seconds: int) -> None:
        """Ask it to move; one that is about to is left alone."""
        self.asked_at = now
        if self.good and self.moves_at is None:
            self.moves_at = now + timedelta(seconds=seconds)


@dataclass
class Traffic:
    """All clients' moves."""

    random: random.Random
    homeless: list[SimulatedClient] = field(default_factory=list)
    broken_off: int = 0
    """Connections that ended without the client's will."""

    def second(self, pods: Sequence["SimulatedPod"], now: datetime) -> None:
        """Let those move whose time has come, and those connect that have no server."""
        for pod in pods:
            for client in [each for each in pod.clients if each.moves_at is not None]:
                if client.moves_at is not None and now >= client.moves_at:
                    self._move(client, pod, pods, now)
        waiting, self.homeless = self.homeless, []
        for client in waiting:
            if not self._connect(client, pods, now, but=None):
                self.homeless.append(client)

    def cut(self, pod: "SimulatedPod", now: datetime) -> None:
        """End all connections of a pod."""
        del now
        self.broken_off += len(pod.clients)
        for client in pod.clients:
            client.asked_at = client.moves_at = None
            client.connected = False
        self.homeless += pod.clients
        pod.clients = []

    def _move(
        self,
        client: SimulatedClient,
        pod: "SimulatedPod",
        pods: Sequence["SimulatedPod"],
        now: datetime,
    ) -> None:
        if self._connect(client, pods, now, but=pod):
            pod.clients.remove(client)
        else:
            client.moves_at = None  # it stays, until it is asked again

    def _connect(
        self,
        client: SimulatedClient,
        pods: Sequence["SimulatedPod"],
        now: datetime,
        *,
        but: "SimulatedPod | None",
    ) -> bool:
        reached = [pod for pod in pods if pod is not but and pod.is_reached(now)]
        if not reached:
            return False
        pod = self.random.choice(reached)
        pod.arrived += 1
        if pod.refuses:
            return False
        client.asked_at = client.moves_at = None
        client.connected = True
        pod.clients.append(client)
        return True
