"""`headgate stat` on files: its JSON holds the same reference values as the functions' answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from headgate.cli.offline import main
from tests.oracles.oracle import Oracle, oracles_of

CALLS = (
    "shapiro-wilk: weights",
    "brown-forsythe: gears",
    "breusch-pagan: mtcars",
    "benjamini-hochberg: infarction",
    "tost: sleep",
    "5x2cv: folds",
    "ece: score in 10 bins",
)
ORACLES = [
    oracle
    for oracle in oracles_of("values.json")
    if oracle.name.removesuffix(f": {oracle.what}") in CALLS
]


@pytest.mark.parametrize("oracle", ORACLES, ids=[oracle.name for oracle in ORACLES])
def test_printed_json_holds_the_reference_value(
    oracle: Oracle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    files = [
        f"--{axis}={_written(values, tmp_path / f'{axis}.csv')}"
        for axis, values in zip("xy", oracle.arrays(), strict=False)
    ]
    options = [f"--set={name}={value}" for name, value in oracle.options.items()]
    # when
    code = main(["stat", oracle.test, *files, *options])
    # then
    printed = _at(json.loads(capsys.readouterr().out), oracle.what)
    assert code == 0
    assert printed == pytest.approx(oracle.value, rel=oracle.relative)


def test_each_call_has_values_to_be_held_against() -> None:
    # given
    names = [oracle.name for oracle in ORACLES]
    # when
    idle = [call for call in CALLS if not any(name.startswith(f"{call}: ") for name in names)]
    # then
    assert idle == []


def _written(values: NDArray[Any], path: Path) -> Path:
    rows = values.reshape(len(values), -1)
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows.tolist()))
    return path


def _at(answer: dict[str, Any], what: str) -> float:
    part, _, name = what.partition(".")
    found = answer[part]
    if part == "effect":
        name = "value"
    return float(found[name] if name else found)


def test_numbers_are_written_with_all_their_digits(tmp_path: Path) -> None:
    # given
    values = np.array([0.1 + 0.2, 1 / 3])
    # when
    path = _written(values, tmp_path / "x.csv")
    # then
    assert [float(line) for line in path.read_text().splitlines()] == values.tolist()
