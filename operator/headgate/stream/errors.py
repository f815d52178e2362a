"""What can go wrong with a stream, each with what to do about it."""


class StreamError(Exception):
    """Any failure of this client that an application may want to know."""


class ServersUnreachableError(StreamError):
    """No server answered in the time allowed. Check the addresses, the network, the pods."""


class CredentialsRefusedError(StreamError):
    """The server knows no such user or password. Trying again would not help."""


class ServerNotTrustedError(StreamError):
    """The server's certificate does not match, or it has none where the address asks for one."""


class NotAllowedError(StreamError):
    """The user may not use a subject that is needed. The message names it: grant it."""


class StreamNotFoundError(StreamError):
    """There is no stream of that name in the user's account."""


class StreamWentBackError(StreamError):
    """The stream ends before what was already read: it was made anew, or lost its disk.

    Its sequences now name other messages. Start again with `after=0`, or with `after=None` for
    what is new.
    """


class MessagesLostError(StreamError):
    """The stream let go of messages before they could be read; go on with `after=error.last`.

    Raised only when `messages()` was given no `on_lost`.
    """

    def __init__(self, stream: str, first: int, last: int) -> None:
        super().__init__(
            f"stream {stream} no longer holds {first} to {last}: its limits (maxAge, maxBytes) or "
            f"a purge passed this reader by. Go on with after={last}, or raise the limits"
        )
        self.first = first
        self.last = last


class PublishFailedError(StreamError):
    """The stream did not take a message; the text says why."""


class TryAgainError(StreamError):
    """A request was not answered; whoever asked tries again. Never reaches an application."""
