from pathlib import Path

import pytest

from tests.unit.cli.bad_input.rows import Validate


@pytest.fixture
def validate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Validate:
    return Validate(folder=tmp_path, capsys=capsys)
