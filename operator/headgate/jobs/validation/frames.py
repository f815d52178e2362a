"""The report as lines of a log: a pod has no other way out that needs no rights.

`headgate.validation.summary` reads them. Log collection keeps lines up to 16 KiB whole, so that a
report goes as base64 of its gzip, in short lines between a head, which names its digest, and an
end.
"""

import base64
import gzip
import hashlib
from collections.abc import Iterator

FRAME = "headgate-report"
LINE = 4000
MOST = 7 * 1024**2
"""Characters; the operator reads 8 MiB of a log, other lines included."""
MOST_UNPACKED = 16 * 1024**2
"""Bytes; the operator unpacks no more of a report."""


def digest_of(content: bytes) -> str:
    """Return sha256:... of a report."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def packed(content: bytes) -> str:
    """Return the base64 of the content's gzip: the same text for the same content."""
    return base64.b64encode(gzip.compress(content, compresslevel=9, mtime=0)).decode()


def frame(kind: str, content: bytes, text: str) -> Iterator[str]:
    """Yield the lines for a report, of `kind` json or html, whose `packed` is `text`."""
    yield f"{FRAME} {kind} {digest_of(content)} {len(content)}"
    for start in range(0, len(text), LINE):
        yield text[start : start + LINE]
    yield f"{FRAME} end"
