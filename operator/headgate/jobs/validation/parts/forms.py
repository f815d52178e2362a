"""The kinds and categories of both files' columns, and parts of rows brought to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headgate.jobs.validation.data.align import align_categories, all_missing_like
from headgate.jobs.validation.data.arrow_columns import column_of
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.parts.part import CANDIDATE, REFERENCE, Part
from headgate.jobs.validation.parts.profile import Profile


@dataclass(frozen=True, kw_only=True)
class Forms:
    """Datasets that stand for both files: their rows' number, columns, kinds and categories.

    Their columns hold a few values that show the kind, not the rows.
    """

    reference: Dataset
    candidate: Dataset

    def of(self, side: int) -> Dataset:
        """Return that of one file."""
        return self.reference if side == REFERENCE else self.candidate

    @property
    def shared(self) -> tuple[str, ...]:
        """The columns that both files have as one kind, in the reference's order."""
        theirs = self.candidate.columns
        return tuple(
            name
            for name, column in self.reference.columns.items()
            if name in theirs and theirs[name].kind is column.kind
        )


def forms_of(
    names: tuple[str, str], profiles: tuple[Mapping[str, Profile], Mapping[str, Profile]]
) -> Forms:
    """Return the forms of two files, by their names for messages and their columns' profiles."""
    sides = [
        Dataset(
            name=names[side],
            columns={name: each.form(name) for name, each in profiles[side].items()},
            rows=max(each.rows for each in profiles[side].values()),
        )
        for side in (REFERENCE, CANDIDATE)
    ]
    aligned = align_categories(*sides)
    return Forms(reference=aligned.reference, candidate=aligned.candidate)


def formed(part: Part, names: Sequence[str], forms: Dataset) -> Dataset:
    """Return columns of a part as the whole file has them: one kind, the same categories."""
    import pyarrow as pa

    columns = {}
    for name in names:
        array = part.column(name)
        declared = pa.types.is_dictionary(array.type)
        column = column_of(name, array, part.file, declared=declared, first_row=part.first_row)
        empty = column.missing.all()
        columns[name] = all_missing_like(column, forms.columns[name]) if empty else column
    read = Dataset(
        name=part.file, columns=columns, rows=part.rows.num_rows, first_row=part.first_row
    )
    wanted = Dataset(name=forms.name, columns={name: forms.columns[name] for name in names}, rows=0)
    return align_categories(wanted, read).candidate
