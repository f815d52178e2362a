"""What a Dask worker does: take the work once, then parts, and hand back what comes of them.

Imported by name on the workers, which run the same image. Everything arrives pickled: Dask would
look into arguments that it understands, and copy them.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from distributed import get_worker

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.parts.engine import EngineError
from headgate.jobs.validation.parts.part import Part
from headgate.jobs.validation.parts.same_code import difference, versions


@dataclass(frozen=True)
class Done:
    """What came of a part."""

    value: Any


@dataclass(frozen=True)
class Refused:
    """Why nothing came of it, for the user; as a value, so that Dask takes it for no fault."""

    error: DataError


def packed(work: Any) -> bytes:
    """Return work or a part as it travels; the work says what it was made with."""
    return pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL)


def taken(work: bytes, made_with: dict[str, str]) -> "Callable[[Part], Any] | Refused":
    """Return the work, unpacked; a worker that came later may have other versions."""
    differs = difference(made_with, versions())
    if differs:
        return _unable(f"has {differs}: start workers from the jobs image of this release")
    return _told(lambda: pickle.loads(work))  # noqa: S301 - sent by our own client


def done(work: "Callable[[Part], Any] | Refused", part: bytes) -> Done | Refused:
    """Do the work on a part."""
    if isinstance(work, Refused):
        return work
    return _told(lambda: Done(work(pickle.loads(part))))  # noqa: S301 - sent by our own client


def _told[T](compute: Callable[[], T]) -> T | Refused:
    """Return what is computed, or what the user is to know of why it is not."""
    try:
        return compute()
    except DataError as error:  # as a row that no check can read, or a model that does not load
        return Refused(error)
    except OSError as error:
        return _unable(f"cannot keep the model's files: {error}: give it a /tmp to write to")
    except MemoryError:
        return _unable("ran out of memory: give workers more")


def _unable(what: str) -> Refused:
    worker = get_worker().address
    return Refused(EngineError(f"spec.engine.dask: worker {worker} {what}"))
