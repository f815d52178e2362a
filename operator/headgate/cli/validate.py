"""`headgate validate`: a ValidationPolicy on files, by the same code as the Job's."""

import argparse
import importlib.metadata
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.cli.recorded_plan import (
    RecordedPlanError,
    check_inputs,
    check_versions,
    read_recorded_plan,
)
from headgate.core.conditions import printable
from headgate.modelversion.types import ExplainMethod
from headgate.validation.accept import policy_problems
from headgate.validation.jobs_image import NAMED
from headgate.validation.plan import PlanError, canonical, plan_of, policy_in
from headgate.validation.policy_types import ValidationPolicySpec

if TYPE_CHECKING:  # what jobs needs may not be installed
    from headgate.jobs.validation.run import Progress, Result

COULD_NOT_RUN = 3
EXIT_CODES = {"Pass": 0, "Fail": 1, "Inconclusive": 2}
COLOURS = {"Pass": "green", "Fail": "red", "Inconclusive": "yellow"}
SENTENCES = {
    "Pass": "all {total} checks passed",
    "Fail": "{failed} of {total} checks failed, {inconclusive} had too little data to decide",
    "Inconclusive": "{inconclusive} of {total} checks had too little data to decide, none failed",
}
KIND = "ValidationPolicy"
API_VERSION = "headgate.dev/v1alpha1"
_MOST_POLICY = 1024 * 1024
_SHOWN = 20


