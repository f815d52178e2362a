"""The rows that were drawn at the first reading: with all columns, and as edges of cells."""

from collections.abc import Sequence

import numpy as np

from headgate.jobs.validation.data.dataset import Dataset, Floats
from headgate.jobs.validation.parts.cells import MOST_EDGES, edges_of
from headgate.jobs.validation.parts.forms import Forms, formed
from headgate.jobs.validation.parts.part import Part
from headgate.jobs.validation.parts.reading import LookedAt

MOST_EDGES_IN_ALL = 4_000_000
"""Of all columns, for all rows and each segment: 128 MB of counts."""
type Looks = tuple[LookedAt, LookedAt]
"""At the reference, and at the candidate."""


def drawn_rows(looked: LookedAt, side: int, forms: Forms) -> Dataset:
    """Return the rows drawn of one file, with all columns."""
    form = forms.of(side)
    return formed(_as_part(looked, side), tuple(form.columns), form)


def edges_by_column(
    columns: Sequence[str], groups: int, forms: Forms, looks: Looks
) -> dict[str, Floats]:
    """Return the edges of the columns' cells, where they are not counted by category.

    All values where they are few; else so many of the rows drawn as all groups' counts may take.
    """
    if not columns:
        return {}
    most = max(2, min(MOST_EDGES, MOST_EDGES_IN_ALL // (len(columns) * groups)))
    return {
        name: _edges(name, forms, looks, most)
        for name in columns
        if not forms.reference.columns[name].counted
    }


def _edges(name: str, forms: Forms, looks: Looks, most: int) -> Floats:
    profiles = [each.profiles[name] for each in looks]
    known = [each.values for each in profiles if each.values is not None]
    if len(known) == len(profiles):
        return np.unique(np.concatenate(known))
    drawn = [
        formed(_as_part(each, side), (name,), forms.of(side)).columns[name].present()
        for side, each in enumerate(looks)
    ]
    low = min(each.low for each in profiles)
    high = max(each.high for each in profiles)
    return edges_of(np.concatenate(drawn), low, high, most)


def _as_part(looked: LookedAt, side: int) -> Part:
    return Part(side=side, file=looked.kept.name, first_row=0, rows=looked.sample)
