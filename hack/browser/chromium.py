"""Finds Chromium, or installs Debian's package of it where that is possible."""

import os
import shutil
import subprocess
from pathlib import Path

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL = ("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium")
REMEDY = (
    f"`sudo {' '.join(INSTALL)}` on Debian and Ubuntu, your distribution's Chromium or Chrome"
    f" elsewhere; or set {VARIABLE} to the program's path"
)


def find_chromium() -> Path:
    """Return the program; RuntimeError, saying what to do, where there is none."""
    named = os.environ.get(VARIABLE)
    for name in [named] if named else NAMES:
        if found := shutil.which(name):
            return Path(found)
    missing = f"{VARIABLE} names {named}, which is no program" if named else "there is no Chromium"
    raise RuntimeError(f"{missing}, and the tests of the page need one: {REMEDY}")


def ensure_chromium() -> Path:
    """Return the program, installed if need be; RuntimeError if it cannot be."""
    try:
        return find_chromium()
    except RuntimeError:
        if VARIABLE in os.environ or os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise
    print("installing chromium", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update", "-q"), INSTALL):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            words = done.stderr or done.stdout
            raise RuntimeError(f"{' '.join(command)} failed:\n{words}\nBy hand: {REMEDY}")
    return find_chromium()
