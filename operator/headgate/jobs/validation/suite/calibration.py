"""Whether predicted probabilities are the frequencies that are seen."""

import math
from collections.abc import Iterator

import numpy as np

from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.bounds.threshold import needed_rows
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.rows.answered import Answered, answered_rows
from headgate.jobs.validation.suite.rows.groups import Groups, groups_of
from headgate.jobs.validation.tests.calibration.calibration_error import calibration_error
from headgate.validation.check_types import CalibrationCheck

CHECK = "calibration"
_LEAST = 20
_BINARY = 2


def measure(case: Case, spec: CalibrationCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the expected calibration error: of the last of two classes, or of the top one of more.

    Raises PolicyMismatchError for regressions. Answers without scores leave it undecided, and say
    which field to set. Rows without a target are left out and counted.
    """
    if case.task is not Task.CLASSIFICATION:
        raise PolicyMismatchError(
            f"{path_of(case, spec)}: is for classifications, and the target is a regression's: use"
            " residuals, or set spec.task: Classification"
        )
    rows = answered_rows(case, spec)
    if rows.answers.scores is None:
        yield _undecided(
            case,
            rows,
            "the answers come without scores: set spec.predictions.scores to the columns of"
            " probabilities, or give a model with predict_proba",
        )
        return
    groups = groups_of(case, rows.rows)
    if groups.count < _LEAST:
        message = f"{groups.count} {groups.what} with a target and scores; {_LEAST} are needed"
        yield _undecided(case, rows, message)
        return
    yield _measured(case, spec, rows, groups, seed)


def _measured(
    case: Case, spec: CalibrationCheck, rows: Answered, groups: Groups, seed: int
) -> Measurement:
    hit, score, subject = _held_against(case, rows)
    level = 1 - case.policy.alpha
    found = calibration_error(hit, score, groups, bins=spec.bins, level=level, seed=seed)
    told = (
        f"{found.plain:.4g} with the noise in it, {found.value:.4g} without",
        _information(hit, score),
        rows.note,
    )
    return Measurement(
        check=CHECK,
        subject=subject,
        segment=case.segment,
        test="ece",
        why=f"{found.bins} bins of equal counts, the noise of {groups.what} taken out",
        would_change="design.clusters or design.time: the error would be that of clusters or blocks"
        if groups.plain
        else "no design.clusters and design.time: rows would count as independent",
        n=(rows.n,),
        statistic=found.plain,
        pvalue=found.pvalue(spec.max_error),
        effect_name="expected calibration error",
        effect=found.value,
        interval=found.interval,
        bound=spec.max_error,
        needed_n=needed_rows(rows.n, found.value, found.interval, spec.max_error),
        message="; ".join(part for part in told if part),
    )


def _held_against(case: Case, rows: Answered) -> tuple[Floats, Floats, str]:
    """Return (n,) hits of 0 or 1, (n,) their probabilities, and whose they are."""
    scores = rows.answers.scores
    assert scores is not None  # noqa: S101 - asked by the caller
    if len(case.classes) == _BINARY:
        return (rows.target == 1).astype(np.float64), scores[:, 1], case.classes[1]
    top = scores.argmax(axis=1)
    hit = (rows.target == top).astype(np.float64)
    return hit, scores[np.arange(len(top)), top], "the likeliest class"


def _information(hit: Floats, score: Floats) -> str:
    """Return the Brier score, and Spiegelhalter's test of it: information, no verdict hangs on it.

    Spiegelhalter 1986, Statistics in Medicine 5, 421.
    """
    from scipy.special import ndtr

    brier = float(((hit - score) ** 2).mean())
    text = f"for information, Brier score {brier:.4g}"
    variance = float((((1 - 2 * score) ** 2) * score * (1 - score)).sum())
    if variance <= 0:
        return text
    z = float(((hit - score) * (1 - 2 * score)).sum()) / math.sqrt(variance)
    return f"{text}, Spiegelhalter z {z:.3g}, p {2 * float(ndtr(-abs(z))):.3g}"


def _undecided(case: Case, rows: Answered, message: str) -> Measurement:
    return Measurement(
        check=CHECK,
        subject="scores",
        segment=case.segment,
        test="ece",
        why="it cannot be computed on these rows",
        n=(rows.n,),
        fact=Verdict.INCONCLUSIVE,
        message="; ".join(part for part in (message, rows.note) if part),
    )
