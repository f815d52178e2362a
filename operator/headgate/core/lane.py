"""How soon an object is worked on, next to others that wait."""

from enum import IntEnum


class Lane(IntEnum):
    """How soon a key is worked on; the lower overtakes the higher."""

    URGENT = 0
    """A user or the cluster changed something, or traffic is to be moved."""
    SOON = 1
    """A recorded decision is to be carried out that moves no traffic yet."""
    BACKGROUND = 2
    """Merely looked at again."""
