"""Whether attributions add up to the answers, and are distributed as before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.answers import Answers, Model
from headgate.jobs.validation.data.dataset import Dataset, Floats, Integers
from headgate.jobs.validation.data.sample import thinned
from headgate.jobs.validation.explain.choose import (
    BACKGROUND_ROWS,
    FIELD,
    attributed,
    most_rows,
    way_of,
)
from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.explain.ranks import rank_agreement
from headgate.jobs.validation.finding import Measurement
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.explanations.attribution_drift import as_case, drift_of
from headgate.jobs.validation.suite.explanations.attribution_sums import Part, sums_of
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.rows.groups import groups_of
from headgate.jobs.validation.tests.result import UntestableError
from headgate.modelversion.types import ExplainMethod
from headgate.validation.check_types import ExplanationsCheck

_SHARE_OF_FEW = 5
"""Of few reference rows one in so many is set aside to stand for what is usual."""


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """The rows that take part, by their place in the files."""

    background: Integers
    """Reference rows that stand for what is usual."""
    reference: Integers
    candidate: Integers
    note: str
    """How many of how many, for the report."""


@dataclass(frozen=True, kw_only=True)
class _Explainer:
    """One way for the rows of both files, so that their attributions compare."""

    model: Model
    way: ExplainMethod
    background: Dataset
    seed: int

    def part(self, data: Dataset, answers: Answers | None, places: Integers) -> Part:
        rows = data.take(places)
        return Part(
            rows=rows,
            places=places,
            answers=self.model.answer(rows) if answers is None else answers.take(places),
            found=attributed(self.model, rows, self.background, way=self.way, seed=self.seed),
        )


def measure(case: Case, spec: ExplanationsCheck, *, seed: int) -> Iterator[Measurement | Explained]:
    """Yield what was computed, for the report, then facts about sums, then a test per feature.

    Rows are drawn by `seed`. Raises PolicyMismatchError without a model to run, ModelError where
    the model cannot be explained as asked, UntestableError where a file has too few rows.
    """
    path = path_of(case, spec)
    if case.model is None:
        raise PolicyMismatchError(
            f"{path}: needs spec.predictions: {{from: Model}} and the model's file, because it"
            " runs the model"
        )
    if case.explain is ExplainMethod.NONE:
        raise PolicyMismatchError(f"{path}: needs a {FIELD} of the version that is not None")
    seeds = [int(each) for each in np.random.SeedSequence(seed).generate_state(6)]
    way = way_of(case.model, (case.reference, case.candidate), case.explain)
    drawn = _drawn(case, spec, way, seeds)
    background = case.reference.take(drawn.background)
    explainer = _Explainer(model=case.model, way=way, background=background, seed=seeds[3])
    before = explainer.part(case.reference, case.reference_answers, drawn.reference)
    now = explainer.part(case.candidate, case.answers, drawn.candidate)
    attributions = as_case(case, before, now)
    yield Explained(
        path=path,
        reference=before.found,
        candidate=now.found,
        outputs=tuple(case.classes[place] for place in before.found.classes),
        cells=(_cells(before), _cells(now)),
        ranks=rank_agreement(
            before.found.magnitudes,
            now.found.magnitudes,
            (
                _groups(replace(attributions, candidate=attributions.reference)),
                _groups(attributions),
            ),
            seed=seeds[4],
        ),
        note=drawn.note,
    )
    if spec.additivity:
        yield from sums_of((before, now))
    if spec.drift:
        yield from drift_of(attributions, spec, (before, now), seed=seeds[5], note=drawn.note)


def _drawn(case: Case, spec: ExplanationsCheck, way: ExplainMethod, seeds: list[int]) -> _Drawn:
    """Draw the rows. What is usual is told by other rows than those that are compared.

    Trees know it by themselves: of their reference rows, none is set aside.
    """
    before, now, model = case.reference, case.candidate, case.model
    assert model is not None  # noqa: S101 - asked by the caller
    if before.rows < _SHARE_OF_FEW or not now.rows:
        raise UntestableError(
            f"{before.rows} rows of {before.name} and {now.rows} of {now.name}: {_SHARE_OF_FEW} and"
            " 1 are the least that can be explained"
        )
    asked, affordable = spec.rows, most_rows(model, way)
    size = asked if affordable is None else min(asked, affordable)
    usual = min(BACKGROUND_ROWS, before.rows // _SHARE_OF_FEW)
    background = thinned(before.rows, usual, seeds[0])
    rest = np.arange(before.rows, dtype=np.int64)
    if way is not ExplainMethod.TREE:
        rest = np.setdiff1d(rest, background, assume_unique=True)
    reference = rest[thinned(len(rest), size, seeds[1])]
    candidate = thinned(now.rows, size, seeds[2])
    note = (
        f"{len(reference)} of {before.rows} rows of {before.name} and {len(candidate)} of"
        f" {now.rows} of {now.name} are explained"
    )
    there = max(len(rest), now.rows)
    if size < min(asked, there):
        note += f", not {asked} of each, because this way asks the model so often"
    elif size < there:
        note += f", as {path_of(case, spec)}.rows says"
    return _Drawn(background=background, reference=reference, candidate=candidate, note=note)


def _groups(case: Case) -> Integers:
    """Return which explained candidate rows belong together by the policy's design."""
    return groups_of(case, np.ones(case.candidate.rows, dtype=np.bool_)).labels


def _cells(part: Part) -> Floats:
    """Return (n, features) what the explained rows hold, as numbers."""
    columns = [part.rows.columns[name] for name in part.found.features]
    cells: Floats = np.column_stack(
        [np.where(column.missing, np.nan, column.values) for column in columns]
    )
    return cells
