"""What can go wrong between us and the API server, as types that say what to do about it.

Raised by the client, sorted into "again soon", "again later" and "not before somebody changes
something" by loop/workers.py. This is the only module that knows what the API server's status
codes and reasons mean.
"""
# ruff: noqa: N818  they are named after what happened; that they are errors shows where raised

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

MESSAGE_LIMIT = 1600


class KubeError(Exception):
    """Anything that kept a call to the API server from doing what was asked."""


class NotLeading(KubeError):
    """A write was stopped on its way out: this replica does not hold the Lease (any more)."""


class ApiError(KubeError):
    """The API server refused or failed a request, or could not be reached (status 0)."""

    permanent = False
    """Whether the same request will go on failing until somebody changes something."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep the parts of a Status object that decide what happens next."""
        super().__init__(status, reason, message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details: Mapping[str, Any] = details or {}
        self.retry_after = retry_after
        """Seconds that the server asked us to wait, if it did."""

    def __str__(self) -> str:
        """Read well in a log line."""
        return f"{self.reason or type(self).__name__} ({self.status}): {self.message}"


class Conflict(ApiError):
    """Somebody else changed the object, or owns a field, or a precondition does not hold (409)."""


class AlreadyExists(ApiError):
    """An object of this name exists already (409)."""


class NotFound(ApiError):
    """The object, its namespace or its kind does not exist (404)."""


class Gone(ApiError):
    """The resource version or list page asked for is no longer kept (410): list again."""


class Unauthorized(ApiError):
    """The credentials were not accepted, not even when read afresh (401)."""


class Invalid(ApiError):
    """The request is wrong in itself: the same one will always be refused."""

    permanent = True


class Forbidden(ApiError):
    """RBAC, a quota or an admission policy says no (403)."""

    permanent = True


class Throttled(ApiError):
    """The server asks for fewer requests (429)."""


class Unavailable(ApiError):
    """The server failed, hung or was out of reach. A write may have gone through all the same."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: Invalid,
    406: Invalid,
    409: Conflict,
    410: Gone,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: Throttled,
}


def refusal_in_words(error: ApiError) -> str:
    """Return what is refused for a user's eyes. What is invalid may quote what is secret."""
    if isinstance(error, Invalid):
        what = f"{error.details.get('kind', '')} {error.details.get('name', '')}".strip()
        return f"the API server takes {what or 'an object'} for invalid: see the operator's log"
    return f"the API server refuses: {error.message}"


def error_of(status: int, body: object, retry_after: float | None = None) -> ApiError:
    """Return the typed error for an answer of 400 or above."""
    said: Mapping[str, Any] = body if isinstance(body, dict) else {}
    reason = str(said.get("reason") or "")
    message = _shortened(str(said.get("message") or body or "no explanation was given"))
    details = said.get("details")
    if not isinstance(details, dict):
        details = {}
    if retry_after is None and details.get("retryAfterSeconds"):
        retry_after = float(details["retryAfterSeconds"])
    return _type_of(status, reason, message, details)(
        status, reason, message, details=details, retry_after=retry_after
    )


def _shortened(message: str) -> str:
    """Keep both ends: a refused patch is quoted in full, and what is wrong with it comes last."""
    if len(message) <= MESSAGE_LIMIT:
        return message
    return f"{message[: MESSAGE_LIMIT // 4]} … {message[-MESSAGE_LIMIT * 3 // 4 :]}"


def _type_of(status: int, reason: str, message: str, details: Mapping[str, Any]) -> type[ApiError]:
    if status == HTTPStatus.CONFLICT and reason == "AlreadyExists":
        return AlreadyExists
    if status == HTTPStatus.FORBIDDEN and _has_cause(details, "reason", "NamespaceTerminating"):
        return NotFound  # nothing to ask an administrator for: the owner is about to go as well
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and _has_cause(details, "field", "metadata.uid"):
        return Conflict  # of a write for a uid; a cache that is behind learns of it in a moment
    # An unknown field in a server-side apply of a built-in kind is answered with 500, not 422:
    # retried like any other 500, it would be sent for ever.
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and "failed to create typed patch" in message:
        return Invalid
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _BY_STATUS.get(status, Invalid if refused else Unavailable)


def _has_cause(details: Mapping[str, Any], key: str, value: str) -> bool:
    return any(cause.get(key) == value for cause in details.get("causes") or ())
