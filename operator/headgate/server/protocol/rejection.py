"""The two ways in which an inference request ends without an answer from the model."""

from http import HTTPStatus


class RejectedError(Exception):
    """The request is at fault: a 4xx whose message names the field."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class ModelFailedError(Exception):
    """The model is at fault: a 500 that counts against its version.

    `kind` groups failures in the log; the message goes to the client and must hold nothing
    of the model's own error text, which may quote other people's data.
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
