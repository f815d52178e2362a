"""The server's settings, from the environment that the operator gives its pods."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headgate.server.publishing.settings import PublishingSettings, publishing_settings_from
from headgate.server.termination import ExitReason, GivingUpError

_MOST_THREADS: Final = 8


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """One server's settings; docs/reference/model-server.md describes each."""

    model_dir: Path
    model_name: str
    model_version: str
    model_format: str
    allow_pickle: bool = False
    host: str = "0.0.0.0"
    port: int = 8080
    connection_age_seconds: float = 3.0
    max_request_bytes: int = 10 * 1024 * 1024
    drain_seconds: float = 30.0
    threads: int = 1
    queue: int = 256
    publishing: PublishingSettings | None = None


def settings_from(environment: Mapping[str, str], formats: tuple[str, ...]) -> ServerSettings:
    """Read the settings; raises GivingUpError that names the variable."""
    model_format = _text(environment, "HEADGATE_FORMAT")
    if model_format not in formats:
        raise _invalid("HEADGATE_FORMAT", f"expected one of {', '.join(formats)}", model_format)
    return ServerSettings(
        model_dir=Path(environment.get("HEADGATE_MODEL_DIR", "/model")),
        model_name=_text(environment, "HEADGATE_MODEL_NAME"),
        model_version=_text(environment, "HEADGATE_MODEL_VERSION"),
        model_format=model_format,
        allow_pickle=_flag(environment, "HEADGATE_ALLOW_PICKLE"),
        host=environment.get("HEADGATE_HOST", "0.0.0.0"),
        port=int(_number(environment, "HEADGATE_PORT", 8080, low=0, high=65535)),
        connection_age_seconds=_number(environment, "HEADGATE_CONNECTION_AGE_SECONDS", 3, low=0.1),
        max_request_bytes=int(
            _number(environment, "HEADGATE_MAX_REQUEST_BYTES", 10 * 1024 * 1024, low=1)
        ),
        drain_seconds=_number(environment, "HEADGATE_DRAIN_SECONDS", 30, low=0),
        threads=int(_number(environment, "HEADGATE_THREADS", _default_threads(), low=1, high=64)),
        queue=int(_number(environment, "HEADGATE_QUEUE", 256, low=1, high=100_000)),
        publishing=publishing_settings_from(environment),
    )


def _default_threads() -> int:
    return max(2, min(_MOST_THREADS, len(os.sched_getaffinity(0))))


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise GivingUpError(ExitReason.SETTINGS_INVALID, f"{name}: is not set")
    return value


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "false")
    if value not in {"true", "false"}:
        raise _invalid(name, "expected true or false", value)
    return value == "true"


def _number(
    environment: Mapping[str, str],
    name: str,
    default: float,
    *,
    low: float,
    high: float = float(2**40),
) -> float:
    text = environment.get(name, "")
    try:
        value = float(text) if text else float(default)
    except ValueError:
        raise _invalid(name, "expected a number", text) from None
    if not low <= value <= high:
        raise _invalid(name, f"expected {low:g} to {high:g}", text)
    return value


def _invalid(name: str, expected: str, value: str) -> GivingUpError:
    return GivingUpError(ExitReason.SETTINGS_INVALID, f"{name}: {expected}, got {value!r}")
