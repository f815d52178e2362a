"""How a client reaches its servers, and how patient it is."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

SCHEMES = {"nats", "tls", "ws", "wss"}


@dataclass(frozen=True, kw_only=True)
class Access:
    """Addresses and credentials. One address suffices when it is a Service's."""

    servers: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    credentials: Path | None = None
    """A file with a user's JWT and seed, as `nsc` writes it."""
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    name: str = "headgate-stream"
    inbox_prefix: str = "_INBOX"

    def __post_init__(self) -> None:
        if not self.servers:
            raise ValueError("servers: name at least one, such as ws://predictions.team-a:8080")
        for url in self.servers:
            if urlsplit(url).scheme not in SCHEMES or not urlsplit(url).hostname:
                raise ValueError(
                    f"servers: {url!r} is not an address such as nats://host:4222, "
                    "tls://host:4222, ws://host:8080 or wss://host:8080"
                )


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Waits, in seconds, and bounds. The defaults suit thousands of clients of one gateway."""

    connect_timeout: float = 5.0
    """One attempt to connect."""
    connect_within: float = 30.0
    """All attempts of the first connection together; then ServersUnreachableError."""
    move_within: float = 5.0
    """A move begins at a random moment in this time, so that a drain is no stampede."""
    move_attempts: int = 20
    """How often another server is sought before a client stays where it is asked to leave."""
    settle: float = 2.0
    """How long both connections are kept in a move."""
    backoff_first: float = 1.0
    backoff_most: float = 5.0
    """Reconnecting: jittered waits up to `backoff_first`, doubling up to `backoff_most`."""
    idle_check: float = 5.0
    """A quiet reader asks the stream whether it missed the last message: after this or up to three
    times this, by chance; then rarer."""
    idle_check_most: float = 60.0
    ping_every: float = 10.0
    """A server silent for so long is pinged; after two unanswered pings it counts as gone."""
    request_timeout: float = 3.0
    publish_within: float = 30.0
    """All attempts to publish a message together; keep it below the stream's duplicate window."""
