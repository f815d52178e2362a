"""What carries out the work on parts: here this process, elsewhere a cluster."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.parts.part import Part


class EngineError(DataError):
    """An engine that cannot do its work, whatever the data; the message names its address."""


class Engine(Protocol):
    """Carries out work on parts. Which engine it is makes no difference to what comes out."""

    def each[T](self, work: Callable[[Part], T], parts: Iterable[Part]) -> Iterator[T]:
        """Yield what the work makes of each part, in the order of the parts.

        `work` and parts can be pickled. Parts are asked for as they are needed, so that only a few
        are in memory. Raises what the work raises; EngineError where the engine itself fails.
        """


class LocalEngine:
    """This process, one part after the other."""

    def each[T](self, work: Callable[[Part], T], parts: Iterable[Part]) -> Iterator[T]:
        """See `Engine`."""
        return map(work, parts)
