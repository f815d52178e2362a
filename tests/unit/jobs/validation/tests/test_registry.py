"""The registry: every name that the documents promise, and nothing twice."""

import importlib
import pkgutil
import re

import pytest

from headgate.jobs.validation import tests
from headgate.jobs.validation.tests.registry import UnknownTestError, all_tests, find_test

PROMISED = [
    *(
        "ks",
        "anderson-darling",
        "anderson-darling-k",
        "cramer-von-mises",
        "epps-singleton",
        "mann-whitney",
        "brunner-munzel",
        "welch",
        "wasserstein",
    ),
    *("energy", "jensen-shannon", "psi", "ks-clustered", "total-variation-clustered"),
    *("chi2", "chi2-permutation", "fisher", "boschloo", "total-variation"),
    *("mmd", "energy-multivariate", "classifier-two-sample"),
    *("mcnemar", "stuart-maxwell", "stuart-maxwell-permutation"),
    *("paired-t", "wilcoxon", "sign", "ks-paired"),
    *("5x2cv", "5x2cv-f"),
    "delong",
    *("brier", "spiegelhalter", "hosmer-lemeshow", "calibration-slope", "ece"),
    *("wilson", "demographic-parity", "equal-opportunity", "equalized-odds", "four-fifths"),
    *("permutation-difference", "bca-bootstrap", "paired-bootstrap"),
    *(
        "shapiro-wilk",
        "jarque-bera",
        "levene",
        "brown-forsythe",
        "breusch-pagan",
        "ljung-box",
        "durbin-watson",
    ),
    *("tost", "non-inferiority"),
    *("holm", "benjamini-hochberg", "benjamini-yekutieli"),
    *("two-sample-power", "proportion-power"),
    *("lan-demets", "always-valid"),
]


def test_every_promised_test_is_there_in_the_order_of_its_group() -> None:
    assert set(all_tests()) == set(PROMISED)


def test_no_name_is_taken_twice() -> None:
    groups = [
        importlib.import_module(f"{tests.__name__}.{found.name}")
        for found in pkgutil.iter_modules(tests.__path__)
        if found.ispkg
    ]
    assert sum(len(getattr(group, "TESTS", ())) for group in groups) == len(all_tests())


@pytest.mark.parametrize("name", PROMISED)
def test_every_entry_says_what_it_is_for_and_where_it_comes_from(name: str) -> None:
    entry = all_tests()[name]
    assert entry.name == name
    assert all((entry.purpose, entry.assumptions))
    assert re.search(r"\b(1[89]|20)\d\d\b", entry.source), "a source has a year"


@pytest.mark.parametrize("name", PROMISED)
def test_every_entry_is_one_line_of_the_list(name: str) -> None:
    entry = all_tests()[name]
    assert not re.search(r"[\t\n]", entry.purpose + entry.assumptions + entry.source)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("shapiro_wilk", "shapiro-wilk"), ("Levine", "levene"), ("lan-demet", "lan-demets")],
)
def test_a_name_that_is_near_one_is_answered_with_it(wrong: str, near: str) -> None:
    with pytest.raises(UnknownTestError, match=f"no test is called '{wrong}'; did you mean {near}"):
        find_test(wrong)


def test_a_name_that_is_near_none_is_answered_with_the_list() -> None:
    with pytest.raises(UnknownTestError, match="`headgate stat --list` names all"):
        find_test("zzzzzz")
