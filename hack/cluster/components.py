"""What a supervised process is, and how the supervisor is told about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Component:
    """One process of a cluster."""

    name: str
    argv: Sequence[str]
    log: Path
    restart: bool = True
    env: dict[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """Return the line that makes the supervisor start it."""
        spec = {
            "name": self.name,
            "argv": list(self.argv),
            "log": str(self.log),
            "restart": self.restart,
            "env": self.env,
        }
        return json.dumps(spec) + "\n"


def flags(**values: object) -> list[str]:
    """Return command-line flags: `tls_cert_file=x` becomes `--tls-cert-file=x`."""
    return [f"--{name.replace('_', '-')}={_text(value)}" for name, value in values.items()]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def supervised(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what a supervisor says of each of its processes: pid, starts, exit_code."""
    try:
        report = json.loads((folder / "supervisor.json").read_text())
    except (OSError, ValueError):
        return {}
    components: dict[str, dict[str, Any]] = report["components"]
    return components
