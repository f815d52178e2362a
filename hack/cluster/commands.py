"""Runs other programs, and turns their failures into messages that a person can act on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hack.cluster.errors import ClusterError

# A user's PATH often lacks the folders of system programs.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def search_path() -> str:
    """Return PATH with the folders of system programs at its end."""
    return f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"


def find_program(name: str) -> str | None:
    """Return where a program is, or None."""
    return shutil.which(name, path=search_path())


def run(
    argv: Sequence[str | Path],
    *,
    what: str,
    remedy: str = "",
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    stdin: str | None = None,
    timeout_seconds: float = 120,
) -> str:
    """Run a program to its end and return what it printed.

    `what` says in words what failed when it fails. With `log`, all output goes to that file.
    """
    words = [str(word) for word in argv]
    environment = {**os.environ, **(env or {}), "PATH": search_path()}
    try:
        if log is None:
            done = subprocess.run(
                words, check=False, env=environment, cwd=folder, input=stdin,
                capture_output=True, text=True, timeout=timeout_seconds,
            )  # fmt: skip
        else:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("w") as stream:
                done = subprocess.run(
                    words, check=False, env=environment, cwd=folder, input=stdin,
                    stdout=stream, stderr=subprocess.STDOUT, text=True, timeout=timeout_seconds,
                )  # fmt: skip
    except FileNotFoundError as error:
        raise ClusterError(f"{what}: {words[0]} is not installed", remedy=remedy) from error
    except subprocess.TimeoutExpired as error:
        message = f"{what}: `{' '.join(words)}` took longer than {timeout_seconds:.0f} s"
        raise ClusterError(message, log=log, remedy=remedy) from error
    if done.returncode:
        said = (done.stderr or done.stdout or "").strip()
        message = f"{what}: `{' '.join(words)}` ended with exit code {done.returncode}"
        raise ClusterError(f"{message}\n{said}".strip(), log=log, remedy=remedy)
    return done.stdout or ""


def succeeds(argv: Sequence[str | Path], *, timeout_seconds: float = 20) -> bool:
    """Tell whether a program is there and ends well; its output is dropped."""
    try:
        done = subprocess.run(
            [str(word) for word in argv],
            check=False,
            env={**os.environ, "PATH": search_path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=timeout_seconds,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def say(text: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(text, flush=True)
