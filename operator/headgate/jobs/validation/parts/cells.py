"""A column's numbers as counts in cells between edges, and of the edges themselves.

k edges e make 2 k + 1 cells: cell 2 j is what lies between e[j-1] and e[j], cell 2 j + 1 what is
e[j]. Counts of parts add up to those of the whole, whatever the parts.
"""

from typing import Final

import numpy as np

from headgate.jobs.validation.data.dataset import Floats, Integers

MOST_EDGES: Final = 16_384


def edges_of(values: Floats, low: float, high: float, most: int = MOST_EDGES) -> Floats:
    """Return at most `most` + 2 edges: as many of the (n,) values as that, `low` and `high`.

    Equal steps in the values' order, so that cells hold about equal shares of what the values are
    a sample of, and a value that is often there is an edge.
    """
    ordered = np.sort(values)
    if len(ordered) > most:
        steps = np.linspace(0, len(ordered) - 1, most)
        ordered = ordered[np.round(steps).astype(np.int64)]
    ends = [end for end in (low, high) if np.isfinite(end)]
    edges: Floats = np.unique(np.concatenate([ordered, ends]))
    return edges


def counts_in_cells(values: Floats, edges: Floats) -> Integers:
    """Return (2 k + 1,) how many of (n,) values, in any order, are in each cell."""
    return _between(np.sort(values), edges)


def cells_of_values(values: Floats, edges: Floats) -> Integers:
    """Return (n,) the cell of each value."""
    order = np.argsort(values)
    counts = _between(values[order], edges)
    cells = np.empty(len(values), dtype=np.int64)
    cells[order] = np.repeat(np.arange(len(counts)), counts)
    return cells


def _between(ordered: Floats, edges: Floats) -> Integers:
    # edges are looked up among values, not values among edges: these are many more
    below = np.searchsorted(ordered, edges, side="left")
    upto = np.searchsorted(ordered, edges, side="right")
    counts = np.empty(2 * len(edges) + 1, dtype=np.int64)
    counts[1::2] = upto - below
    counts[0:-1:2] = below - np.concatenate([[0], upto[:-1]])[: len(edges)]
    counts[-1] = len(ordered) - (upto[-1] if len(edges) else 0)
    return counts
