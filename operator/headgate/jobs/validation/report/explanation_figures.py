"""The pictures of explanations: what each feature adds, row by row and on average."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Floats, Integers
from headgate.jobs.validation.explain.attributions import Scale
from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.report.drawing import Axes, drawn, plain
from headgate.jobs.validation.report.figure import Figure

MOST_FEATURES = 12
MOST_DOTS = 250
"""Rows in a swarm: each is a dot per feature."""
MOST_OUTPUTS = 3
"""Of many classes, those that are drawn row by row."""
WIDTH_INCHES = 6.1
"""Both files' swarms stand side by side on a page."""
ROW_INCHES = 0.3
BINS = 80
"""Across a swarm: dots of one bin are moved apart."""
LEVELS = 9
"""Colours from the feature's low values to its high ones."""
LOW, HIGH, MISSING = (31, 111, 196), (214, 34, 110), "#8c8c8c"
UNITS = {
    Scale.NUMBER: "in the answer's unit",
    Scale.MARGIN: "in the margin's unit, as log odds",
    Scale.PROBABILITY: "as probability",
}


@dataclass(frozen=True, kw_only=True)
class _Swarm:
    """One file's dots: a row of the picture for each feature."""

    attributions: tuple[Floats, ...]
    """(dots,) for each feature."""
    levels: tuple[Integers, ...]
    """(dots,) from 0, low values of the feature, to LEVELS - 1; -1 where missing."""


def explanation_figures(explained: Sequence[Explained]) -> Iterator[Figure]:
    """Yield, for each check, both files' mean attributions and then their rows."""
    for each in explained:
        yield _bars(each, _first(np.maximum(*each.importances)))
        for output in range(min(MOST_OUTPUTS, each.reference.values.shape[2])):
            before, now = (
                np.abs(found.values[:, :, output]).mean(axis=0)
                for found in (each.reference, each.candidate)
            )
            yield from _swarms(each, _first(np.maximum(before, now)), output)


def _first(importances: Floats) -> Integers:
    """Return which features are drawn: those that matter most, in that order."""
    return np.argsort(-importances, kind="stable")[:MOST_FEATURES]


def _bars(explained: Explained, order: Integers) -> Figure:
    before, now = explained.importances
    places = np.arange(len(order))

    def bars(axes: Axes) -> None:
        axes.barh(places - 0.2, before[order], height=0.38, label="reference")
        axes.barh(places + 0.2, now[order], height=0.38, label="candidate")
        _name_rows(axes, explained, order)
        axes.set_xlabel(f"mean absolute attribution, {UNITS[explained.reference.scale]}")
        _legend_above(axes)

    title = "How much features matter: mean absolute attributions"
    alt = f"{title} of the reference and of the candidate file, by feature"
    return drawn(f"{title}{_of_many(explained, order)}", alt, bars, size=_size(order))


def _swarms(explained: Explained, order: Integers, output: int) -> Iterator[Figure]:
    files = ((explained.reference, "reference"), (explained.candidate, "candidate"))
    values = [found.values[:, order, output] for found, _ in files]
    widest = max(float(np.abs(part).max(initial=0.0)) for part in values) or 1.0
    to = _output(explained, output)
    for side, (_, file) in enumerate(files):
        chosen = np.linspace(0, len(values[side]) - 1, min(MOST_DOTS, len(values[side])))
        rows = chosen.astype(np.int64)
        swarm = _Swarm(
            attributions=tuple(values[side][rows].T),
            levels=tuple(_levels(explained, int(feature), side)[rows] for feature in order),
        )

        def dots(axes: Axes, swarm: _Swarm = swarm) -> None:
            _draw(axes, swarm, widest)
            _name_rows(axes, explained, order)
            axes.set_xlabel(f"attribution, {UNITS[explained.reference.scale]}")

        title = f"What features add to {to}: {file} rows"
        alt = f"{title}, a dot a row, coloured by the feature's value"
        yield drawn(f"{title}{_of_many(explained, order)}", alt, dots, size=_size(order))


def _draw(axes: Axes, swarm: _Swarm, widest: float) -> None:
    axes.axvline(0, color="grey", linewidth=0.6)
    legend = [(0, "low value of the feature"), (LEVELS - 1, "high")]
    if any((levels < 0).any() for levels in swarm.levels):
        legend.append((-1, "missing"))
    for level, label in legend:
        axes.plot([], [], linestyle="none", marker="o", color=_colour(level), label=label)
    _legend_above(axes)
    axes.set_xlim(-1.05 * widest, 1.05 * widest)
    for place, (values, levels) in enumerate(zip(swarm.attributions, swarm.levels, strict=True)):
        heights = place + _moved_apart(values, widest)
        for level in np.unique(levels):
            dots = levels == level
            axes.plot(
                values[dots],
                heights[dots],
                linestyle="none",
                marker="o",
                markersize=2.2,
                markeredgewidth=0,
                color=_colour(int(level)),
            )


def _legend_above(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)


def _moved_apart(values: Floats, widest: float) -> Floats:
    """Return (dots,) heights within a picture's row: dots at one place spread up and down."""
    bins = np.floor((values / widest + 1) / 2 * BINS).astype(np.int64)
    order = np.argsort(bins, kind="stable")
    _, first, counts = np.unique(bins[order], return_index=True, return_counts=True)
    within = np.empty(len(values), dtype=np.int64)
    within[order] = np.arange(len(values)) - np.repeat(first, counts)
    steps = (within + 1) // 2 * np.where(within % 2, 1, -1)
    return np.asarray(0.4 * steps / max(1, np.abs(steps).max(initial=0)), dtype=np.float64)


def _levels(explained: Explained, feature: int, side: int) -> Integers:
    """Return (n,) where a file's values lie among those of both, without the farthest."""
    pooled = np.concatenate([cells[:, feature] for cells in explained.cells])
    known = pooled[np.isfinite(pooled)]
    values = explained.cells[side][:, feature]
    if not len(known):
        return np.full(len(values), -1, dtype=np.int64)
    low, high = np.quantile(known, [0.05, 0.95])
    if low == high:
        low, high = known.min(), known.max()
    share = (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.5)
    levels = np.round(np.nan_to_num(share, nan=0.0).clip(0, 1) * (LEVELS - 1)).astype(np.int64)
    return np.where(np.isnan(share), -1, levels)


def _colour(level: int) -> str:
    if level < 0:
        return MISSING
    share = level / (LEVELS - 1)
    mixed = (round(low + (high - low) * share) for low, high in zip(LOW, HIGH, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _output(explained: Explained, output: int) -> str:
    if not explained.outputs:
        return "the answer"
    total = len(explained.outputs)
    more = f" (the first {MOST_OUTPUTS} of {total} are drawn)" if total > MOST_OUTPUTS else ""
    return f"class {plain(explained.outputs[output])}{more}"


def _name_rows(axes: Axes, explained: Explained, order: Integers) -> None:
    names = [plain(explained.features[feature]) for feature in order]
    axes.set_yticks(np.arange(len(order)), names)
    axes.set_ylim(len(order) - 0.5, -0.5)


def _of_many(explained: Explained, order: Integers) -> str:
    total = len(explained.features)
    return f" (the {len(order)} of {total} features that matter most)" if len(order) < total else ""


def _size(order: Integers) -> tuple[float, float]:
    return WIDTH_INCHES, 1.3 + ROW_INCHES * max(3, len(order))
