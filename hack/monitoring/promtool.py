"""Finds promtool, or brings it from Debian's package prometheus without installing the server."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headgate" / "promtool"


def find_promtool() -> Path:
    """Return the program; RuntimeError, saying what to do, where it cannot be had."""
    found = shutil.which("promtool")
    if found:
        return Path(found)
    if not (CACHE / "promtool").exists():
        _unpack()
    return CACHE / "promtool"


def _unpack() -> None:
    """Take the one program out of the package: installing it would start a server."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)  # apt downloads as a user of its own
        try:
            for command in (
                ["apt-get", "update", "-q"],
                ["apt-get", "download", "-q", "prometheus"],
            ):
                subprocess.run(command, cwd=folder, check=True, capture_output=True)
            package = next(folder.glob("prometheus_*.deb"))
            subprocess.run(["dpkg-deb", "-x", str(package), name], check=True, capture_output=True)
        except (OSError, StopIteration, subprocess.CalledProcessError) as error:
            raise RuntimeError(
                f"promtool is not there, and Debian's package cannot be had ({error}):"
                " install Prometheus, or put promtool on the PATH"
            ) from error
        shutil.copy2(folder / "usr" / "bin" / "promtool", CACHE / "promtool")
