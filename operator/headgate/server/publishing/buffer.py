"""Predictions that wait to be published, bounded in number and bytes. Pure.

The oldest go first: who watches a model wants to know how it does now. After an outage the stream
has its last moments, not its first ones.
"""

from collections import deque

from headgate.server.publishing.record import Prediction


class PredictionBuffer:
    """A bounded queue that forgets its oldest entries."""

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._waiting: deque[Prediction] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, prediction: Prediction) -> int:
        """Keep a prediction; return how many older ones had to go for it."""
        self._waiting.append(prediction)
        self._bytes += prediction.size
        gone = 0
        while self._is_too_full():
            self.take()
            gone += 1
        return gone

    def put_back(self, prediction: Prediction) -> int:
        """Keep one that was taken, as the oldest; return 1 if there is no room for it."""
        self._waiting.appendleft(prediction)
        self._bytes += prediction.size
        if not self._is_too_full():
            return 0
        self.take()
        return 1

    def take(self) -> Prediction | None:
        """Return the oldest, None if there is none."""
        if not self._waiting:
            return None
        prediction = self._waiting.popleft()
        self._bytes -= prediction.size
        return prediction

    def _is_too_full(self) -> bool:
        return len(self._waiting) > self._most or self._bytes > self._most_bytes
