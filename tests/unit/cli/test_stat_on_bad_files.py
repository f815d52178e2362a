"""Every test of the registry on every kind of bad file: JSON, or one line that names the file."""

import json
from pathlib import Path

import numpy as np
import pytest

from headgate.cli.offline import main
from headgate.jobs.validation.tests.catalogue import Takes
from headgate.jobs.validation.tests.registry import all_tests

pytestmark = pytest.mark.sweep

N = 60
UNREADABLE = {
    "empty": b"",
    "a header alone": b"value\n",
    "text": b"1\nabc\n3\n",
    "NaN": b"1\nNaN\n3\n",
    "an infinity": b"1\ninf\n3\n",
    "an empty field": b"1,2\n,3\n4,5\n",
    "rows of two lengths": b"1,2\n3\n",
    "no text at all": b"\xff\xfe\x00\x01",
}
ODD = {
    "one row": b"1\n",
    "two rows": b"1\n2\n",
    "a constant": b"5\n" * N,
    "zeros": b"0\n" * N,
    "ones": b"1\n" * N,
    "three columns": b"1,2,3\n4,5,6\n7,8,9\n",
    "no counts": b"0,0\n0,0\n",
    "huge counts": b"9007199254740991,1\n1,1\n",
    "many counts": b"40000000,7\n90000000,1\n",
    "fractions": b"0.5,1\n2,3\n",
    "negative values": b"-1\n-2\n-3\n",
    "numbers whose squares are infinite": b"1e308\n-1e308\n" * (N // 2),
    "numbers whose squares are zero": b"1e-320\n2e-320\n" * (N // 2),
    "labels of three kinds": b"2\n0\n1\n" * (N // 3),
}
GROUPS = {name for name, test in all_tests().items() if test.takes is Takes.GROUPS}


def files_of(takes: Takes) -> tuple[bytes, ...]:
    """Return what a test of this kind takes: one file, or two."""
    draws = np.random.default_rng(1)
    values = [_lines(draws.normal(size=N)), _lines(draws.normal(size=N))]
    labels, scores = _lines(draws.integers(0, 2, N)), _lines(draws.random(N))
    rows = "\n".join(f"{a},{b}" for a, b in draws.normal(size=(N, 2)).tolist()).encode()
    return {
        Takes.SAMPLE: (values[0],),
        Takes.TABLE: (b"12,5\n3,14\n",),
        Takes.PVALUES: (b"0.01\n0.5\n0.04\n",),
        Takes.TWO_SAMPLES: (values[0], values[1]),
        Takes.PAIRS: (values[0], values[1]),
        Takes.FOLDS: (_folds(draws), _folds(draws)),
        Takes.GROUPS: (values[0], b"a\nb\n" * (N // 2)),
        Takes.MATRICES: (rows, rows),
        Takes.LABELS_AND_SCORES: (labels, scores),
        Takes.RESIDUALS_AND_REGRESSORS: (values[0], rows),
    }[takes]


def _lines(values: np.ndarray) -> bytes:
    return "".join(f"{value}\n" for value in values.tolist()).encode()


def _folds(draws: np.random.Generator) -> bytes:
    return "\n".join(f"{a},{b}" for a, b in draws.random((5, 2)).tolist()).encode()


def called(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, contents: tuple[bytes, ...]
) -> tuple[int, str, str]:
    given = []
    for option, content in zip(("x", "y"), contents, strict=False):
        path = folder / f"{option}.csv"
        path.write_bytes(content)
        given += [f"--{option}", str(path)]
    code = main(["stat", name, *given])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def spoiled(name: str, content: bytes) -> list[tuple[str, tuple[bytes, ...]]]:
    """Return the files' contents with the bad one in each place, and which place that is."""
    good = files_of(all_tests()[name].takes)
    return [
        (option, (*good[:place], content, *good[place + 1 :]))
        for place, option in enumerate(("x", "y")[: len(good)])
    ]


@pytest.mark.parametrize("name", all_tests())
@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str, name: str
) -> None:
    for option, contents in spoiled(name, UNREADABLE[fault]):
        code, out, err = called(tmp_path, capsys, name, contents)
        if option == "y" and name in GROUPS and code == 0:
            continue  # any text is a group
        assert (code, out, err.count("\n")) == (3, "", 1), (option, err)
        assert err.startswith("error: ")
        assert f"{option}.csv" in err


@pytest.mark.parametrize("name", all_tests())
@pytest.mark.parametrize("fault", ODD)
def test_odd_values_are_answered_with_json_or_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str, name: str
) -> None:
    for option, contents in spoiled(name, ODD[fault]):
        code, out, err = called(tmp_path, capsys, name, contents)
        if code == 0:
            assert err == ""
            assert json.loads(out)["name"] == name
        else:
            assert (code, out, err.count("\n")) == (3, "", 1), (option, err)
            assert err.startswith("error: ")


@pytest.mark.parametrize("name", all_tests())
def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    given = ["--x", str(tmp_path / "absent.csv"), "--y", str(tmp_path / "absent.csv")]
    files = files_of(all_tests()[name].takes)
    code = main(["stat", name, *given[: 2 * len(files)]])
    assert code == 3
    assert "absent.csv: No such file" in capsys.readouterr().err
