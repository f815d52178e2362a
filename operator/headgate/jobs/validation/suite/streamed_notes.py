"""What a report says of files that were read part by part."""

from headgate.jobs.validation.parts.profile import MOST_VALUES
from headgate.jobs.validation.suite.case import Case


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
