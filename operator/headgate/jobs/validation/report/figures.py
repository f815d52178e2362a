"""The pictures of a case: what drifted most, and how good the answers are."""

from collections.abc import Iterator

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Column, Floats
from headgate.jobs.validation.data.sample import thinned
from headgate.jobs.validation.finding import Outcome
from headgate.jobs.validation.report.drawing import Axes, drawn, plain
from headgate.jobs.validation.report.figure import Figure
from headgate.jobs.validation.suite.case import Case, Task

MOST_COLUMNS = 8
MOST_POINTS = 2000
BINS = 30
MOST_BARS = 12


def figures_of(case: Case, outcome: Outcome) -> Iterator[Figure]:
    """Yield the pictures, worst columns first; as many as a page can bear."""
    before, after = case.with_all_columns.reference, case.with_all_columns.candidate
    for name in _worst_columns(outcome):
        if name in before.columns and name in after.columns:
            yield _distribution(before.columns[name], after.columns[name])
    if case.target is None or case.answers is None:
        return
    known = np.isfinite(case.target) & np.isfinite(case.answers.values)
    if not known.any():
        return
    if case.task is Task.REGRESSION:
        yield from _residuals(case.target[known], case.answers.values[known], case.seed)
    elif case.answers.scores is not None and len(case.classes) == 2:  # noqa: PLR2004
        yield from _curves(case.target[known], case.answers.scores[known, 1], case.classes[1])
    elif case.classes:
        yield _confusion(case, known)


def _worst_columns(outcome: Outcome) -> list[str]:
    drifting = [
        finding.measured
        for finding in outcome.findings
        if finding.measured.check == "drift" and not finding.measured.segment
    ]
    drifting.sort(key=lambda measured: -(measured.effect or 0.0))
    return [measured.subject for measured in drifting[:MOST_COLUMNS]]


def _distribution(before: Column, after: Column) -> Figure:
    title = f"{before.name}: reference and candidate"
    first, second = before.present(), after.present()

    def bars(axes: Axes) -> None:
        codes = np.unique(np.concatenate([first, second]))
        shares = [_shares(values, codes) for values in (first, second)]
        shown = np.sort(np.argsort(-np.abs(shares[0] - shares[1]), kind="stable")[:MOST_BARS])
        codes, places = codes[shown], np.arange(len(shown))
        for offset, (share, label) in enumerate(
            zip(shares, ("reference", "candidate"), strict=True)
        ):
            axes.bar(places + 0.4 * offset, share[shown], width=0.4, label=label)
        axes.set_xticks(places + 0.2, [_label(before, code) for code in codes], rotation=30)
        axes.set_ylabel("share of rows")
        axes.legend()

    def histogram(axes: Axes) -> None:
        pooled = np.concatenate([first, second])
        edges = np.linspace(pooled.min(), pooled.max() or 1.0, BINS + 1)
        if edges[0] == edges[-1]:
            edges = np.array([edges[0] - 0.5, edges[0] + 0.5])
        for values, label in ((first, "reference"), (second, "candidate")):
            counts, _ = np.histogram(values, edges)
            axes.stairs(counts / max(1, len(values)), edges, label=label, linewidth=1.5)
        axes.set_xlabel(plain(before.name))
        axes.set_ylabel("share of rows")
        axes.legend()

    draw = bars if before.counted or not len(first) or not len(second) else histogram
    return drawn(title, f"{title}, as shares of rows", draw)


def _curves(target: Floats, score: Floats, positive: str) -> Iterator[Figure]:
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(target[order] == 1)
    misses = np.cumsum(target[order] != 1)
    if not hits[-1] or not misses[-1]:
        return
    last = np.append(np.diff(score[order]) != 0, True)  # equal scores are one threshold
    kept = _points(np.flatnonzero(last))
    sensitivity, false_alarms = hits[kept] / hits[-1], misses[kept] / misses[-1]
    precision = hits[kept] / (hits[kept] + misses[kept])

    def roc(axes: Axes) -> None:
        axes.plot([0, *false_alarms, 1], [0, *sensitivity, 1])
        axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
        axes.set_xlabel("false positive rate")
        axes.set_ylabel("true positive rate")

    def recall(axes: Axes) -> None:
        axes.plot(sensitivity, precision)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("recall")
        axes.set_ylabel("precision")

    def calibration(axes: Axes) -> None:
        cuts = np.array_split(np.argsort(score, kind="stable"), 10)
        groups = [part for part in cuts if len(part)]
        axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
        axes.plot(
            [float(score[part].mean()) for part in groups],
            [float((target[part] == 1).mean()) for part in groups],
            marker="o",
        )
        axes.set_xlabel("predicted probability")
        axes.set_ylabel("share seen")

    shown = plain(positive)
    yield drawn(f"ROC of {shown}", "true positive rate by false positive rate", roc)
    yield drawn(f"Precision and recall of {shown}", "precision by recall", recall)
    yield drawn(f"Calibration of {shown}", "share seen by predicted probability", calibration)


def _residuals(target: Floats, answers: Floats, seed: int) -> Iterator[Figure]:
    chosen = thinned(len(target), MOST_POINTS, seed)
    residual = target - answers

    def scatter(axes: Axes) -> None:
        axes.scatter(answers[chosen], residual[chosen], s=4, alpha=0.5)
        axes.axhline(0, color="grey", linestyle=":")
        axes.set_xlabel("prediction")
        axes.set_ylabel("target minus prediction")

    def histogram(axes: Axes) -> None:
        axes.hist(residual, bins=BINS, histtype="step")
        axes.set_xlabel("target minus prediction")
        axes.set_ylabel("rows")

    yield drawn("Residuals by prediction", "residuals by prediction, a sample of rows", scatter)
    yield drawn("Residuals", "distribution of residuals", histogram)


def _confusion(case: Case, known: Booleans) -> Figure:
    assert case.target is not None  # noqa: S101 - asked by the caller
    assert case.answers is not None  # noqa: S101
    k = len(case.classes)
    pairs = case.target[known].astype(np.int64) * k + case.answers.values[known].astype(np.int64)
    counts = np.bincount(pairs, minlength=k * k).reshape(k, k)

    def matrix(axes: Axes) -> None:
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues")
        for row, column in np.ndindex(k, k) if k <= MOST_BARS else ():
            colour = "white" if shares[row, column] > 0.5 else "black"  # noqa: PLR2004
            axes.text(column, row, counts[row, column], ha="center", va="center", color=colour)
        ticks = [plain(name) for name in case.classes]
        axes.set_xticks(range(k), ticks, rotation=45)
        axes.set_yticks(range(k), ticks)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")

    return drawn("Confusion", "share of each true class by predicted class", matrix)


def _shares(values: Floats, codes: Floats) -> Floats:
    """Return (codes,) the share of values that each code has."""
    counts = np.bincount(np.searchsorted(codes, values), minlength=len(codes))
    shares: Floats = counts / max(1, len(values))
    return shares


def _points(places: np.ndarray) -> np.ndarray:
    """Return so many of the places that a line of them still looks like all."""
    if len(places) <= MOST_POINTS:
        return places
    return places[np.linspace(0, len(places) - 1, MOST_POINTS).astype(np.int64)]


def _label(column: Column, code: float) -> str:
    text = column.categories[int(code)] if column.counted else f"{code:g}"
    return plain(text)
