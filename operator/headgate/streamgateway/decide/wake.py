"""When to look again, where nothing happens that would be told by itself."""

from datetime import datetime, timedelta

from headgate.streamgateway.decide import rebalance
from headgate.streamgateway.decide.plan import Memory

BUSY = timedelta(seconds=1)
"""Connections are about to move: their number is looked at, and the next ones are asked."""
CALM = timedelta(seconds=5)
"""Clients come and go by themselves; pods that start or fail are told of by Kubernetes."""


def wake_at(memory: Memory, *, held: bool, now: datetime) -> datetime:
    """Return when to look again; `held`: a configuration fails, and is only waited for."""
    trial = memory.candidate is not None and not held
    busy = memory.drain is not None or rebalance.is_under_way(memory) or trial
    return now + (BUSY if busy else CALM)
