"""Which test for which column: by the design of the data, and said with its reasons."""

from dataclasses import replace

import pytest

from headgate.jobs.validation.data.dataset import ColumnKind
from headgate.jobs.validation.selection.difference import Facts, choose

NUMBERS = Facts(kind=ColumnKind.NUMERIC, values=900, rows=1000, least_expected=0.5)
FEW = replace(NUMBERS, integral=True, values=8, least_expected=40.0)
WORDS = Facts(kind=ColumnKind.CATEGORICAL, values=4, rows=1000, least_expected=40.0)


@pytest.mark.parametrize(
    ("facts", "test"),
    [
        (NUMBERS, "ks"),
        (FEW, "chi2"),
        (replace(FEW, integral=False), "ks"),
        (replace(NUMBERS, integral=True), "ks"),
        (WORDS, "chi2"),
        (replace(WORDS, least_expected=2.0), "chi2-permutation"),
        (replace(WORDS, values=2, rows=60, least_expected=2.0), "boschloo"),
        (replace(WORDS, values=2, rows=6000, least_expected=2.0), "fisher"),
        (Facts(kind=ColumnKind.BOOLEAN, values=2, rows=900, least_expected=90.0), "chi2"),
        (Facts(kind=ColumnKind.TEXT, values=90, rows=900), "ks"),
        (replace(NUMBERS, grouped="clusters of customer"), "ks-clustered"),
        (replace(FEW, grouped="blocks of neighbours in time"), "ks-clustered"),
        (replace(WORDS, grouped="clusters of customer"), "total-variation-clustered"),
    ],
)
def test_the_design_decides(facts: Facts, test: str) -> None:
    choice = choose(facts)
    assert choice.test == test
    assert choice.why
    assert choice.would_change
