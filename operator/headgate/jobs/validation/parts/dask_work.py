"""What a Dask worker does: take the work once, then parts, and hand back what comes of them.

Imported by name on the workers, which run the same image. Everything arrives pickled: Dask would
look into arguments that it understands, and copy them.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
        return Refused(EngineError(f"a worker has {differs}"))
    try:
        found: Callable[[Part], Any] = pickle.loads(work)  # noqa: S301 - sent by our own client
    except DataError as error:  # a model that does not load there
        return Refused(error)
    return found


def done(work: "Callable[[Part], Any] | Refused", part: bytes) -> Done | Refused:
    """Do the work on a part."""
    if isinstance(work, Refused):
        return work
    try:
        return Done(work(pickle.loads(part)))  # noqa: S301 - sent by our own client
    except DataError as error:
        return Refused(error)
