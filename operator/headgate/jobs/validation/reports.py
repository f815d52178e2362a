"""Both reports of a result: what the Job hands back and the command line writes."""

import warnings
from collections.abc import Mapping
from typing import Any

from headgate.jobs.validation.report.explanation_figures import explanation_figures
from headgate.jobs.validation.report.figures import figures_of
from headgate.jobs.validation.report.html_report import html_report
from headgate.jobs.validation.report.json_report import report_json
from headgate.jobs.validation.run import Result
from headgate.jobs.validation.suite.case import Case


def reports_of(result: Result, plan: Mapping[str, Any]) -> dict[str, bytes]:
    """Return report.json and report.html, as `json` and `html`."""
    with warnings.catch_warnings():
        # of letters that its font lacks, and of names too long for a picture: no fault of a run
        warnings.simplefilter("ignore", UserWarning)
        figures = (
            *figures_of(result.case, result.outcome),
            *explanation_figures(result.outcome.explained),
        )
    return {
        "json": report_json(plan, result.outcome, facts_of(result.case)),
        "html": html_report(plan, result.outcome, figures),
    }


def facts_of(case: Case) -> dict[str, Any]:
    """Return what else belongs to a case: its rows, and what its target is taken for."""
    return {
        "rows": {"reference": case.reference.rows, "candidate": case.candidate.rows},
        "task": None if case.task is None else case.task.value,
        "classes": list(case.classes),
        "runtime": None if case.model is None else case.model.runtime,
        "comparedWithStable": case.stable_answers is not None,
    }
