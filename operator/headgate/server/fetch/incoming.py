"""The file that an artifact arrives in: its digest and size are known as it grows."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from headgate.server.termination import ExitReason, GivingUpError


class Incoming:
    """Writes chunks to a file and refuses what is more than the limit."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self._limit = limit

    def expect(self, size: int | None) -> None:
        """Refuse at once what says itself that it is too large."""
        if size is not None and size > self._limit:
            raise GivingUpError(
                ExitReason.ARTIFACT_INVALID,
                f"the artifact has {size} bytes, more than the limit of {self._limit}",
            )

    def receive(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Write everything, from the start; returns its sha256 and its size."""
        digest = hashlib.sha256()
        size = 0
        with self.path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                self.expect(size)
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest(), size
