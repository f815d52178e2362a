"""What changes of the pool have cost the clients, counted."""

from datetime import datetime

from headgate.streamgateway.status_types import Continuity


def counted_in(before: Continuity, moved: int, forced: int, now: datetime) -> Continuity:
    """Return the counts with these added."""
    return Continuity(
        moved=before.moved + moved,
        forced_closes=before.forced_closes + forced,
        since=before.since or now,
    )
