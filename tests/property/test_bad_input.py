"""Whatever bytes and policies are given: a verdict or one line, and no Pass of broken files."""

import contextlib
import io
import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import csv, parquet

from headgate.cli.offline import main
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.read import read_dataset

pytestmark = pytest.mark.sweep

N = 40
POLICY: dict[str, Any] = {
    "alpha": 0.05,
    "errorControl": "Holm",
    "target": "y",
    "predictions": {"column": "answer", "scores": ["p0", "p1"]},
    "segments": ["g"],
    "sensitive": ["g"],
    "design": {},
    "checks": [
        {"drift": {"columns": ["x", "g"], "minEffect": 0.3, "test": "Auto"}},
        {"performance": {"metric": "accuracy", "min": 0.2}},
        {"calibration": {"maxError": 0.5, "bins": 5}},
        {"fairness": {"metric": "four_fifths", "max": 0.5, "positive": "1"}},
        {"quality": {"maxMissing": 0.5}},
    ],
    "onInconclusive": "Block",
}
PIECES = [b"\n", b'"', b",", b"\r", b"\0" * 40, b"1e999", b"NaN", b"9" * 30, "\u202e".encode()]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, -1, 1e308, float("nan"), float("inf"), 2**70, "", "x", "y", "p1", "no\nne"]
    ),
    st.sampled_from(
        ["ks", "welch", "chi2", "wilcoxon", "roc_auc", "r2", "log_loss", "all", "Model"]
    ),
    st.sampled_from([[], {}, ["x", "x"], [None]]),
    st.sampled_from([{"clusters": "k"}, {"time": "x"}, {"pairs": "k"}]),
)


@cache
def a_table(seed: int) -> Any:
    draws = np.random.default_rng(seed)
    x = draws.normal(size=N)
    chance = 1 / (1 + np.exp(-x))
    return pa.table(
        {
            "x": x,
            "k": draws.permutation(N),
            "g": draws.choice(["f", "m"], N).tolist(),
            "note": ['"quoted", and\nlong' * int(times) for times in draws.integers(1, 4, N)],
            "y": (draws.random(N) < chance).astype(int),
            "answer": (chance > 0.5).astype(int),
            "p0": 1 - chance,
            "p1": chance,
        }
    )


@cache
def sound(form: str) -> bytes:
    stream = io.BytesIO()
    if form == "csv":
        csv.write_csv(a_table(2), stream)
    else:
        parquet.write_table(a_table(2), stream, compression=form)
    return stream.getvalue()


@st.composite
def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut, overwrite or insert bytes somewhere, once or a few times."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        piece = draw(
            st.one_of(st.binary(max_size=9), st.sampled_from([b"\n", b'"', b",", b"\0" * 40]))
        )
        how = draw(st.sampled_from(["cut", "overwrite", "insert", "leave out"]))
        after = {"cut": len(content), "overwrite": at + len(piece), "insert": at}.get(how, at + 20)
        content = content[:at] + (b"" if how == "cut" else piece) + content[after:]
    return content


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Put odd values into one to three places of a policy that is right."""
    policy: dict[str, Any] = json.loads(json.dumps(POLICY))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(policy))
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        holder[key] = deepcopy(draw(ODD))  # another place may be within it
    return policy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = ()
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


def validated(policy: dict[str, Any], content: bytes, form: str) -> tuple[int, str, bool]:
    """Validate in a folder of its own; returns exit code, stderr, and whether the file is one."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        candidate = folder / f"candidate.{form}"
        candidate.write_bytes(content)
        parquet.write_table(a_table(1), folder / "reference.parquet")
        manifest = {"apiVersion": "headgate.dev/v1alpha1", "kind": "ValidationPolicy",
                    "metadata": {"name": "p"}, "spec": policy}  # fmt: skip
        (folder / "policy.yaml").write_text(yaml.safe_dump(manifest))
        given_files = ["--reference", str(folder / "reference.parquet"), "--candidate",
                       str(candidate), "--out", str(folder / "out")]  # fmt: skip
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["validate", str(folder / "policy.yaml"), *given_files])
        return code, err.getvalue(), not refusal_of(candidate)


def refusal_of(path: Path) -> str:
    """Return why a file is refused; empty where it is read."""
    try:
        found = read_dataset(path)
    except DataError as refusal:
        return str(refusal)
    assert all(len(column) == found.rows for column in found.columns.values())
    return ""


def check_ending(code: int, told: str, *, readable: bool) -> None:
    assert code in {0, 1, 2, 3}
    assert "Traceback" not in told
    assert (code == 3) == bool(told), told
    assert all(line.startswith("error: ") for line in told.splitlines()), told
    assert readable or code == 3


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["csv", "none", "zstd"]).flatmap(lambda form: spoiled(sound(form))))
@example(b"")
@example(b"PAR1PAR1")
@example(b"PAR1\xff\xff\xff\x7fPAR1")
def test_spoiled_bytes_are_read_or_refused_in_one_line(content: bytes) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "spoiled.file"
        path.write_bytes(content)
        told = refusal_of(path)
    assert not told or (told.startswith("spoiled.file: ") and told.isprintable()), told


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["csv", "parquet"]).flatmap(
    lambda form: st.tuples(st.just(form), spoiled(sound("csv" if form == "csv" else "none")))
))  # fmt: skip
def test_a_spoiled_file_never_passes(spoiled_file: tuple[str, bytes]) -> None:
    form, content = spoiled_file
    policy = {"checks": [{"quality": {}}, {"drift": {"minEffect": 0.9}}]}
    code, told, readable = validated(policy, content, form)
    check_ending(code, told, readable=readable)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies())
def test_an_odd_policy_ends_in_a_verdict_or_in_lines_that_name_its_fields(
    policy: dict[str, Any],
) -> None:
    code, told, readable = validated(policy, sound("none"), "parquet")
    check_ending(code, told, readable=readable)
