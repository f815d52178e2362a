"""The answers that a case's checks are about: of models that are run, or of columns of the data."""

from dataclasses import replace

from headgate.jobs.validation.data.answers import Answers, ModelError
from headgate.jobs.validation.data.model_source import ModelSource
from headgate.jobs.validation.data.predictions import column_answers
from headgate.jobs.validation.data.target import read_target
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.parts.carried_model import CarriedModel, Loading, carried
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError


def answered(case: Case, model: ModelSource | None, stable: ModelSource | None) -> Case:
    """Return the case, its rows all in memory, with the answers that the policy says how to get.

    Raises PolicyMismatchError where the policy wants a model that is not given; ModelError where a
    model cannot be loaded, or has no answer to a row.
    """
    predictions = case.policy.predictions
    if predictions is None:
        return case
    if predictions.column is not None:
        return answered_by_column(case)
    case, carried_model = with_model(case, model)
    loaded = carried_model.model
    case = replace(case, answers=loaded.answer(case.candidate))
    if set(loaded.inputs) <= set(case.reference.columns):
        case = replace(case, reference_answers=loaded.answer(case.reference))
    if stable is None:
        return case
    return replace(case, stable_answers=load(case, stable).model.answer(case.candidate))


def with_model(case: Case, source: ModelSource | None) -> tuple[Case, CarriedModel]:
    """Return the case with the version's model, and the model; it has not been asked yet.

    Raises PolicyMismatchError where none is given.
    """
    if source is None:
        raise PolicyMismatchError(
            "spec.predictions: from: Model runs the model, and none was given: name its file, or"
            " set spec.predictions.column to a column that holds its answers"
        )
    found = load(case, source)
    case = replace(case, model=found.model)
    if case.task is None:  # no target: the answers are of whatever the model knows
        case = replace(case, task=found.model.task, classes=found.model.classes)
    return case, found


def load(case: Case, source: ModelSource) -> CarriedModel:
    """Return a model for the case's task, classes and columns; raises ModelError."""
    if not source.path.exists():
        raise ModelError(f"{source.path}: there is no such file or folder")
    return carried(
        Loading(
            path=source.path,
            format_name=source.format_name,
            allow_pickle=source.allow_pickle,
            task=case.task,
            classes=case.classes,
            features=case.by_form.feature_names(),
        )
    )


def answered_by_column(case: Case) -> Case:
    """Return the case with the answers that stand in columns of the data; raises DataError."""
    predictions = case.policy.predictions
    assert predictions is not None  # noqa: S101 - asked by the caller
    assert predictions.column is not None  # noqa: S101
    if case.task is None:
        # no target: the answers say themselves whether they are classes, and which
        by_answers = case.policy.model_copy(update={"target": predictions.column})
        told = read_target(case.reference, case.candidate, by_answers)
        case = replace(case, task=told.task, classes=told.classes)
    task = case.task or Task.CLASSIFICATION
    answers = column_answers(case.candidate, predictions, case.classes, task)
    before: Answers | None = None
    if {predictions.column, *predictions.scores} <= set(case.reference.columns):
        before = column_answers(case.reference, predictions, case.classes, task)
    return replace(case, answers=answers, reference_answers=before)
