"""The command line itself: what it understands, and what it says where it cannot start."""

from pathlib import Path

import pytest

from headgate.cli.plugin import main


def test_without_a_command_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "usage: kubectl headgate" in capsys.readouterr().err


def test_without_a_usable_kubeconfig_it_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["status", "churn", "--kubeconfig", str(tmp_path / "absent")])
    assert code == 1
    assert capsys.readouterr().err.startswith("error: no usable kubeconfig")
