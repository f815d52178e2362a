"""`uv run headgate` in a clone after `make setup`: no index is asked, the lock stays as it is."""

import json
import os
import shutil
import subprocess
from pathlib import Path

CLONE = Path(__file__).parents[3]


def uv() -> str:
    """Return uv as `hack/setup/uv.sh` finds it, or has put it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return shutil.which("uv") or str(cache / "headgate/uv/bin/uv")


def test_it_answers_without_a_network_and_leaves_the_lock_alone() -> None:
    # given
    lock = (CLONE / "uv.lock").read_bytes()
    env = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    # when
    done = subprocess.run(
        [uv(), "run", "--offline", "headgate", "stat", "fisher", "--table", "3,1,1,3"],
        cwd=CLONE,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    # then
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "fisher"
    assert (CLONE / "uv.lock").read_bytes() == lock
