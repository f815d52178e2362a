"""How soon an object is worked on, next to others that wait."""

from enum import IntEnum


class Lane(IntEnum):
    """How soon a key is worked on; the lower overtakes the higher."""

    URGENT = 0
    """A user or the cluster changed something, or requests may wait for what was decided."""
    SOON = 1
    """A recorded decision is to be carried out that no request waits for."""
    BACKGROUND = 2
    """Merely looked at again."""
