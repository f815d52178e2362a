"""Sums of attributions, held against what the model says."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.explain.additivity import (
    gap_to_answers,
    gap_to_output,
    gap_to_second_way,
)
from headgate.jobs.validation.explain.attributions import Attributions, Link, Scale

PARTS = np.array([[0.5, -0.2], [1.0, 0.3], [-2.0, 0.1]])
SUMS = PARTS.sum(axis=1) + 0.25


def some(**changes: Any) -> Attributions:
    """Return the attributions of three rows to one number, which add up."""
    return replace(
        Attributions(
            features=("age", "income"),
            values=PARTS[:, :, None],
            base=np.full((3, 1), 0.25),
            output=SUMS[:, None].copy(),
            scale=Scale.NUMBER,
            link=Link.IDENTITY,
            tolerance=1e-6,
            method="by hand",
        ),
        **changes,
    )


def of_classes(link: Link, chances: Any, **changes: Any) -> tuple[Attributions, Answers]:
    scores = np.asarray(chances, dtype=np.float64)
    answers = Answers(values=scores.argmax(axis=1).astype(np.float64), scores=scores)
    return some(link=link, scale=Scale.MARGIN, **changes), answers


def test_parts_that_add_up_have_no_gap() -> None:
    assert gap_to_output(some()).excess < 1e-6


def test_the_row_that_does_not_add_up_is_told_with_both_numbers() -> None:
    output = SUMS[:, None].copy()
    output[1] += 0.5
    gap = gap_to_output(some(output=output))
    assert (gap.row, gap.rows) == (1, 3)
    assert (gap.first, gap.second) == pytest.approx((1.55, 2.05))
    assert gap.excess > 1


def test_rounding_is_relative_to_the_parts() -> None:
    gap = gap_to_output(some(values=PARTS[:, :, None] * 1e9, output=(PARTS.sum(1) * 1e9)[:, None]))
    assert gap.allowed == pytest.approx(2.1e3)


def test_what_is_no_number_is_no_match() -> None:
    output = SUMS[:, None].copy()
    output[2] = math.nan
    gap = gap_to_output(some(output=output))
    assert (gap.row, gap.excess) == (2, math.inf)


@pytest.mark.parametrize(
    ("link", "answers"),
    [(Link.IDENTITY, SUMS), (Link.EXPONENTIAL, np.exp(SUMS))],
)
def test_the_link_leads_from_sums_to_numbers(link: Link, answers: Any) -> None:
    exact = gap_to_answers(some(link=link), Answers(values=answers))
    moved = gap_to_answers(some(link=link), Answers(values=answers + np.array([0, 0, 1e-4])))
    assert exact is not None
    assert exact.excess < 1
    assert moved is not None
    assert (moved.row, moved.excess > 1) == (2, True)


def test_the_link_leads_from_sums_to_the_second_classs_chance() -> None:
    chance = 1 / (1 + np.exp(-SUMS))
    found, answers = of_classes(Link.LOGISTIC, np.column_stack([1 - chance, chance]), classes=(1,))
    gap = gap_to_answers(found, answers)
    assert gap is not None
    assert gap.excess < 1


def test_classes_in_another_order_than_the_targets_are_told_apart() -> None:
    # given: the model's first output is the target's second class
    margins = np.stack([PARTS.sum(axis=1), -PARTS.sum(axis=1)], axis=1)
    chances = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    found, answers = of_classes(
        Link.SOFTMAX,
        chances[:, ::-1],
        classes=(1, 0),
        values=np.stack([PARTS, -PARTS], axis=2),
        base=np.zeros((3, 2)),
        output=margins,
    )
    # when
    right = gap_to_answers(found, answers)
    swapped = gap_to_answers(replace(found, classes=(0, 1)), answers)
    # then
    assert right is not None
    assert right.excess < 1
    assert swapped is not None
    assert swapped.excess > 1


def test_labels_alone_cannot_be_held_against_margins() -> None:
    found = some(link=Link.LOGISTIC, classes=(1,))
    assert gap_to_answers(found, Answers(values=np.zeros(3))) is None


def test_an_unknown_link_is_not_guessed() -> None:
    assert gap_to_answers(some(link=Link.UNKNOWN), Answers(values=SUMS)) is None


def test_a_second_computation_that_differs_names_row_and_feature() -> None:
    again = PARTS[:2, :, None].copy()
    again[1, 1] += 0.1
    gap = gap_to_second_way(some(again=again))
    assert gap is not None
    assert (gap.row, gap.feature, gap.rows) == (1, "income", 2)
    assert gap.excess > 1


def test_no_second_computation_is_no_gap() -> None:
    assert gap_to_second_way(some()) is None
