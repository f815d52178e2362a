"""How a Job's process is heard: its termination message, and a standard output of its own."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

_MOST_BYTES: Final = 2000
"""The kubelet keeps 12 KiB for all of a pod's containers, and a run's pod has five."""


def write_last_words(path: Path, words: Mapping[str, Any]) -> None:
    """Write the termination message, a long `message` of it cut to what is kept.

    A place that is not there (outside of a pod) is passed over.
    """
    told = dict(words)
    while len(text := _compact(told)) > _MOST_BYTES and told.get("message"):
        told["message"] = told["message"][: len(told["message"]) * 3 // 4]
    try:
        path.write_bytes(text)
    except OSError as error:
        print(f"no termination message: {error}", file=sys.stderr)


def _compact(words: Mapping[str, Any]) -> bytes:
    text = json.dumps(
        words, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )
    return text.encode(errors="replace")


@contextmanager
def own_stdout() -> Iterator[TextIO]:
    """Give standard output, and send all that libraries write there to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(kept, "w", encoding="ascii", closefd=False) as out:
            yield out
    finally:
        os.dup2(kept, 1)
        os.close(kept)
