"""The command line of `kubectl headgate`: kubectl finds it by the name of its entry point."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live

from headgate.cli.cluster import ClusterError, Models, Runs
from headgate.cli.requests import RequestError, ask, unique_value, version_meant
from headgate.cli.runs import approve, save_report
from headgate.cli.tree import render_model

WATCH_SECONDS = 1.0
VERBS = {
    "promote": "go past the pause that the rollout waits at",
    "abort": "take the version on trial back, and reject it",
    "retry": "let a rejected version be tried again",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it was done, 1 when it was refused or could not be done."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        if options.command in {"report", "approve"}:
            return _about_run(console, options)
        models = Models(options.kubeconfig, options.context, options.namespace)
        if options.command == "status":
            return _status(console, models, options.model, watch=options.watch)
        return _request(console, models, options)
    except (ClusterError, RequestError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _status(console: Console, models: Models, name: str, *, watch: bool) -> int:
    if not watch:
        console.print(render_model(models.get(name)))
        return 0
    with Live(render_model(models.get(name)), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(WATCH_SECONDS)
            live.update(render_model(models.get(name)), refresh=True)


def _about_run(console: Console, options: argparse.Namespace) -> int:
    runs = Runs(options.kubeconfig, options.context, options.namespace)
    if options.command == "report":
        console.print(save_report(runs, options.run, options.out), markup=False)
    else:
        done = approve(runs, options.run, options.by, options.why, seconds=options.timeout)
        console.print(done, markup=False)
    return 0


def _request(console: Console, models: Models, options: argparse.Namespace) -> int:
    verb = options.command
    version = version_meant(verb, models.get(options.model), options.version)
    if verb == "promote" and options.full:
        verb = "promote-full"
    request = unique_value(verb, version, time.time_ns())
    console.print(ask(models, options.model, request, options.timeout), markup=False)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kubectl headgate", description="Steer and watch rollouts and validations."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for verb, text in VERBS.items():
        command = commands.add_parser(verb, help=text, description=text)
        _add_target(command)
        command.add_argument("--version", help="the ModelVersion meant; default: the obvious one")
        command.add_argument(
            "--timeout", type=float, default=30.0, help="seconds to wait for the answer"
        )
        if verb == "promote":
            command.add_argument("--full", action="store_true", help="skip all remaining steps")
    status = commands.add_parser("status", help="show who serves, and how the rollout goes")
    _add_target(status)
    status.add_argument("-w", "--watch", action="store_true", help="go on showing it")
    _add_run_commands(commands)
    return parser


def _add_run_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "fetch the report of a ValidationRun, and check it against the digest in its status"
    report = commands.add_parser("report", help=text, description=text)
    _add_target(report, "run", "ValidationRun")
    report.add_argument(
        "-o", "--out", type=Path, default=Path(), metavar="DIR", help="where; default: here"
    )
    text = "let a version through whose data was too little to decide"
    approval = commands.add_parser("approve", help=text, description=text)
    _add_target(approval, "run", "ValidationRun")
    approval.add_argument("--by", required=True, metavar="NAME", help="who takes the decision")
    approval.add_argument("--why", default="", metavar="TEXT", help="why, for whoever asks later")
    approval.add_argument(
        "--timeout", type=float, default=30.0, help="seconds to wait until it is recorded"
    )


def _add_target(
    command: argparse.ArgumentParser, argument: str = "model", kind: str = "Model"
) -> None:
    command.add_argument(argument, metavar=argument.upper(), help=f"name of the {kind}")
    command.add_argument("-n", "--namespace", help="its namespace; default: the context's")
    command.add_argument("--context", help="context of the kubeconfig")
    command.add_argument("--kubeconfig", help="path of the kubeconfig")
