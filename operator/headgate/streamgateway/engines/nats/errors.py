"""What can go wrong between the operator and a gateway's servers, in words that say what to do."""


class EngineError(Exception):
    """A server did not do what it was asked to; the next pass may try again."""


class CoreUnreachableError(EngineError):
    """No server of the core takes a connection."""


class LoginRefusedError(EngineError):
    """The servers do not know the operator's password."""


class ServerGoneError(EngineError):
    """Nobody answers to that server id: the server has left or was started anew."""


class ServerSilentError(EngineError):
    """A server did not answer in time."""


class NoSuchConnectionError(EngineError):
    """The connection has ended since it was listed."""


class ConnectionUnreadyError(EngineError):
    """The client cannot be told to move: too new, or of a protocol without such messages."""


class RequestRefusedError(EngineError):
    """A server refused a request, for the reason it gives."""


class OutOfSpaceError(EngineError):
    """The core has no room for what a stream reserves."""


class JetStreamUnavailableError(EngineError):
    """The core has no leader or no quorum at the moment."""


class NoSuchStreamError(EngineError):
    """The stream, or the consumer, is not there."""
