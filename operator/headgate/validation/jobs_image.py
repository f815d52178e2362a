"""What the jobs image holds: the list of its packages goes into the operator's image at its build.

The plan of a run names the libraries that are going to compute, and the operator has none of them.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

LIST = "HEADGATE_JOBS_PACKAGES"
_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
NAMED = frozenset(
    {
        "lightgbm",
        "matplotlib",
        "numpy",
        "onnxruntime",
        "pyarrow",
        "scikit-learn",
        "scipy",
        "shap",
        "skops",
        "statsmodels",
        "xgboost-cpu",
    }
)
"""Those whose versions may change a figure."""


def read_versions() -> Mapping[str, str]:
    """Return the versions in the jobs image, by package; empty where no list is named."""
    name = os.environ.get(LIST, "")
    return versions_in(Path(name).read_text()) if name else {}


def versions_in(requirements: str) -> dict[str, str]:
    """Return the versions that a list of requirements pins."""
    found = (match for line in requirements.splitlines() if (match := _PINNED.match(line)))
    return {match[1]: match[2] for match in found if match[1] in NAMED}
