"""Asks servers that keep the drain contract, at their pods' own addresses and nowhere else."""

import json
from collections.abc import Callable, Mapping

import aiohttp

from headgate.core.conditions import printable, shorten
from headgate.streamgateway.engines.custom.contract import MOST_BYTES, Fault
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.servers.figures import host_of

TIMEOUT_SECONDS = 1.5
_MOST_SHOWN = 120
_GOOD = 200
_NOT_GOOD = 300


class ControlError(Exception):
    """A server did not do what the contract says; the text says what it did."""

    def __init__(self, kind: str, said: str = "") -> None:
        """Say of what kind it is, and what the server said to it."""
        super().__init__(f"{kind}: {said}" if said else kind)
        self.fault = Fault(kind=kind, text=str(self))


class Control:
    """The control port of one gateway's servers."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        address: Callable[[EdgePod], str] | None = None,
        seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Ask nothing yet. `address` gives a pod's base URL, where it is not the usual one."""
        self._http = http
        self._address = address or _address
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self.token = ""

    async def get(self, pod: EdgePod, path: str) -> bytes:
        """Return an answer; ControlError where there is none, or one that is too long."""
        return await self._ask("GET", pod, path, None)

    async def post(self, pod: EdgePod, path: str, body: Mapping[str, int] | None = None) -> None:
        """Ask for something; ControlError where it is refused."""
        await self._ask("POST", pod, path, body or {})

    async def _ask(
        self, method: str, pod: EdgePod, path: str, body: Mapping[str, int] | None
    ) -> bytes:
        asked = f"{method} {path} on port {pod.control_port}"
        headers = {"Authorization": f"Bearer {self.token}"}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._http.request(
                method,
                f"{self._address(pod)}{path}",
                data=data,
                headers=headers,
                allow_redirects=False,  # the token goes nowhere else
                timeout=self._timeout,
            ) as answer:
                text = await _bounded(answer)
                if not _GOOD <= answer.status < _NOT_GOOD:
                    said = self._without_token(text).decode(errors="replace")
                    shown = shorten(printable(said), _MOST_SHOWN)
                    raise ControlError(f"{asked} was answered {answer.status}", shown)
        except TimeoutError as error:
            seconds = self._timeout.total
            raise ControlError(f"{asked} was not answered within {seconds} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ControlError(f"{asked} failed: {type(error).__name__}") from error
        if len(text) > MOST_BYTES:
            raise ControlError(f"{asked} was answered with more than {MOST_BYTES} bytes")
        return self._without_token(text)

    def _without_token(self, text: bytes) -> bytes:
        """Return an answer without the token: what it says is shown, and it may be an echo."""
        return text.replace(self.token.encode(), b"[token]") if self.token else text


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body, of one that is too long only so much that it shows."""
    text = b""
    while len(text) <= MOST_BYTES:
        part = await answer.content.read(MOST_BYTES + 1 - len(text))
        if not part:
            break
        text += part
    return text


def _address(pod: EdgePod) -> str:
    return f"http://{host_of(pod.ip)}:{pod.control_port}"
