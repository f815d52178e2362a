"""Whom a server turned away: what its closed connections say. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_OF_REFUSAL = frozenset(
    {
        "Authentication Failure",
        "Authentication Timeout",
        "Authentication Expired",
        "TLS Handshake Failure",
        "WebSocket Handshake Failure",
        "Maximum Connections Exceeded",
    }
)
"""Why a connection ended that never came to be one. The words are the server's."""


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """Of the closed connections that a server remembers."""

    refused: int = 0
    why: str = ""
    """The reason that most had; empty where none was refused."""


def read_refusals(answer: Mapping[str, Any]) -> Refusals:
    """Return what /connz?state=closed tells; entries that cannot be read are passed over."""
    entries = answer.get("connections")
    reasons = Counter(
        str(entry.get("reason", ""))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, Mapping)
    )
    refused = {reason: count for reason, count in reasons.items() if reason in _OF_REFUSAL}
    return Refusals(
        refused=sum(refused.values()),
        why=max(refused, key=lambda reason: refused[reason]) if refused else "",
    )
