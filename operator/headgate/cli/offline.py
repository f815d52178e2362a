"""The command line `headgate`: validation and statistics on files, without any cluster.

Its exit codes are 0, 1 and 2 for what a validation says (Pass, Fail, Inconclusive) and 3 where it
could not be run, so that a wrong argument must not end in argparse's own 2.
"""

import argparse
import importlib
import importlib.util
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, Never

from headgate.cli import stat
from headgate.jobs.validation.arithmetic import fix_arithmetic

COULD_NOT_RUN = 3
_VALIDATE = "headgate.cli.validate"
_INSTALL = "pip install 'headgate[jobs,server]'"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Never:
        self.exit(COULD_NOT_RUN, f"error: {message}; see `{self.prog} --help`\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code, 3 where it could not be run."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    fix_arithmetic()  # before anything imports numpy
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may have no letter for a name
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()  # here and not at exit, where a reader that left makes a traceback
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in {"", "headgate"}:
            raise  # a fault of the build, no library that a user could add
        print(f"error: {missing} is not installed: {_INSTALL}", file=sys.stderr)
        return COULD_NOT_RUN
    except BrokenPipeError:  # the reader, as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _run(arguments: list[str]) -> int:
    parser = _Parser(
        prog="headgate", description="Validate models and run statistical tests, on files."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    text = "run one statistical test on files and print its JSON"
    stat.add_arguments(commands.add_parser("stat", help=text, description=text))
    text = "run a ValidationPolicy on files: exit 0 Pass, 1 Fail, 2 Inconclusive, 3 could not run"
    validate = commands.add_parser("validate", help=text, description=text)
    if arguments[:1] != ["validate"]:
        options = parser.parse_args(arguments)
        return stat.run(options)
    # what it imports takes a second, which the other commands are spared
    module: Any = _validate_module()
    if module is None:
        print("error: `validate` is not in this build of headgate", file=sys.stderr)
        return COULD_NOT_RUN
    module.add_arguments(validate)
    return int(module.run(parser.parse_args(arguments)))


def _validate_module() -> Any:
    if importlib.util.find_spec(_VALIDATE) is None:
        return None
    return importlib.import_module(_VALIDATE)


if __name__ == "__main__":
    sys.exit(main())
