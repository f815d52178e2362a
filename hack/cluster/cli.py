"""Reads the command line and hands each command to the module that does it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hack.cluster.apiserver import StandaloneApiServer
from hack.cluster.binary import node_binaries
from hack.cluster.errors import ClusterError
from hack.cluster.images import build_images
from hack.cluster.layout import clone_layout
from hack.cluster.modes import Mode, chosen_mode, cluster_of, engine_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; failures become one message on stderr and exit code 1."""
    options = _parser().parse_args(arguments)
    try:
        healthy = _run(options)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the next `make cluster-up` cleans up", file=sys.stderr)
        return 130
    return 0 if healthy else 1


def _run(options: argparse.Namespace) -> bool:
    if options.command == "apiserver-up":
        server = StandaloneApiServer(options.dir)
        server.up(owner=options.owner, controllers=options.controllers)
        print(server.kubeconfig, flush=True)
        return True
    if options.command == "apiserver-down":
        StandaloneApiServer(options.dir).down(purge=options.purge)
        return True
    if options.command == "build":
        print(node_binaries().node, flush=True)
        return True
    mode = chosen_mode(options.mode)
    if options.command == "images":
        build_images(clone_layout(), engine_of(mode))
        return True
    cluster = cluster_of(mode)
    if options.command == "status":
        return cluster.status()
    if options.command == "up":
        cluster.up()
    elif options.command == "down":
        cluster.down()
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cluster.py", description="A real cluster to test on.")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], help="default: $CLUSTER")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="bring up the cluster, or leave a healthy one alone")
    commands.add_parser("down", help="end the cluster and everything that belongs to it")
    commands.add_parser("status", help="tell what runs and what is wrong")
    commands.add_parser("images", help="build the images and load them into the cluster")
    commands.add_parser("build", help="compile the cluster's components, and print where they are")
    _add_apiserver_commands(commands)
    return parser


def _add_apiserver_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    up = commands.add_parser("apiserver-up", help="start an API server without nodes")
    up.add_argument("--dir", type=Path, required=True, help="its data, logs and kubeconfig")
    up.add_argument("--owner", type=int, default=0, help="end when the process with this id does")
    up.add_argument("--controllers", action="store_true", help="run the controllers as well")
    down = commands.add_parser("apiserver-down", help="end it")
    down.add_argument("--dir", type=Path, required=True)
    down.add_argument("--purge", action="store_true", help="delete its data too")
