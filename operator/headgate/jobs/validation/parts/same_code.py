"""What has to be the same in two processes for their figures to be the same."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CODE = "headgate"
_PACKAGES = ("lightgbm", "numpy", "onnxruntime", "pyarrow", "scikit-learn", "scipy", "xgboost-cpu")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that compute; our own is its digest."""
    found = {CODE: _code_digest(), "python": ".".join(platform.python_version_tuple()[:2])}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def difference(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """Return in words what is not the same; empty where all is."""
    return ", ".join(
        f"{name} {theirs.get(name, 'none')} (here {ours[name]})"
        for name in ours
        if theirs.get(name) != ours[name]
    )


def _code_digest() -> str:
    """Return the start of the SHA-256 of what computes: images carry no version of it."""
    folder = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
