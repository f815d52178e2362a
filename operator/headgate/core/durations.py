"""Durations as people write them in a spec: 500ms, 30s, 5m, 1h30m."""

import re
from datetime import timedelta
from decimal import Decimal

PATTERN = (
    r"^([0-9]{1,4}(\.[0-9]{1,3})?h)?([0-9]{1,6}(\.[0-9]{1,3})?m)?"
    r"([0-9]{1,8}(\.[0-9]{1,3})?s)?([0-9]{1,9}ms)?$"
)
"""Go's notation in falling units; the counts of digits keep the API server's sums from overflow."""

MAX_LENGTH = 32
MAX_HOURS = 8784
LONGEST = timedelta(hours=MAX_HOURS)
EXPECTED = f"a duration such as 500ms, 30s, 5m or 1h30m, at most {MAX_HOURS}h (366 days)"

_WHOLE = re.compile(PATTERN)
_PART = re.compile(r"([0-9.]+)(ms|h|m|s)")
_MICROSECONDS = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000}


def parse_duration(text: str) -> timedelta:
    """Return the duration that a text such as 1h30m names; ValueError when it names none."""
    if not 0 < len(text) <= MAX_LENGTH or not text.isascii() or not _WHOLE.fullmatch(text):
        raise ValueError(f"must be {EXPECTED}")
    total = sum(
        (Decimal(count) * _MICROSECONDS[unit] for count, unit in _PART.findall(text)), Decimal(0)
    )
    duration = timedelta(microseconds=int(total))
    if duration > LONGEST:
        raise ValueError(f"must be {EXPECTED}")
    return duration


def format_duration(duration: timedelta) -> str:
    """Return the shortest text that parse_duration reads back, in whole milliseconds."""
    left = duration // timedelta(milliseconds=1)
    if left < 0:
        raise ValueError(f"a duration is not negative: {duration}")
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
