"""Attributions of both files, compared like any other columns of numbers."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, Floats
from headgate.jobs.validation.explain.attributions import Attributions
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite import drift
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.explanations.attribution_sums import CHECK, Part
from headgate.validation.check_types import DriftCheck, ExplanationsCheck


def as_case(case: Case, before: Part, now: Part) -> Case:
    """Return a case whose columns are attributions, beside those of the policy's design.

    A feature's column is its attribution; for several classes the sum of its absolute ones, which
    sees by how much it moves a row, and not which way. Differences within the rounding of the
    parts' sums are taken out: on such a grid, what a model does not use is 0 in every row. Rows
    are drawn of each file by itself, so they count as unpaired, which errs on the safe side.
    """
    grid = max(before.found.rounding, now.found.rounding)
    design = case.policy.design.model_copy(update={"pairs": None})
    changes = {"target": None, "predictions": None, "design": design}
    return replace(
        case,
        policy=case.policy.model_copy(update=changes),
        reference=_dataset(case, before, grid),
        candidate=_dataset(case, now, grid),
        target=None,
        reference_target=None,
        answers=None,
        reference_answers=None,
        stable_answers=None,
        model=None,
    )


def drift_of(
    attributions: Case,
    spec: ExplanationsCheck,
    parts: tuple[Part, Part],
    *,
    seed: int,
    note: str,
) -> Iterator[Measurement]:
    """Yield a measurement per feature, by the tests and in the unit of the check `drift`."""
    before, now = (part.found.magnitudes.mean(axis=0) for part in parts)
    importances = {
        column_name(feature): _importance(before, now, place)
        for place, feature in enumerate(parts[0].found.features)
    }
    asked = DriftCheck(min_effect=spec.min_effect)
    for measured in drift.measure(attributions, asked, seed=seed):
        more = [importances.get(measured.subject, "")]
        if measured.needed_n is not None or measured.fact is Verdict.INCONCLUSIVE:
            more.append(note)
        told = "; ".join(part for part in (measured.message, *more) if part)
        yield replace(measured, check=CHECK, message=told)


def column_name(feature: str) -> str:
    """Return what a feature's attributions are called in findings."""
    return f"attributions of {feature}"


def _dataset(case: Case, part: Part, grid: float) -> Dataset:
    design = case.policy.design
    columns = {
        name: part.rows.columns[name] for name in (design.clusters, design.time) if name is not None
    }
    values = _per_feature(part.found)
    for place, feature in enumerate(part.found.features):
        name = column_name(feature)
        columns[name] = Column(
            name=name,
            kind=ColumnKind.NUMERIC,
            values=np.round(values[:, place] / grid) * grid,
            missing=np.zeros(len(values), dtype=np.bool_),
        )
    return Dataset(name=part.rows.name, columns=columns, rows=part.rows.rows)


def _per_feature(found: Attributions) -> Floats:
    """Return (n, features): one output's attributions, or the magnitudes of several."""
    if found.values.shape[2] == 1:
        single: Floats = found.values[:, :, 0]
        return single
    return found.magnitudes


def _importance(before: Floats, now: Floats, place: int) -> str:
    if before[place] == now[place] == 0:
        return "the model makes nothing of it in any explained row"
    share = now[place] / (float(now.sum()) or 1.0)
    return (
        f"moves an answer by {before[place]:.3g} on average before, {now[place]:.3g} now, which is"
        f" {share:.2%} of all that moves it"
    )
