"""A case of files whose rows are not kept in memory: read twice, part by part.

First all columns are looked at, to know their kinds and categories as if they were in memory; what
checks need row by row is kept, and some rows with all columns are drawn. Then values are counted,
and the models asked, with all of that known. What comes out depends on the rows, never on how they
lie in files and parts, nor on what works on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.answering import answered_by_column, load, with_model
from headgate.jobs.validation.data.align import Aligned, align_categories
from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, Floats
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.model_source import ModelSource
from headgate.jobs.validation.data.names import chosen_columns, require_columns
from headgate.jobs.validation.data.parquet_batches import MOST_CELLS
from headgate.jobs.validation.data.parquet_table import ParquetTable
from headgate.jobs.validation.data.read import check_rows
from headgate.jobs.validation.data.target import read_target
from headgate.jobs.validation.parts.carried_model import CarriedModel
from headgate.jobs.validation.parts.counted import Counted
from headgate.jobs.validation.parts.drawn import Looks, drawn_rows, edges_by_column
from headgate.jobs.validation.parts.engine import Engine
from headgate.jobs.validation.parts.forms import Forms, forms_of
from headgate.jobs.validation.parts.part import CANDIDATE, REFERENCE
from headgate.jobs.validation.parts.reading import (
    FileParts,
    Progress,
    count_up,
    look_at,
)
from headgate.jobs.validation.parts.second_pass import Count
from headgate.jobs.validation.parts.whole_columns import WholeColumns
from headgate.jobs.validation.suite.case import Case, Streamed
from headgate.jobs.validation.suite.named_columns import check_named_columns, check_times
from headgate.jobs.validation.suite.rows.segment_numbers import segment_numbers
from headgate.modelversion.types import ExplainMethod
from headgate.validation.policy_types import ValidationPolicySpec

MODEL, STABLE = "model", "stable"
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
    check_times(policy, aligned.reference, aligned.candidate)
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
        streamed=_beside(streaming, forms, (reference, candidate), kept=aligned),
    )
    case, models = _with_models(case, streaming)
    return _counted(case, streaming, (reference, candidate), models)


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
    for data in (case.reference, case.candidate):
        streaming.limits.check_answers(data.name, data.rows, len(case.classes))
    asked = {MODEL: model}
    if streaming.stable is not None:
        asked[STABLE] = load(case, streaming.stable)
    for name in (name for each in asked.values() for name in each.model.inputs):
        require_columns(streaming.tables[CANDIDATE].column_names, (name,), case.candidate.name)
    knows = set(model.model.inputs) <= set(streaming.tables[REFERENCE].column_names)
    return case, ({MODEL: model} if knows else {}, asked)


def _beside(streaming: Streaming, forms: Forms, looks: Looks, kept: Aligned) -> Streamed:
    """Return what there is beside the kept columns, before anything is counted."""
    reference, candidate = looks
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
        reference=drawn_rows(reference, REFERENCE, forms),
        candidate=drawn_rows(candidate, CANDIDATE, forms),
        reference_rows=reference.drawn,
        candidate_rows=candidate.drawn,
        whole=(before, after),
    )


def _counted(
    case: Case,
    streaming: Streaming,
    looks: Looks,
    models: Sides[Mapping[str, CarriedModel]],
) -> Case:
    """Return the case with counts of columns and the models' answers."""
    streamed = case.streamed
    assert streamed is not None  # noqa: S101 - set by the caller
    forms, checks = streamed.counted.forms, {check.name for check in case.policy.checks}
    columns = _counted_columns(case, forms) if checks & {"drift", "quality"} else ()
    segments = segment_numbers(case)
    work = Count(
        forms=forms.reference,
        columns=columns,
        edges=edges_by_column(columns, segments.groups, forms, looks),
        groups=segments.groups,
        hashed=forms.shared if "quality" in checks else (),
        models=models[REFERENCE],
    )
    members = segments.memberships
    before = count_up(streaming.parts_of(REFERENCE), work, members[REFERENCE], None)
    known = {name: tally.ranges for name, tally in before.file.columns.items()}
    work = replace(work, forms=forms.candidate, known=known, models=models[CANDIDATE])
    told = case.target if "quality" in checks else None
    after = count_up(streaming.parts_of(CANDIDATE), work, members[CANDIDATE], told)
    found = Counted(
        forms=forms,
        edges=work.edges,
        files=(before.file, after.file),
        numbers={name: place + 1 for place, name in enumerate(segments.names)},
    )
    return replace(
        case,
        streamed=replace(streamed, counted=found),
        answers=after.answers.get(MODEL, case.answers),
        stable_answers=after.answers.get(STABLE, case.stable_answers),
        reference_answers=before.answers.get(MODEL, case.reference_answers),
    )


def _counted_columns(case: Case, forms: Forms) -> tuple[str, ...]:
    """Return the columns that drift or quality may ask for, of one kind in both files."""
    named = {
        name
        for check in case.policy.checks
        if check.drift is not None and check.drift.columns != "all"
        for name in check.drift.columns
    }
    wanted = named | set(case.by_form.feature_names())
    return tuple(name for name in forms.shared if name in wanted)
