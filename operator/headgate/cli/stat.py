"""`headgate stat`: one test on files, so that anyone can hold its numbers against R's."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.cli.stat_input import (
    InputError,
    Numbers,
    counts_of,
    read_labels,
    read_numbers,
    read_table,
)
from headgate.cli.stat_options import option_defaults, read_options

if TYPE_CHECKING:  # what jobs needs may not be installed
    from headgate.jobs.validation.tests.catalogue import StatTest, Takes

COULD_NOT_RUN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="the test, as --list names it")
    parser.add_argument(
        "--list", action="store_true", help="name all tests: purpose, assumptions, source"
    )
    parser.add_argument("--x", type=Path, metavar="FILE", help="numbers: text in columns, or CSV")
    parser.add_argument("--y", type=Path, metavar="FILE", help="the second sample, or the groups")
    parser.add_argument(
        "--table", metavar="COUNTS", help="a,b,c,d (2 x 2, row by row) or rows as 'a,b,c;d,e,f'"
    )
    parser.add_argument(
        "--set",
        metavar="OPTION=VALUE",
        action="append",
        default=[],
        help="an option of the test, as alpha=0.01, seed=1, margin=0.5",
    )


def run(options: argparse.Namespace) -> int:
    """Print a test's JSON or the list; 0, or 3 with one line on stderr where that cannot be."""
    from headgate.jobs.validation.tests.registry import UnknownTestError, all_tests
    from headgate.jobs.validation.tests.result import UntestableError

    try:
        if options.list:
            for test in all_tests().values():
                print(_described(test))
        else:
            print(_answer(options))
    except (InputError, UnknownTestError) as error:
        return _refused(str(error))
    except UntestableError as error:
        given = [str(path) for path in (options.x, options.y) if path is not None]
        return _refused(f"{', '.join(given) or '--table'}: {error}")
    return 0


def _answer(options: argparse.Namespace) -> str:
    from headgate.jobs.validation.tests.registry import find_test

    if options.name is None:
        raise InputError("name a test; `headgate stat --list` names all")
    test = find_test(options.name)
    values = read_options(test.name, test.run, options.set)
    result = test.run(*_arrays(test, options), **values)
    return json.dumps(result.as_json(), sort_keys=True, indent=2)


def _refused(message: str) -> int:
    one_line = message.replace("\r", "\\r").replace("\n", "\\n")  # names of files may hold them
    print(f"error: {one_line}", file=sys.stderr)
    return COULD_NOT_RUN


def _described(test: "StatTest") -> str:
    options = ", ".join(option_defaults(test.run))
    takes = f"{test.takes}; options: {options}" if options else str(test.takes)
    return "\t".join((test.name, test.purpose, f"{test.assumptions} (takes {takes})", test.source))


def _arrays(test: "StatTest", options: argparse.Namespace) -> tuple[Any, ...]:
    """Return what the test's function takes, read from the files or the table."""
    import numpy as np

    from headgate.jobs.validation.tests.catalogue import Takes

    takes = test.takes
    alone = takes in {Takes.SAMPLE, Takes.TABLE, Takes.PVALUES}
    if options.table is not None:
        if takes is not Takes.TABLE:
            raise InputError(f"--table: {test.name} takes {takes}, no counts; give --x FILE")
        if options.x is not None or options.y is not None:
            raise InputError("--table: give either a table or files")
        return (np.array(read_table(options.table), dtype=np.int64),)
    _check_files(test.name, takes, options, alone=alone)
    x = read_numbers(options.x)
    if takes is Takes.TABLE:
        return (np.array(counts_of(x), dtype=np.int64),)
    if alone:
        return (_shaped(test.name, x),)
    if takes is Takes.GROUPS:
        return _shaped(test.name, x), np.array(read_labels(options.y, x.rows), dtype=np.str_)
    y = read_numbers(options.y)
    _check_shapes(test.name, takes, x, y)
    wide_x = takes in {Takes.MATRICES, Takes.FOLDS}
    wide_y = wide_x or takes in {Takes.LABELS_AND_SCORES, Takes.RESIDUALS_AND_REGRESSORS}
    return _shaped(test.name, x, wide=wide_x), _shaped(
        test.name, y, wide=wide_y, keep=wide_x or takes is Takes.RESIDUALS_AND_REGRESSORS
    )


def _check_files(name: str, takes: "Takes", options: argparse.Namespace, *, alone: bool) -> None:
    if options.x is None:
        wanted = "--x FILE" if alone else "--x FILE and --y FILE"
        raise InputError(f"{name} takes {takes}: give {wanted}")
    if alone and options.y is not None:
        raise InputError(f"{name} takes {takes}: leave out --y")
    if not alone and options.y is None:
        raise InputError(f"{name} takes {takes}: give --y FILE too")


def _check_shapes(name: str, takes: "Takes", x: Numbers, y: Numbers) -> None:
    from headgate.jobs.validation.tests.catalogue import Takes as Kinds

    if takes is Kinds.MATRICES:
        if x.columns != y.columns:
            raise InputError(
                f"{x.name} has {x.columns} columns, {y.name} {y.columns}; {name} compares rows of "
                "the same columns"
            )
    elif takes is not Kinds.TWO_SAMPLES and x.rows != y.rows:
        raise InputError(
            f"{x.name} has {x.rows} rows, {y.name} {y.rows}; {name} takes {takes}: as many of each"
        )


def _shaped(name: str, numbers: Numbers, *, wide: bool = False, keep: bool = False) -> Any:
    """Return (rows,) or (rows, columns); `keep` leaves a single column a matrix."""
    import numpy as np

    values = np.frombuffer(numbers.values, dtype=np.float64)
    if numbers.columns == 1 and not keep:
        return values.copy()
    if not wide:
        raise InputError(
            f"{numbers.name}: has {numbers.columns} columns; {name} takes one column here"
        )
    return values.reshape(numbers.rows, numbers.columns).copy()
