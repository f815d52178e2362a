"""A case of files whose rows are not kept in memory: read twice, part by part.

First all columns are looked at, to know their kinds and categories as if they were in memory; what
checks need row by row is kept, and some rows with all columns are drawn. Then values are counted,
and the models asked, with all of that known. What comes out depends on the rows, never on how they
lie in files and parts, nor on what works on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from headgate.jobs.validation.answering import answered_by_column, load, with_model
from headgate.jobs.validation.data.align import Aligned, align_categories
from headgate.jobs.validation.data.dataset import Column, ColumnKind, DataError, Dataset, Floats
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.model_source import ModelSource
from headgate.jobs.validation.data.names import chosen_columns, require_columns
from headgate.jobs.validation.data.parquet_batches import MOST_CELLS
from headgate.jobs.validation.data.parquet_table import ParquetTable
from headgate.jobs.validation.data.read import check_rows
from headgate.jobs.validation.data.target import read_target
from headgate.jobs.validation.parts.carried_model import CarriedModel
from headgate.jobs.validation.parts.cells import MOST_EDGES, edges_of
from headgate.jobs.validation.parts.counted import Counted
from headgate.jobs.validation.parts.engine import Engine
from headgate.jobs.validation.parts.forms import Forms, formed, forms_of
from headgate.jobs.validation.parts.part import CANDIDATE, REFERENCE, Memberships, Part
from headgate.jobs.validation.parts.profile import MOST_VALUES
from headgate.jobs.validation.parts.reading import (
    CountedUp,
    FileParts,
    LookedAt,
    Progress,
    count_up,
    look_at,
)
from headgate.jobs.validation.parts.second_pass import Count
from headgate.jobs.validation.parts.whole_columns import WholeColumns
from headgate.jobs.validation.suite.case import Case, Streamed
from headgate.jobs.validation.suite.named_columns import check_named_columns
from headgate.jobs.validation.suite.segments import segments_of
from headgate.modelversion.types import ExplainMethod
from headgate.validation.policy_types import ValidationPolicySpec

MODEL, STABLE = "model", "stable"
MOST_EDGES_IN_ALL: Final = 4_000_000
"""Of all columns, for all rows and each segment: 128 MB of counts."""
type Sides[T] = tuple[T, T]
"""Of the reference, and of the candidate."""


@dataclass(frozen=True, kw_only=True)
class Streaming:
    """What is read, and how."""

    policy: ValidationPolicySpec
    explain: ExplainMethod
    tables: Sides[ParquetTable]
    seed: int
    model: ModelSource | None
    stable: ModelSource | None
    limits: ReadLimits
    engine: Engine
    progress: Progress
    part_cells: int = MOST_CELLS
    """Rows times columns of a part: nothing that comes out depends on it."""

    def parts_of(self, side: int) -> FileParts:
        """Return the parts of one file."""
        return FileParts(
            table=self.tables[side],
            side=side,
            engine=self.engine,
            progress=self.progress,
            most_cells=self.part_cells,
        )


def streamed_case(streaming: Streaming) -> Case:
    """Return the case of two files, read twice; raises DataError, and its kinds, as `validate`."""
    policy = streaming.policy
    kept = _kept_columns(streaming)
    seeds = np.random.SeedSequence(streaming.seed).generate_state(2)
    reference, candidate = (
        look_at(streaming.parts_of(side), kept[side], int(seeds[side]))
        for side in (REFERENCE, CANDIDATE)
    )
    names = reference.kept.name, candidate.kept.name
    forms = forms_of(names, (reference.profiles, candidate.profiles))
    aligned = align_categories(reference.kept, candidate.kept)
    target = read_target(aligned.reference, aligned.candidate, policy)
    case = Case(
        policy=policy,
        explain=streaming.explain,
        reference=aligned.reference,
        candidate=aligned.candidate,
        seed=streaming.seed,
        task=target.task,
        classes=target.classes,
        target=target.candidate,
        reference_target=target.reference,
        streamed=_drawn_rows(streaming, forms, (reference, candidate), kept=aligned),
    )
    case, models = _with_models(case, streaming)
    return _counted(case, streaming, (reference, candidate), models)


def notes_of(case: Case) -> tuple[str, ...]:
    """Return what a reader has to know of a case whose rows were not in memory; else nothing."""
    if case.streamed is None:
        return ()
    counted = case.streamed.counted
    drawn = case.streamed.reference.rows, case.streamed.candidate.rows
    before, after = case.reference, case.candidate
    read = (
        f"{before.name} ({before.rows:,} rows) and {after.name} ({after.rows:,}) were read part by"
        " part. Counts, missing values, ranges, duplicates and whatever is about target and answers"
        " are of all rows, and exact"
    )
    sampled = (
        "stability, explanations, tests of several columns together and pictures of columns are of"
        f" {drawn[0]:,} and {drawn[1]:,} rows, drawn by the plan's seed"
    )
    notes = [read, sampled]
    if counted.edges:
        notes.append(
            f"columns of more than {MOST_VALUES:,} different numbers were compared by counts in"
            f" cells, of at most {counted.widest:,} edges: their findings say how much larger"
            " the exact distance may be"
        )
    return tuple(notes)


def _kept_columns(streaming: Streaming) -> Sides[tuple[str, ...]]:
    """Return which columns are needed row by row; what is amiss with names or sizes is raised."""
    policy, design = streaming.policy, streaming.policy.design
    predictions = policy.predictions
    wanted = {policy.target, design.clusters, design.time, design.pairs}
    wanted |= {*policy.segments, *policy.sensitive}
    if predictions is not None:
        wanted |= {predictions.column, *predictions.scores}
    kept = []
    for table in streaming.tables:
        names = chosen_columns(table.column_names, None, table.name)
        check_rows(table.name, table.rows)
        kept.append(tuple(name for name in names if name in wanted))
        streaming.limits.check_streamed(table.name, table.rows, kept[-1])
    reference, candidate = map(_by_name, streaming.tables)
    check_named_columns(policy, reference, candidate)
    return kept[REFERENCE], kept[CANDIDATE]


def _by_name(table: ParquetTable) -> Dataset:
    """Return a dataset that says which columns a table has, and nothing else."""
    empty: Floats = np.empty(0)
    columns = {
        name: Column(name=name, kind=ColumnKind.NUMERIC, values=empty, missing=np.isnan(empty))
        for name in table.column_names
    }
    return Dataset(name=table.name, columns=columns, rows=0)


def _with_models(
    case: Case, streaming: Streaming
) -> tuple[Case, Sides[Mapping[str, CarriedModel]]]:
    """Return the case with its model, or its answers in columns, and who is asked of which file."""
    predictions = case.policy.predictions
    if predictions is None:
        return case, ({}, {})
    if predictions.column is not None:
        return answered_by_column(case), ({}, {})
    case, model = with_model(case, streaming.model)
    rows = case.candidate.rows
    if rows * (1 + len(case.classes)) > streaming.limits.max_cells:
        raise DataError(
            f"{case.candidate.name}: {rows} answers with the probabilities of"
            f" {len(case.classes)} classes are more than the {streaming.limits.max_cells} values"
            " that are kept: take a sample of the rows"
        )
    asked = {MODEL: model}
    if streaming.stable is not None:
        asked[STABLE] = load(case, streaming.stable)
    for name in (name for each in asked.values() for name in each.model.inputs):
        require_columns(streaming.tables[CANDIDATE].column_names, (name,), case.candidate.name)
    knows = set(model.model.inputs) <= set(streaming.tables[REFERENCE].column_names)
    return case, ({MODEL: model} if knows else {}, asked)


def _counted(
    case: Case,
    streaming: Streaming,
    looked: Sides[LookedAt],
    models: Sides[Mapping[str, CarriedModel]],
) -> Case:
    """Return the case with counts of columns and the models' answers."""
    streamed = case.streamed
    assert streamed is not None  # noqa: S101 - set by the caller
    forms, checks = streamed.counted.forms, {check.name for check in case.policy.checks}
    columns = counted_columns(case) if checks & {"drift", "quality"} else ()
    hashed = forms.shared if "quality" in checks else ()
    segments, memberships = _memberships(case)
    groups = len(segments) + 1
    edges = {
        name: _edges(name, forms, looked, MOST_EDGES_IN_ALL // (len(columns) * groups))
        for name in columns
        if not forms.reference.columns[name].counted
    }
    counted: list[CountedUp] = []
    for side in (REFERENCE, CANDIDATE):
        known = (
            {name: tally.ranges for name, tally in counted[0].file.columns.items()} if side else {}
        )
        work = Count(
            forms=forms.of(side),
            columns=columns,
            edges=edges,
            groups=groups,
            hashed=hashed,
            known=known,
            models=models[side],
        )
        target = case.target if side == CANDIDATE and "quality" in checks else None
        counted.append(count_up(streaming.parts_of(side), work, memberships[side], target))
    before, after = counted
    found = Counted(
        forms=forms,
        edges=edges,
        files=(before.file, after.file),
        numbers={name: place + 1 for place, name in enumerate(segments)},
    )
    return replace(
        case,
        streamed=replace(streamed, counted=found),
        answers=after.answers.get(MODEL, case.answers),
        stable_answers=after.answers.get(STABLE, case.stable_answers),
        reference_answers=before.answers.get(MODEL, case.reference_answers),
    )


def counted_columns(case: Case) -> tuple[str, ...]:
    """Return the columns that drift or quality may ask for, of one kind in both files."""
    assert case.streamed is not None  # noqa: S101 - asked by the caller
    named = {
        name
        for check in case.policy.checks
        if check.drift is not None and check.drift.columns != "all"
        for name in check.drift.columns
    }
    wanted = named | set(case.by_form.feature_names())
    return tuple(name for name in case.streamed.counted.forms.shared if name in wanted)


def _edges(name: str, forms: Forms, looked: Sides[LookedAt], most: int) -> Floats:
    """Return a column's edges: all its values where they are few, else of the rows drawn."""
    profiles = [each.profiles[name] for each in looked]
    values = [
        each.values
        for each, form in zip(profiles, (forms.reference, forms.candidate), strict=True)
        if each.values is not None or form.columns[name].missing.all()
    ]
    if len(values) == len(profiles):
        known: Floats = np.unique(np.concatenate([each for each in values if each is not None]))
        return known
    drawn = np.concatenate(
        [
            formed(_drawn(each, side), (name,), forms.of(side)).columns[name].present()
            for side, each in enumerate(looked)
        ]
    )
    low = min(each.low for each in profiles)
    high = max(each.high for each in profiles)
    return edges_of(drawn, low, high, max(2, min(MOST_EDGES, most)))


def _drawn(looked: LookedAt, side: int) -> Part:
    return Part(side=side, file=looked.kept.name, first_row=0, rows=looked.sample)


def _memberships(case: Case) -> tuple[tuple[str, ...], Sides[Memberships | None]]:
    """Return the segments' names, and for each file (segment columns, rows) their numbers."""
    columns = case.policy.segments
    if not columns:
        return (), (None, None)
    sides = tuple(
        np.zeros((len(columns), data.rows), dtype=np.int16)
        for data in (case.reference, case.candidate)
    )
    names: list[str] = []
    for place in range(len(columns)):
        one = replace(
            case, policy=case.policy.model_copy(update={"segments": columns[place : place + 1]})
        )
        for segment in segments_of(one):
            names.append(segment.name)
            sides[REFERENCE][place][segment.reference] = len(names)
            sides[CANDIDATE][place][segment.candidate] = len(names)
    return tuple(names), (sides[REFERENCE], sides[CANDIDATE])


def _drawn_rows(
    streaming: Streaming, forms: Forms, looked: Sides[LookedAt], kept: Aligned
) -> Streamed:
    """Return what there is beside the kept columns, before anything is counted."""
    reference, candidate = looked
    columns = kept.reference.columns, kept.candidate.columns
    before, after = (
        WholeColumns(
            table=streaming.tables[side],
            forms=forms.of(side),
            kept=columns[side],
            limits=streaming.limits,
        )
        for side in (REFERENCE, CANDIDATE)
    )
    return Streamed(
        counted=Counted(forms=forms),
        reference=_all_columns(reference, REFERENCE, forms),
        candidate=_all_columns(candidate, CANDIDATE, forms),
        reference_rows=reference.drawn,
        candidate_rows=candidate.drawn,
        whole=(before, after),
    )


def _all_columns(looked: LookedAt, side: int, forms: Forms) -> Dataset:
    form = forms.of(side)
    return formed(_drawn(looked, side), tuple(form.columns), form)
