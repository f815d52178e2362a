"""What the demo of streams promises, and whether it held. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hack.demo.promises import Promise
from hack.demo.stream.ledger import CrowdLedger
from headgate.streamgateway.status_types import StreamGatewayStatus


@dataclass(frozen=True)
class StreamStory:
    """What happened to a gateway and its clients."""

    clients: int
    last: int
    """The sequence of the last message."""
    ledger: CrowdLedger
    status: StreamGatewayStatus
    rejected: str
    """Why the bad configuration was rejected; empty: it was not."""
    stable_kept: bool
    """Whether the bad configuration left the stable one in its place."""


def promises(story: StreamStory) -> Sequence[Promise]:
    """Return every promise with its verdict."""
    ledger, cost = story.ledger, story.status.continuity
    handed, missing = ledger.total("received"), ledger.missing(story.last)
    hearing, twice = ledger.total("hearing"), ledger.total("twice")
    reconnects, moves = ledger.total("reconnects"), ledger.total("moves")
    return (
        Promise(
            "every client hears the stream",
            f"{hearing:,} of {story.clients:,}, {len(ledger.errors)} ended by an error",
            hearing == story.clients and not ledger.errors,
        ),
        Promise("no message is lost", f"{missing} of {handed + missing:,}", missing == 0 < handed),
        Promise("no message is handed on twice", f"{twice}", twice == 0),
        Promise("no connection is cut off", f"{cost.forced_closes}", cost.forced_closes == 0),
        Promise(
            "clients move without a moment unconnected",
            f"{moves:,} moves, {reconnects} reconnects",
            moves > 0 == reconnects,
        ),
        Promise(
            "a bad configuration goes back by itself",
            story.rejected or "it was not rejected",
            bool(story.rejected) and story.stable_kept,
        ),
    )
