"""Builds the example page: its packages once for each lock file, its bundle each time."""

import hashlib
import subprocess
from pathlib import Path

from hack.browser.node import NPM, node_environment

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "examples" / "03-streaming" / "browser"
DIST = PAGE / "dist"
STAMP = PAGE / "node_modules" / ".headgate-lock"


def install_packages() -> None:
    """Install what package-lock.json pins; nothing happens when that is there already."""
    if _is_installed():
        return
    # No package of ours needs a script of its own to run at installation.
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    STAMP.write_text(_wanted())


def build_page() -> Path:
    """Return the folder of the built page; RuntimeError, saying why, if it cannot be built."""
    if not _is_installed():
        raise RuntimeError(f"{PAGE} has not the packages of its lock: run `make test-browser`")
    npm("run", "build")
    return DIST


def npm(*arguments: str) -> str:
    """Run npm in the page's folder; RuntimeError with its own words if it fails."""
    done = subprocess.run(
        [*NPM, *arguments],
        cwd=PAGE,
        env=node_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"npm {' '.join(arguments)} failed in {PAGE}:\n{done.stdout}{done.stderr}\n"
            "If packages cannot be had: `npm config get registry` must name one that answers"
        )
    return done.stdout


def _is_installed() -> bool:
    return STAMP.exists() and STAMP.read_text() == _wanted()


def _wanted() -> str:
    return hashlib.sha256((PAGE / "package-lock.json").read_bytes()).hexdigest()
