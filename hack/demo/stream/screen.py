"""What one sees while a gateway changes under its clients: the pool, and the ledger."""

import time
from dataclasses import dataclass, field

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hack.demo.playbill import Playbill
from hack.demo.stream.ledger import CrowdLedger
from headgate.streamgateway.status_types import GatewayPhase, StreamGatewayStatus

RECENT_SECONDS = 5.0
COLOURS = {
    GatewayPhase.HEALTHY: "green",
    GatewayPhase.DEGRADED: "red",
}
"""All else is under way."""


@dataclass
class StreamScreen(Playbill):
    """The scenes so far, the gateway, and what the clients were handed."""

    ledger: CrowdLedger = field(default_factory=CrowdLedger)
    status: StreamGatewayStatus = field(default_factory=StreamGatewayStatus)

    def show(self, status: StreamGatewayStatus) -> None:
        """Show the gateway as it is now; what is new in words is kept."""
        if _words(status) != _words(self.status):
            self.tell(_words(status))
        self.status = status

    def between(self) -> list[RenderableType]:
        """Return the pool and the ledger."""
        parts: list[RenderableType] = []
        if self.status.phase is not None:
            parts += [self._pool(), Text("")]
        if self.ledger.latest:
            parts += [self._ledger(), Text("")]
        return parts

    def _pool(self) -> RenderableType:
        status, found = self.status, self.status.connections
        phase = status.phase or GatewayPhase.HEALTHY
        table = Table(
            title=Text(phase.value, f"bold {COLOURS.get(phase, 'cyan')}"),
            title_justify="left",
            box=None,
            header_style="dim",
        )
        for heading in ("ready", "connections", "most on a pod", "skew", "moved", "cut off"):
            table.add_column(heading, justify="right")
        cut = status.continuity.forced_closes
        table.add_row(
            f"{status.ready_replicas}/{status.replicas}",
            f"{found.total:,}" if found else "",
            f"{found.per_pod_max:,}" if found else "",
            f"{found.skew:.2f}" if found else "",
            f"{status.continuity.moved:,}",
            Text(str(cut), style="bold red" if cut else ""),
        )
        return table

    def _ledger(self) -> RenderableType:
        ledger, now = self.ledger, time.time()
        slowest = ledger.delay(0.99, now - RECENT_SECONDS, now)
        table = Table(title="Ledger of the clients", title_justify="left", box=None,
                      header_style="dim")  # fmt: skip
        headings = ("clients", "connected", "published", "handed on", "twice", "moves",
                    "reconnects", "p99")  # fmt: skip
        for heading in headings:
            table.add_column(heading, justify="right")
        figures = ("clients", "connected", "published", "received", "twice", "moves", "reconnects")
        row = [f"{ledger.total(figure):,}" for figure in figures]
        table.add_row(*row, f"{slowest * 1000:,.0f} ms" if slowest is not None else "")
        return table


def _words(status: StreamGatewayStatus) -> str:
    phase = status.phase.value if status.phase else ""
    return f"{phase}: {status.message}" if status.message else phase
