"""Where there is no browser, whoever runs the tests is told what to do."""

from pathlib import Path

import pytest

from hack.browser.chromium import VARIABLE, ensure_chromium, find_chromium


@pytest.fixture
def empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the one folder in which programs are looked for."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def a_program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_on_the_path_is_found(empty_machine: Path, name: str) -> None:
    program = a_program(empty_machine / name)
    assert find_chromium() == program


def test_the_one_that_is_named_comes_first(
    empty_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_program(empty_machine / "chromium")
    named = a_program(empty_machine / "another")
    monkeypatch.setenv(VARIABLE, str(named))
    assert find_chromium() == named


@pytest.mark.usefixtures("empty_machine")
def test_without_any_the_command_to_run_is_named() -> None:
    with pytest.raises(RuntimeError, match=r"there is no Chromium.*apt-get install.*chromium"):
        find_chromium()


@pytest.mark.usefixtures("empty_machine")
def test_without_apt_nothing_is_installed_and_the_same_is_said() -> None:
    with pytest.raises(RuntimeError, match=r"there is no Chromium.*apt-get install.*chromium"):
        ensure_chromium()


@pytest.mark.usefixtures("empty_machine")
def test_a_name_that_is_no_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/opt/no/such/browser")
    with pytest.raises(RuntimeError, match="CHROMIUM names /opt/no/such/browser"):
        ensure_chromium()
