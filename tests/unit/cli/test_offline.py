"""`headgate` itself: its commands, and exit codes that say nothing false about a validation."""

import subprocess
import sys

import pytest

from headgate.cli.offline import main


@pytest.mark.parametrize("arguments", [[], ["prove"], ["stat", "--colour"]])
def test_wrong_arguments_do_not_exit_as_inconclusive(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 3
    assert capsys.readouterr().err.startswith("error: ")


def test_help_names_both_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert "stat" in printed
    assert "validate" in printed


def test_help_needs_no_numpy() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from headgate.cli.offline import main\n"
        "main(['stat', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0


def test_a_library_that_is_absent_is_answered_with_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from headgate.cli.offline import main\n"
        "sys.exit(main(['stat', '--list']))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr == "error: numpy is not installed: pip install 'headgate[jobs,server]'\n"


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    command = f"{sys.executable} -m headgate.cli.offline stat --list | head -1"
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
