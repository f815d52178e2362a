"""One JSON object a line on stderr, and at most one line a minute for each kind of trouble."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any, Final, override

LOGGER: Final = logging.getLogger("headgate.server")
_QUIET_SECONDS: Final = 60.0
_MAX_KINDS: Final = 100


def configure_logs(**fields: str) -> None:
    """Send this process's log to stderr; `fields` stand in every line."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines(fields))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("aiohttp").setLevel(logging.ERROR)
    logging.getLogger("headgate.stream").setLevel(
        logging.ERROR
    )  # its user tells of outages, rarely


def log(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one line."""
    LOGGER.log(level, event, extra={"fields": fields})


class _JsonLines(logging.Formatter):
    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__()
        self._fields = fields

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **self._fields,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class RareLog:
    """Logs a trouble once per kind and minute, with the number held back since."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def error(self, event: str, kind: str, error: BaseException) -> None:
        """Log the error with its traceback, unless its kind was logged a moment ago."""
        fields = self._due(kind)
        if fields is not None:
            LOGGER.error(event, exc_info=error, extra={"fields": fields})

    def warning(self, event: str, kind: str, message: str) -> None:
        """Log a trouble that its message explains, unless its kind was logged a moment ago."""
        fields = self._due(kind)
        if fields is not None:
            LOGGER.warning(event, extra={"fields": fields | {"message": message}})

    def _due(self, kind: str) -> dict[str, object] | None:
        """Return the fields of a line about a kind, None if it has to be held back."""
        now = self._clock()
        if kind not in self._last and len(self._last) >= _MAX_KINDS:
            kind = "other"
        if now - self._last.get(kind, -_QUIET_SECONDS) < _QUIET_SECONDS:
            self._held_back[kind] = self._held_back.get(kind, 0) + 1
            return None
        self._last[kind] = now
        return {"kind": kind, "heldBack": self._held_back.pop(kind, 0)}
