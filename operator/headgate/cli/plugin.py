"""The command line of `kubectl headgate`: kubectl finds it by the name of its entry point."""

import argparse
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live

from headgate.cli.cluster import ClusterError, Models
from headgate.cli.requests import RequestError, ask, unique_value, version_meant
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
        prog="kubectl headgate", description="Steer and watch the rollouts of Models."
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
    return parser


def _add_target(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", metavar="MODEL", help="name of the Model")
    command.add_argument("-n", "--namespace", help="its namespace; default: the context's")
    command.add_argument("--context", help="context of the kubeconfig")
    command.add_argument("--kubeconfig", help="path of the kubeconfig")
