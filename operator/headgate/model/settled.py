"""What children looked like right after our own applies: an edit by others is told from that.

Memory of this process only. What it does not remember, it judges by the times in managedFields.
"""

from collections import defaultdict
from collections.abc import Hashable

from headgate.model.projections import Child


class Settled:
    """The owners of the children's fields, as our last applies left them."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._hands: defaultdict[Hashable, dict[str, str]] = defaultdict(dict)

    def note(self, owner: Hashable, child: Child) -> None:
        """Remember the answer to an apply. What it left to others is theirs."""
        self._hands[owner][child.uid] = child.hands

    def is_untouched(self, owner: Hashable, child: Child) -> bool:
        """Return whether nobody has written to a child's spec since our last apply."""
        known = self._hands[owner].get(child.uid) if owner in self._hands else None
        return not child.edited if known is None else known == child.hands

    def forget(self, owner: Hashable) -> None:
        """Drop the children of a Model that is gone."""
        self._hands.pop(owner, None)

    def clear(self) -> None:
        """Forget all: another replica applies now."""
        self._hands.clear()
