"""The streaming client that loses nothing: `from headgate.stream import StreamClient`.

It needs the extra `stream`, and imports nothing of the operator.
"""

from headgate.stream.access import Timing
from headgate.stream.client import StreamClient
from headgate.stream.errors import (
    CredentialsRefusedError,
    MessagesLostError,
    NotAllowedError,
    PublishFailedError,
    ServerNotTrustedError,
    ServersUnreachableError,
    StreamError,
    StreamNotFoundError,
    StreamWentBackError,
)
from headgate.stream.message import Lost, Message
from headgate.stream.publish import Published
from headgate.stream.state import Counters, State

__all__ = [
    "Counters",
    "CredentialsRefusedError",
    "Lost",
    "Message",
    "MessagesLostError",
    "NotAllowedError",
    "PublishFailedError",
    "Published",
    "ServerNotTrustedError",
    "ServersUnreachableError",
    "State",
    "StreamClient",
    "StreamError",
    "StreamNotFoundError",
    "StreamWentBackError",
    "Timing",
]
