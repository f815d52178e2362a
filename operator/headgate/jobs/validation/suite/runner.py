"""Put a policy's checks to a case: for all rows, then per segment, all under one error rate."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.finding import Measurement, Outcome, Verdict
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.rows.segments import LEAST_ROWS, Segment, segments_of
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.verdict import judge
from headgate.validation.check_types import Check

type Progress = Callable[[int, int, str], None]
"""Called with the steps done, all steps, and what comes next."""

PACKAGE = "headgate.jobs.validation.suite"
WHOLE_ONLY = frozenset({"fairness", "explanations"})
"""Checks of all rows: groups and attributions are compared across them."""

BY_COUNTS = {"drift": "drift.by_counts", "quality": "quality.by_counts"}
"""Modules of the checks that are done by counts where the files' rows are not in memory."""
BY_SAMPLE = frozenset({"stability", "explanations"})
"""Checks of a sample in any case: there, of rows that have all columns."""


def run(case: Case, *, progress: Progress) -> Outcome:
    """Return what the policy's checks found and what it amounts to.

    Raises DataError, with its kinds, where policy and data do not fit each other. What this data
    is too little for is Inconclusive, and said.
    """
    cases: list[tuple[Case, str]] = [(case, "")]
    for segment in segments_of(case):
        small = _too_small(segment)
        inner = case.restricted(segment.name, segment.reference, segment.candidate)
        cases.append((inner, small))
    asked = [
        (index, check, each, small)
        for each, small in cases
        for index, check in enumerate(case.policy.checks)
        if not (each.segment and check.name in WHOLE_ONLY)
    ]
    measurements: list[Measurement] = []
    explained: list[Explained] = []
    for done, (index, check, each, small) in enumerate(asked):
        progress(done, len(asked), f"{check.name} {each.segment}".rstrip())
        for found in _measured(each, check, index, small):
            if isinstance(found, Explained):
                explained.append(found)
            else:
                measurements.append(found)
    progress(len(asked), len(asked), "verdict")
    policy = case.policy
    outcome = judge(measurements, alpha=policy.alpha, error_control=policy.error_control.value)
    notes = (*outcome.notes, *(each.sentence() for each in explained))
    return replace(outcome, notes=notes, explained=tuple(explained))


def _measured(
    case: Case, check: Check, index: int, too_small: str
) -> Iterator[Measurement | Explained]:
    if too_small:
        yield _undecided(case, check, too_small)
        return
    module, seen = check.name, case
    if case.streamed is not None:
        module = BY_COUNTS.get(check.name, check.name)
        seen = case.with_all_columns if check.name in BY_SAMPLE else case
    measure = importlib.import_module(f"{PACKAGE}.{module}").measure
    spec: Any = getattr(check, check.name)
    try:
        yield from measure(seen, spec, seed=_seed(case, index))
    except UntestableError as error:
        yield _undecided(case, check, str(error))


def _seed(case: Case, index: int) -> int:
    """Return a check's own seed: another check or segment changes nothing about its draws."""
    words = [case.seed, index, *case.segment.encode()]
    return int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _too_small(segment: Segment) -> str:
    rows = segment.rows
    if min(rows) >= LEAST_ROWS:
        return ""
    return f"{rows[0]} and {rows[1]} rows: {LEAST_ROWS} of each are the least to say anything"


def _undecided(case: Case, check: Check, message: str) -> Measurement:
    return Measurement(
        check=check.name,
        subject="rows",
        segment=case.segment,
        test="none",
        why="the data is too little, or not of the kind, for this check",
        n=(case.reference.rows, case.candidate.rows),
        fact=Verdict.INCONCLUSIVE,
        message=message,
    )
