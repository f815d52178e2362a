"""Streams as a spec wants them and as servers hold them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.streamgateway.engines.nats.stream_types import FoundStream, WantedStream
from headgate.streamgateway.engines.nats.streams import stream_config

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_wanted_stream(**changes: Any) -> WantedStream:
    stream = WantedStream(
        name="predictions",
        subjects=("predictions.>",),
        replicas=3,
        max_age=24 * HOUR,
        max_bytes=10_000_000,
    )
    return replace(stream, **changes)


def a_found_stream(wanted: WantedStream | None = None, **changes: Any) -> FoundStream:
    """Return the stream that was made for a wanted one, and what the server adds."""
    made = stream_config(wanted or a_wanted_stream())
    config = {**made, "max_msgs": -1, "compression": "none", "sealed": False, "max_msg_size": -1}
    stream = FoundStream(
        name=made["name"], config=config, used_bytes=5_000_000, messages=500, oldest=NOW - 6 * HOUR
    )
    return replace(stream, **changes)
