"""Pictures of explanations: what is drawn, and that it stays within what a page can bear."""

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.explain.attributions import Attributions, Link, Scale
from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.report.explanation_figures import (
    MOST_DOTS,
    MOST_FEATURES,
    MOST_OUTPUTS,
    explanation_figures,
)
from headgate.jobs.validation.report.figure import Figure


def attributions(values: Floats, names: tuple[str, ...]) -> Attributions:
    n, _, outputs = values.shape
    base = np.zeros((n, outputs))
    return Attributions(
        features=names,
        values=values,
        base=base,
        output=values.sum(axis=1),
        scale=Scale.MARGIN,
        link=Link.UNKNOWN,
        tolerance=1e-6,
        method="by hand",
    )


def some(
    *, n: int = 40, outputs: int = 1, names: tuple[str, ...] = ("tenure", "income")
) -> Explained:
    random = np.random.default_rng(1)
    parts = [random.normal(size=(n, len(names), outputs)) for _ in range(2)]
    return Explained(
        path="spec.checks[0].explanations",
        reference=attributions(parts[0], names),
        candidate=attributions(parts[1], names),
        outputs=tuple(f"class{place}" for place in range(outputs)) if outputs > 1 else (),
        cells=(parts[0][:, :, 0].copy(), parts[1][:, :, 0].copy()),
        ranks=None,
        note="",
    )


def figures(explained: Explained) -> list[Figure]:
    return list(explanation_figures([explained]))


def dots_of(figure: Figure) -> int:
    return figure.svg.count("<use ")


def test_bars_of_both_files_come_first_and_then_each_files_rows() -> None:
    titles = [figure.title for figure in figures(some())]
    assert titles == [
        "How much features matter: mean absolute attributions",
        "What features add to the answer: reference rows",
        "What features add to the answer: candidate rows",
    ]


def test_the_most_important_feature_is_on_top() -> None:
    explained = some()
    explained.reference.values[:, 1] *= 10
    text = figures(explained)[0].svg
    assert text.index("income") < text.index("tenure")


def test_rows_features_and_classes_are_bounded_and_it_is_said() -> None:
    names = tuple(f"f{place}" for place in range(40))
    found = figures(some(n=5000, outputs=6, names=names))
    assert len(found) == 1 + 2 * MOST_OUTPUTS
    assert all(dots_of(figure) <= MOST_DOTS * MOST_FEATURES + 100 for figure in found)
    assert found[1].title == (
        "What features add to class class0 (the first 3 of 6 are drawn): reference rows"
        " (the 12 of 40 features that matter most)"
    )


def test_no_explanations_are_no_pictures() -> None:
    assert not list(explanation_figures([]))


def test_the_same_explanations_give_the_same_bytes() -> None:
    assert figures(some()) == figures(some())


@pytest.mark.parametrize("value", [0.0, np.nan, 1e300])
def test_values_that_cannot_be_told_apart_are_drawn(value: float) -> None:
    explained = some()
    for cells in explained.cells:
        cells[:, 0] = value
    assert len(figures(explained)) == 3


def test_attributions_of_nothing_are_drawn() -> None:
    explained = some()
    for part in (explained.reference, explained.candidate):
        part.values[:] = 0
    assert all(dots_of(figure) > 0 for figure in figures(explained)[1:])


def test_names_are_drawn_as_text_and_never_as_formulas_or_markup() -> None:
    text = figures(some(names=("<script>$x^2$", "b")))[0].svg
    assert "<script>" not in text
    assert "$x^2$" in text
