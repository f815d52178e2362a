"""The script for authors of servers says what is kept of the contract, and what is not."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.builders.fanout import EXAMPLE, Fanout

FAULTY = Path(__file__).parent / "faulty_server.py"


async def judged(server: Fanout) -> tuple[int, str]:
    """Return the exit code of the script, and what it printed."""
    arguments = ["--control", server.control, "--websocket", server.websocket]
    arguments += ["--token-file", str(server.token_file), "--name", server.name]
    script = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE / "conformance.py"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await script.communicate()
    assert script.returncode is not None
    return script.returncode, printed.decode()


async def test_the_example_keeps_every_promise(fanout: Fanout) -> None:
    code, printed = await judged(fanout)
    assert code == 0, printed
    assert printed.count("ok   ") == 6, printed


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("open", "GET /headgate/v1/status without a token was answered 200, not 401 or 403"),
        ("unready", "GET /headgate/v1/ready without a token was answered 503"),
        ("always-ready", "GET /headgate/v1/ready is refused once it is cordoned: not so after"),
        ("counts-nobody", "connections and arrivals went up by 20: not so after"),
        ("says-nothing", "name is missing from its answer"),
        ("moves-too-many", "10 clients were asked to leave, not 5"),
        ("all-at-once", "all were asked within 0."),
        ("refuses-once-cordoned", "a client that still came was refused after cordon"),
        ("ends-when-drained", "it ended by itself once it was drained"),
    ],
)
async def test_a_broken_promise_is_named(tmp_path: Path, fault: str, told: str) -> None:
    # given
    async with Fanout(tmp_path, script=FAULTY, arguments=(fault,)) as server:
        # when
        code, printed = await judged(server)
    # then
    assert code == 1, printed
    assert told in printed
