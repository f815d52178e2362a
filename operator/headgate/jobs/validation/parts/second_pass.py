"""The second reading of all rows: counts in cells, hashes, and the models' answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Dataset, Floats
from headgate.jobs.validation.data.row_hashes import Hashes, row_hashes
from headgate.jobs.validation.parts.carried_model import CarriedModel
from headgate.jobs.validation.parts.forms import formed
from headgate.jobs.validation.parts.part import Part
from headgate.jobs.validation.parts.tally import ColumnTally, Ranges, tally_of
from headgate.jobs.validation.parts.target_pairs import TargetPairs, pairs_of


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What was found in a part."""

    columns: Mapping[str, ColumnTally]
    pairs: Mapping[str, TargetPairs]
    """Empty where the rows' target is not known."""
    hashes: Hashes | None
    """(n,) of the rows; None where nothing asks for them."""
    answers: Mapping[str, Answers]
    """To n rows, by the name of the model."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """The work on each part of one file."""

    forms: Dataset
    """The file's, see `Forms`."""
    columns: tuple[str, ...]
    """Those that are counted."""
    edges: Mapping[str, Floats]
    """Of the cells, for columns of numbers and of lengths of texts."""
    groups: int
    """All rows, and each segment."""
    hashed: tuple[str, ...] = ()
    """The columns that make two rows the same; empty: rows are not held against each other."""
    known: Mapping[str, Ranges] = field(default_factory=dict)
    """The reference's ranges, for the candidate."""
    models: Mapping[str, CarriedModel] = field(default_factory=dict)

    def __call__(self, part: Part) -> Counts:
        """Count a part; ModelError naming the row that a model has no answer to."""
        rows = formed(part, self.read_columns, self.forms)
        target = part.target
        return Counts(
            columns={
                name: tally_of(
                    rows.columns[name],
                    self.edges.get(name),
                    part.memberships,
                    self.groups,
                    self.known.get(name),
                )
                for name in self.columns
            },
            pairs={}
            if target is None
            else {name: pairs_of(rows.columns[name], target) for name in self.columns},
            hashes=row_hashes(rows, self.hashed) if self.hashed else None,
            answers={name: each.model.answer(rows) for name, each in self.models.items()},
        )

    @property
    def read_columns(self) -> tuple[str, ...]:
        """The file's columns that the work needs."""
        asked = [*self.columns, *self.hashed]
        for each in self.models.values():
            asked += each.model.inputs
        return tuple(name for name in dict.fromkeys(asked) if name in self.forms.columns)
