"""Artifacts from http:// and https://."""

import base64
import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final, override
from urllib.parse import SplitResult, urljoin, urlsplit

from headgate.server.fetch.addresses import connected_socket
from headgate.server.fetch.incoming import Incoming
from headgate.server.fetch.settings import FetchSettings, Network
from headgate.server.logs import log
from headgate.server.termination import ExitReason, GivingUpError

READ_SECONDS: Final = 60.0
ATTEMPTS: Final = 3
MOST_REDIRECTS: Final = 5
_CHUNK_BYTES: Final = 256 * 1024
_MAY_PASS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class _TransientError(Exception):
    """This attempt failed; another may not."""


def fetch_http(
    settings: FetchSettings, incoming: Incoming, pause: Callable[[float], None] = time.sleep
) -> str:
    """Bring the artifact and return its sha256; raises GivingUpError."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(settings, incoming)
        except (_TransientError, OSError, http.client.HTTPException) as error:
            message = f"{settings.shown_uri}: {_described(error)}"
            if attempt == ATTEMPTS or isinstance(error, ssl.SSLCertVerificationError):
                raise GivingUpError(
                    ExitReason.ARTIFACT_UNAVAILABLE, f"{message} ({attempt} attempts)"
                ) from error
            log("fetch failed, trying again", attempt=attempt, error=message)
            pause(2.0 ** (attempt - 1))
    raise AssertionError("the last attempt returns or raises")


def _attempt(settings: FetchSettings, incoming: Incoming) -> str:
    uri = settings.uri
    for _ in range(MOST_REDIRECTS + 1):
        connection = _connection(uri, settings)
        try:
            target = uri._replace(scheme="", netloc="", fragment="").geturl() or "/"
            connection.request("GET", target, headers=_headers(settings.secret_dir))
            response = connection.getresponse()
            if response.status not in _REDIRECTS:
                return _received(response, settings, incoming)
            uri = _redirected(uri, response.getheader("Location", ""), settings)
        finally:
            connection.close()
    raise _unavailable(settings, f"redirects more than {MOST_REDIRECTS} times")


def _received(
    response: http.client.HTTPResponse, settings: FetchSettings, incoming: Incoming
) -> str:
    if response.status in _MAY_PASS:
        raise _TransientError(f"answered {response.status} {response.reason}")
    if response.status != HTTPStatus.OK:
        hint = ""
        if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            given = (
                "were refused" if _headers(settings.secret_dir).keys() - _PLAIN else "are missing"
            )
            hint = f": credentials ({settings.secret_field}) {given}"
        raise _unavailable(settings, f"answered {response.status} {response.reason}{hint}")
    expected = response.length  # None when the body is chunked or ends with the connection
    incoming.expect(expected)
    digest, size = incoming.receive(_chunks(response))
    if expected is not None and size != expected:
        raise _TransientError(f"ended after {size} of {expected} bytes")
    return digest


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(_CHUNK_BYTES):
        yield chunk


def _redirected(uri: SplitResult, location: str, settings: FetchSettings) -> SplitResult:
    """Follow only within one scheme, host and port: elsewhere neither check nor secret holds."""
    try:
        target = urlsplit(urljoin(uri.geturl(), location))
        same = (target.scheme, target.hostname, target.port) == (uri.scheme, uri.hostname, uri.port)
    except ValueError:
        same, target = False, uri
    if not same or not location:
        place = f"{target.scheme}://{target.netloc}" if location else "nowhere"
        raise _unavailable(settings, f"redirects to {place}; only the same host is followed")
    return target


_PLAIN: Final = {"Accept-Encoding": "identity", "User-Agent": "headgate-fetch"}.keys()


def _headers(secret_dir: Path) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "headgate-fetch"}
    token, username = secret_dir / "token", secret_dir / "username"
    if token.is_file():
        headers["Authorization"] = f"Bearer {token.read_text().strip()}"
    elif username.is_file():
        password = secret_dir / "password"
        pair = f"{username.read_text().strip()}:{password.read_text().strip()}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return headers


def _connection(uri: SplitResult, settings: FetchSettings) -> http.client.HTTPConnection:
    host = uri.hostname or ""
    if uri.scheme == "http":
        return _PlainConnection(host, uri.port or http.client.HTTP_PORT, settings.allowed_networks)
    context = ssl.create_default_context()
    authority = settings.secret_dir / "ca.crt"
    if authority.is_file():
        context.load_verify_locations(cafile=authority)
    port = uri.port or http.client.HTTPS_PORT
    return _SecureConnection(host, port, settings.allowed_networks, context)


class _PlainConnection(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, allowed: tuple[Network, ...]) -> None:
        super().__init__(host, port)
        self._allowed = allowed

    @override
    def connect(self) -> None:
        self.sock = connected_socket(self.host, self.port, self._allowed, READ_SECONDS)


class _SecureConnection(_PlainConnection):
    def __init__(
        self, host: str, port: int, allowed: tuple[Network, ...], context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port, allowed)
        self.default_port = http.client.HTTPS_PORT
        self._context = context

    @override
    def connect(self) -> None:
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def _unavailable(settings: FetchSettings, what: str) -> GivingUpError:
    return GivingUpError(ExitReason.ARTIFACT_UNAVAILABLE, f"{settings.shown_uri} {what}")


def _described(error: Exception) -> str:
    return str(error) or type(error).__name__
