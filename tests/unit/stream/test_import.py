"""What the client's import costs an application."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = "'headgate.kube', 'headgate.model', 'kopf', 'numpy', 'pydantic', 'kubernetes'"


def test_the_client_imports_nothing_of_the_operator_and_nothing_heavy() -> None:
    code = f"import sys, headgate.stream; print([m for m in ({FOREIGN}) if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "operator",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