class CannotRunError(Exception):
    """There is no verdict; the message is one line a problem."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "policy", type=Path, metavar="POLICY.yaml", nargs="?", help="a ValidationPolicy"
    )
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="instead of a policy: a report.json or plan.json, whose plan is carried out again",
    )
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        required=True,
        help="as before: parquet, CSV, or a folder of parquet",
    )
    parser.add_argument(
        "--candidate",
        type=Path,
        metavar="FILE",
        required=True,
        help="as now: parquet, CSV, or a folder of parquet",
    )
    parser.add_argument(
        "--model", type=Path, metavar="PATH", help="the version's model: file, folder or archive"
    )
    parser.add_argument(
        "--stable", type=Path, metavar="PATH", help="the model that serves, to compare with"
    )
    parser.add_argument(
        "--first",
        action="store_true",
        help="no version serves yet: what a policy asks beside the stable one passes",
    )
    parser.add_argument(
        "--allow-pickle",
        action="store_true",
        help="also load joblib and pickle files: loading one runs the code that it holds",
    )
    parser.add_argument(
        "--explain",
        choices=[each.value.lower() for each in ExplainMethod if each is not ExplainMethod.NONE],
        help="how the check explanations computes attributions, as a version's"
        " spec.explainability.method; auto",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="where plan and reports go"
    )


def run(args: argparse.Namespace) -> int:
    """Validate; 0 Pass, 1 Fail, 2 Inconclusive, 3 with a line on stderr where there is none."""
    from headgate.jobs.validation.data.dataset import DataError
    from headgate.jobs.validation.tests.result import UntestableError

    try:
        return _validated(args)
    except (CannotRunError, DataError, UntestableError) as error:
        for line in str(error).splitlines() or [""]:
            print(f"error: {printable(line)}", file=sys.stderr)
    except MemoryError:
        print("error: out of memory: take a sample of the rows", file=sys.stderr)
    except ModuleNotFoundError:
        raise  # the caller says what to install
    except Exception:  # noqa: BLE001 - a fault of ours must not end in 1, which says Fail
        traceback.print_exc()
        print("error: headgate itself failed, see above: please report it", file=sys.stderr)
    return COULD_NOT_RUN


def _validated(args: argparse.Namespace) -> int:
    if (args.policy is None) is (args.plan is None):
        raise CannotRunError("give either POLICY.yaml or --plan FILE")
    plan = _recorded(args) if args.policy is None else _new_plan(args)
    _write(args.out, "plan.json", canonical(plan).encode())
    from headgate.jobs.validation.reports import reports_of
    from headgate.jobs.validation.run import ModelSource, validate

    def source(path: Path | None) -> ModelSource | None:
        return None if path is None else ModelSource(path=path, allow_pickle=args.allow_pickle)

    with _bar() as progress:
        result = validate(
            policy_in(plan),
            args.reference,
            args.candidate,
            model=source(args.model),
            stable=source(args.stable),
            plan=plan,
            progress=progress,
        )
    for kind, content in reports_of(result, plan).items():
        _write(args.out, f"report.{kind}", content)
    _show(result, args.out)
    return EXIT_CODES[result.outcome.verdict.value]


def read_policy(path: Path) -> ValidationPolicySpec:
    """Return the policy of a manifest; CannotRunError with a line for each of its problems."""
    import yaml

    try:
        if path.stat().st_size > _MOST_POLICY:
            raise CannotRunError(f"{path}: is larger than {_MOST_POLICY} bytes: not a policy")
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        told = " ".join(str(error).split())[:300]
        raise CannotRunError(f"{path}: is not one YAML document: {told}") from None
    if not isinstance(document, dict):
        raise CannotRunError(f"{path}: is not a manifest of a {KIND}")
    for field, expected in (("apiVersion", API_VERSION), ("kind", KIND)):
        if document.get(field) != expected:
            raise CannotRunError(
                f"{path}: {field}: is {document.get(field)!r}, and {expected} is read"
            )
    parsed = ValidationPolicySpec.parse(document.get("spec"))
    problems = policy_problems(parsed) if isinstance(parsed, ValidationPolicySpec) else parsed
    if problems or not isinstance(parsed, ValidationPolicySpec):
        raise CannotRunError("\n".join(f"{path}: {problem}" for problem in problems))
    return parsed


def _new_plan(args: argparse.Namespace) -> dict[str, Any]:
    policy = read_policy(args.policy)
    compared = [index for index, check in enumerate(policy.checks) if check.compares]
    if compared and args.stable is None and not args.first:
        raise CannotRunError(
            f"--stable: is missing, and spec.checks[{compared[0]}].performance compares with the"
            " stable version: name its model, or give --first where none serves yet"
        )
    return _plan(policy, args)


def _plan(policy: ValidationPolicySpec, args: argparse.Namespace) -> dict[str, Any]:
    from headgate.jobs.validation.data.read import refuse_oversized
    from headgate.jobs.validation.run import digest_of_input

    for path in (args.reference, args.candidate):
        refuse_oversized(path)  # what takes a minute to digest is not read anyway
    inputs = {name: digest_of_input(path) for name, path in _given(args).items()}
    explain = ExplainMethod((args.explain or ExplainMethod.AUTO.value).capitalize())
    return plan_of(policy, inputs, "", dict(_versions()), explain)


def _given(args: argparse.Namespace) -> dict[str, Path]:
    named = {name: getattr(args, name) for name in ("reference", "candidate", "model", "stable")}
    return {name: path for name, path in named.items() if path is not None}


def _recorded(args: argparse.Namespace) -> dict[str, Any]:
    """Return the plan of another run, held against what is here."""
    if args.explain is not None:
        raise CannotRunError("--explain: the plan says how answers are explained: leave it out")
    try:
        plan = read_recorded_plan(args.plan)
        check_versions(plan, dict(_versions()))
        check_inputs(plan, _given(args))
        policy_in(plan)
    except RecordedPlanError as error:
        raise CannotRunError(str(error)) from None
    except PlanError as error:
        raise CannotRunError(f"{args.plan}: {error}") from None
    return plan


def _versions() -> Iterator[tuple[str, str]]:
    for name in sorted(NAMED):
        with suppress(importlib.metadata.PackageNotFoundError):
            yield name, importlib.metadata.version(name)


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def _bar() -> Iterator["Progress"]:
    """Give what shows progress: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reads the data", total=None)
        yield lambda done, total, what: bar.update(
            task, completed=done, total=total, description=printable(what)
        )


def _show(result: "Result", out: Path) -> None:
    """Print the worst findings, and the verdict in a sentence."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from headgate.jobs.validation.verdict import counts_of, worst_first

    console, worst = Console(), worst_first(result.outcome)
    if worst:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for title in ("", "check", "about", "segment", "found"):
            table.add_column(title, overflow="fold")
        for finding in worst[:_SHOWN]:
            measured = finding.measured
            told = "; ".join(part for part in (finding.reason, measured.message) if part)
            cells = (measured.check, measured.subject, measured.segment, told)
            colour = COLOURS[finding.verdict.value]
            table.add_row(
                Text(finding.verdict.value, style=colour),
                *(Text(printable(cell)) for cell in cells),
            )
        console.print(table)
    if len(worst) > _SHOWN:
        console.print(f"and {len(worst) - _SHOWN} more, in the report", highlight=False)
    verdict, counts = result.outcome.verdict.value, counts_of(result.outcome)
    sentence = SENTENCES[verdict].format(**counts)
    line = Text.assemble((verdict, f"bold {COLOURS[verdict]}"), f": {sentence}; {out}/report.html")
    console.print(line, soft_wrap=True)
