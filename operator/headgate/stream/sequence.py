"""Where a reader stands in a stream, and what an arrival means there. Pure.

One rule makes duplicates, losses and reordering harmless: a message is handed on only when what it
follows has been dealt with. Anything else is a gap, and a gap is fetched from the stream.
"""

from dataclasses import dataclass
from enum import Enum, auto

from headgate.stream.message import Lost


class Verdict(Enum):
    """What to do with an arrival."""

    DELIVER = auto()
    DUPLICATE = auto()
    GAP = auto()


@dataclass(slots=True)
class Place:
    """A reader's place: every message up to `position` was handed on, or reported as lost.

    `is_whole` says that the reader takes every message of the stream, so that sequences follow one
    another without holes. A reader of one subject sees holes, and goes by the sequence that
    the server says a message of this subject follows.
    """

    position: int
    is_whole: bool
    verified: int = 0
    """Up to here the stream was seen to hold nothing for this reader that it has not got."""

    def judge(self, sequence: int, follows: int) -> Verdict:
        """Say what an arrival means here; `follows` is what its server said."""
        if sequence <= self.position:
            return Verdict.DUPLICATE
        return Verdict.DELIVER if self.needed(sequence, follows) <= self.position else Verdict.GAP

    def needed(self, sequence: int, follows: int) -> int:
        """Return the sequence that must be dealt with before this arrival is."""
        return sequence - 1 if self.is_whole else follows

    def take(self, sequence: int) -> None:
        """Move on to a message that is handed on."""
        self.position = max(self.position, sequence)

    def missing_before(self, sequence: int) -> Lost | None:
        """Return what lies between here and the next message that the stream itself handed out.

        Only a reader of the whole stream can tell: a stream that hands out a later message
        than the next one holds none between them.
        """
        if not self.is_whole or sequence <= self.position + 1:
            return None
        return Lost(first=self.position + 1, last=sequence - 1)

    def passed_by(self, first_held: int) -> Lost | None:
        """Return what a stream that now begins at `first_held` let go of before we had it."""
        known = max(self.position, self.verified)
        if first_held <= known + 1:
            return None
        return Lost(first=known + 1, last=first_held - 1)


def count_unbroken(sequences: list[int], follows: list[int]) -> int:
    """Return how many replies of one batch came before the first that did not arrive.

    Each reply names the one sent before it in the same batch, the first one 0.
    """
    before = 0
    for count, (sequence, named) in enumerate(zip(sequences, follows, strict=True)):
        if named != before:
            return count
        before = sequence
    return len(sequences)
