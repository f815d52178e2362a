"""`--set name=value`: the types that a test's function states decide what a value is."""

from enum import StrEnum
from typing import Any, Literal

import pytest

from headgate.cli.stat_input import InputError
from headgate.cli.stat_options import option_defaults, read_options


class Side(StrEnum):
    LEFT = "left"


def a_test(  # its options are what is read here, not what it does
    x: Any,
    y: Any,
    *,
    alpha: float = 0.05,
    lags: int | None = None,
    alternative: Literal["two-sided", "less"] = "two-sided",
    exact: bool = True,
    side: Side = Side.LEFT,
    name: str = "",
) -> object:
    return (x, y, alpha, lags, alternative, exact, side, name)


def test_options_are_the_keyword_only_arguments() -> None:
    assert list(option_defaults(a_test)) == [
        *("alpha", "lags", "alternative", "exact", "side", "name")
    ]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("alpha=0.01", 0.01),
        ("alpha=1", 1.0),
        ("lags=7", 7),
        ("lags=none", None),
        ("alternative=less", "less"),
        ("exact=False", False),
        ("exact=yes", True),
        ("side=left", Side.LEFT),
        ("name=a=b", "a=b"),
    ],
)
def test_values_have_the_stated_type(given: str, value: object) -> None:
    (found,) = read_options("t", a_test, [given]).values()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("alpha", "expected name=value"),
        ("alpah=1", "t has no option 'alpah'; did you mean alpha"),
        ("zzz=1", "t has no option 'zzz'; it takes alpha, lags"),
        ("x=1", "t has no option 'x'"),
        ("alpha=big", "'big' is not a finite number"),
        ("alpha=nan", "'nan' is not a finite number"),
        ("lags=1.5", r"'1\.5' is not a whole number"),
        ("alternative=more", "'more' is not two-sided or less"),
        ("exact=maybe", "'maybe' is not true or false"),
        ("side=right", "'right' is not left"),
    ],
)
def test_what_is_no_value_of_the_option_is_refused(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_options("t", a_test, [given])
    assert given in str(caught.value)


def test_an_option_is_set_once() -> None:
    with pytest.raises(InputError, match="alpha is given twice"):
        read_options("t", a_test, ["alpha=0.1", "alpha=0.2"])
