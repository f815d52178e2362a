"""Which segments each row is in, by their numbers."""

from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.parts.part import Memberships
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.rows.segments import segments_of


@dataclass(frozen=True, kw_only=True)
class SegmentNumbers:
    """The segments of a case, numbered from 1: 0 is all rows."""

    names: tuple[str, ...]
    memberships: tuple[Memberships | None, Memberships | None]
    """(segment columns, rows) of the reference and of the candidate; None without segments."""

    @property
    def groups(self) -> int:
        """Count the segments, and all rows as one more."""
        return len(self.names) + 1


def segment_numbers(case: Case) -> SegmentNumbers:
    """Return the numbers of the case's segments; raises what `segments_of` raises."""
    columns = case.policy.segments
    if not columns:
        return SegmentNumbers(names=(), memberships=(None, None))
    reference, candidate = (
        np.zeros((len(columns), data.rows), dtype=np.int16)
        for data in (case.reference, case.candidate)
    )
    names: list[str] = []
    for place in range(len(columns)):
        only = case.policy.model_copy(update={"segments": columns[place : place + 1]})
        for segment in segments_of(replace(case, policy=only)):
            names.append(segment.name)
            reference[place][segment.reference] = len(names)
            candidate[place][segment.candidate] = len(names)
    return SegmentNumbers(names=tuple(names), memberships=(reference, candidate))
