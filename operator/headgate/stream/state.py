"""What a client tells of itself."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a client's connection is."""

    CONNECTING = "Connecting"
    CONNECTED = "Connected"
    MOVING = "Moving"
    """Its server asked it to leave; it is still connected there until it is elsewhere."""
    RECONNECTING = "Reconnecting"
    CLOSED = "Closed"


@dataclass(slots=True)
class Counters:
    """What happened so far; they only rise."""

    delivered: int = 0
    moves: int = 0
    """Changes of server without a moment unconnected."""
    moves_failed: int = 0
    """Requests to leave that found no other server."""
    reconnects: int = 0
    duplicates_dropped: int = 0
    """Arrivals that were had already: in a move both servers send, and a fetch overlaps."""
    gaps: int = 0
    refetched: int = 0
    """Messages that came by a fetch from the stream."""
    lost: int = 0
    """Sequences reported as lost."""
    overflows: int = 0
    """Arrivals that found the buffer full; they are fetched again."""
