"""The drain contract as the operator keeps it: paths, variables, and how answers are read. Pure.

What a server has to do is written for its authors in docs/reference/drain-contract.md.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from headgate.core.conditions import printable, shorten
from headgate.core.resource import path_of

ALIVE = "/headgate/v1/alive"
READY = "/headgate/v1/ready"
STATUS = "/headgate/v1/status"
CORDON = "/headgate/v1/cordon"
DRAIN = "/headgate/v1/drain"
MOVE = "/headgate/v1/move"

MOVES = "move"
"""The capability of a server that asks single connections to leave."""

NAME = "HEADGATE_POD_NAME"
PORT = "HEADGATE_PORT"
CONTROL_PORT = "HEADGATE_CONTROL_PORT"
TOKEN_FILE = "HEADGATE_CONTROL_TOKEN_FILE"  # noqa: S105 - a variable's name
WINDOW = "HEADGATE_DRAIN_WINDOW_SECONDS"
TLS_DIR = "HEADGATE_TLS_DIR"

MOST_BYTES = 64 * 1024
"""Of an answer: pods run what their image holds."""
_MOST = 10**15
"""Of a counter, so that every figure is a number that can be reckoned with."""
_MOST_SHOWN = 60

Connections = Annotated[int, Field(ge=0, le=10_000_000)]
Counter = Annotated[int, Field(ge=0, le=_MOST)]
Seconds = Annotated[float, Field(ge=0, le=_MOST, allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a server does not do as it should."""

    kind: str
    """The same for as long as the same is wrong, whatever came."""
    text: str
    """In words, with what came."""


class ServerStatus(BaseModel):
    """What a server says of itself. Fields of a later contract are passed over."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", alias_generator=to_camel, validate_by_name=True
    )

    name: str = Field(max_length=253)
    """The pod's, as it was told in $HEADGATE_POD_NAME: an address may be another pod's by now."""
    connections: Connections
    arrivals: Counter
    """Clients that came since the start, those that were refused included."""
    draining: bool
    leaving: Connections = 0
    """Of the connections, those that were asked to leave and are still there."""
    capabilities: tuple[Annotated[str, Field(max_length=64)], ...] = Field(
        default=(), max_length=32
    )
    deliveries: Counter | None = None
    slow_consumers: Counter | None = None
    cpu_seconds: Seconds | None = None
    memory_bytes: Counter | None = None

    @property
    def asked(self) -> int:
        """Connections that are about to leave: all of them, once it drains."""
        return self.connections if self.draining else min(self.leaving, self.connections)


def read_status(text: bytes) -> ServerStatus | Fault:
    """Return what a server says of itself, or why that cannot be used."""
    try:
        return ServerStatus.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return _fault("its answer is no JSON")
    path = path_of(first["loc"], "").lstrip(".")
    if first["type"] == "missing":
        return _fault(f"{path} is missing from its answer")
    shown = shorten(printable(repr(first["input"])), _MOST_SHOWN)
    wrong = first["msg"].removeprefix("Input ")
    return _fault(f"{path} {wrong}", f", not {shown}") if path else _fault(f"its answer {wrong}")


def _fault(kind: str, came: str = "") -> Fault:
    kind = f"GET {STATUS}: {kind}"
    return Fault(kind=kind, text=f"{kind}{came}")


ANOTHER_POD = _fault(f"name is not that of the pod, which is ${NAME}")
