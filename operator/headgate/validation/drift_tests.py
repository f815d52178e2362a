"""The tests that a policy can ask drift to make, and what each is for. Pure; needs no numpy."""

import difflib
from enum import StrEnum
from typing import Any, Final


class DriftTest(StrEnum):
    """Tests that drift can be asked to make, by their names in `headgate stat --list`."""

    AUTO = "Auto"
    KS = "ks"
    ANDERSON_DARLING = "anderson-darling"
    ANDERSON_DARLING_K = "anderson-darling-k"
    CRAMER_VON_MISES = "cramer-von-mises"
    EPPS_SINGLETON = "epps-singleton"
    MANN_WHITNEY = "mann-whitney"
    BRUNNER_MUNZEL = "brunner-munzel"
    WELCH = "welch"
    PERMUTATION_DIFFERENCE = "permutation-difference"
    WASSERSTEIN = "wasserstein"
    ENERGY = "energy"
    JENSEN_SHANNON = "jensen-shannon"
    PSI = "psi"
    CHI2 = "chi2"
    CHI2_PERMUTATION = "chi2-permutation"
    FISHER = "fisher"
    BOSCHLOO = "boschloo"
    TOTAL_VARIATION = "total-variation"
    KS_CLUSTERED = "ks-clustered"
    TOTAL_VARIATION_CLUSTERED = "total-variation-clustered"
    KS_PAIRED = "ks-paired"
    WILCOXON = "wilcoxon"
    PAIRED_T = "paired-t"
    SIGN = "sign"
    MCNEMAR = "mcnemar"
    STUART_MAXWELL = "stuart-maxwell"
    STUART_MAXWELL_PERMUTATION = "stuart-maxwell-permutation"


AUTO: Final = DriftTest.AUTO.value
OF_GROUPS: Final = frozenset({"ks-clustered", "total-variation-clustered"})
"""For rows that belong together, by design.clusters or design.time."""
OF_PAIRED_COUNTS: Final = frozenset({"mcnemar", "stuart-maxwell", "stuart-maxwell-permutation"})
OF_PAIRS: Final = OF_PAIRED_COUNTS | {"ks-paired", "wilcoxon", "paired-t", "sign"}
"""For members of pairs, by design.pairs."""
OF_COUNTS: Final = OF_PAIRED_COUNTS | {
    *("chi2", "chi2-permutation", "fisher", "boschloo", "total-variation"),
    "total-variation-clustered",
}
"""Put to tables of counts; all others to numbers."""
OF_TWO_VALUES: Final = frozenset({"fisher", "boschloo", "mcnemar"})


def known(name: Any) -> Any:
    """Return the name of a test; ValueError with those that come near where there is none."""
    names = [test.value for test in DriftTest]
    if not isinstance(name, str) or name in names:
        return name
    near = difflib.get_close_matches(name.lower().replace("_", "-"), names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    raise ValueError(f"no test of drift is called {name!r}; {hint}")


def misfit(name: str, *, pairs: bool, grouped: bool) -> str:
    """Return why a test does not fit the design of the rows, with the way out; empty if it does.

    `pairs` says that design.pairs is set, `grouped` that design.clusters or design.time is.
    """
    if name == AUTO:
        return ""
    if pairs and name not in OF_PAIRS:
        fitting = ", ".join(test.value for test in DriftTest if test.value in OF_PAIRS)
        return f"{name} takes rows for unpaired, and spec.design.pairs is set: take {fitting}"
    if grouped and name not in OF_GROUPS:
        return (
            f"{name} takes rows for independent, and spec.design says that they belong together:"
            " leave it out, or take ks-clustered or total-variation-clustered"
        )
    if name in OF_PAIRS and not pairs:
        return f"{name} compares pairs: it needs spec.design.pairs"
    if name in OF_GROUPS and not grouped:
        return f"{name} is for rows that belong together: it needs spec.design.clusters or time"
    return ""
