"""The columns of a file by their names."""

from collections import Counter
from collections.abc import Sequence

from headgate.jobs.validation.data.dataset import DataError, shown

_MOST_LISTED = 20


def chosen_columns(
    present: Sequence[str], wanted: Sequence[str] | None, file: str
) -> tuple[str, ...]:
    """Return the wanted columns (None: all) in the file's order.

    Raises DataError where the file has none, has two of one name, or lacks one that is wanted.
    """
    if not present:
        raise DataError(f"{file}: has no columns")
    twice = [name for name, count in Counter(present).items() if count > 1]
    if twice:
        raise DataError(f"{file}: has more than one column of the name {listed(twice)}")
    if wanted is None:
        return tuple(present)
    require_columns(present, wanted, file)
    return tuple(name for name in present if name in set(wanted))


def require_columns(present: Sequence[str], wanted: Sequence[str], file: str) -> None:
    """Raise DataError where a wanted column is absent; it lists what is there."""
    absent = [name for name in wanted if name not in set(present)]
    if absent:
        raise DataError(f"{file}: has no column {listed(absent)}; it has {listed(present)}")


def listed(names: Sequence[str]) -> str:
    """Return names for a message, quoted; the first 20 of many."""
    text = ", ".join(shown(name) for name in names[:_MOST_LISTED])
    more = len(names) - _MOST_LISTED
    return f"{text} and {more} more" if more > 0 else text
