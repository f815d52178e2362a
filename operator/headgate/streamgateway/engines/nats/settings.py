"""What the configuration of a gateway's servers is made from, and the presets.

The presets were measured: with the server's own max_pending one stuck reader let the memory of a
server grow from 26 to 652 MB, and with its own timeouts a wave of reconnects failed to log in.
"""

from dataclasses import dataclass
from datetime import timedelta

from headgate.streamgateway.engines.nats.users import User

MIB = 1024 * 1024
MAX_PENDING_BYTES = MIB
"""What the server holds for a client that does not read, before it lets that client go."""
CORE_MAX_PENDING_BYTES = 16 * MIB
"""The core's own listener serves the operator, whose answers are long: no user reaches it."""
MAX_PAYLOAD_BYTES = MIB
MAX_CONTROL_LINE_BYTES = 4096
MAX_SUBSCRIPTIONS = 1000
"""Of one connection, so that no client fills the memory with them."""
MAX_CLOSED_CLIENTS = 1000
"""Of so many closed connections a server keeps the particulars (the server's own: 10,000)."""
DEFAULT_MAX_CONNECTIONS = 65_536
WRITE_DEADLINE = timedelta(seconds=2)
ROUTE_WRITE_DEADLINE = timedelta(seconds=10)
"""A route carries everybody's messages: a busy moment must not cut it."""
AUTHENTICATION_TIMEOUT_SECONDS = 15
PING_INTERVAL = timedelta(seconds=30)
PINGS_UNANSWERED = 2
SHORTEST_LAME_DUCK = timedelta(seconds=30)
"""nats-server refuses a shorter lame_duck_duration."""
LEAST_NOTICE = timedelta(seconds=10)
"""From telling clients that a server leaves to the first that is closed."""

CLIENT_PORT = 4222
ROUTES_PORT = 6222
MONITORING_PORT = 8222
SERVER_NAME_VARIABLE = "SERVER_NAME"
"""The environment variable that the configuration takes the server's name from."""
SERVER_NAME_VALUE = '"$(POD_NAME)"'
"""Its value in a pod. The quotes matter: bare, `2024-core-0` is read as a broken date."""
PID_FILE = "/var/run/nats/nats.pid"
STORE_DIR = "/data"
TLS_DIR = "/etc/nats-tls"
EDGE_TAG = "role:edge"
CORE_TAG = "role:core"


@dataclass(frozen=True, kw_only=True)
class InternalSecrets:
    """Passwords that the operator makes and keeps in a Secret; any text will do."""

    system: str
    """Of headgate-system, the user of the system account."""
    operator: str
    """Of headgate-operator, who makes streams in the users' account."""
    routes: str
    """Between the servers."""
    anonymous: str = ""
    """Of the user that clients without credentials become; nobody has to know it."""

    def __repr__(self) -> str:
        """Hide the passwords from logs and tracebacks."""
        return "InternalSecrets(...)"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where a server listens. Everything but tests leaves host and the internal ports alone."""

    host: str = "0.0.0.0"
    client: int | None = CLIENT_PORT
    """NATS clients; None only on an edge without that listener."""
    websocket: int | None = None
    routes: int = ROUTES_PORT
    monitoring: int = MONITORING_PORT


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Files inside the pod."""

    pid_file: str = PID_FILE
    store_dir: str = STORE_DIR


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Where the certificate and key stand inside the pod (a kubernetes.io/tls Secret, mounted)."""

    certificate: str = f"{TLS_DIR}/tls.crt"
    key: str = f"{TLS_DIR}/tls.key"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one client may take of a server."""

    max_connections: int = DEFAULT_MAX_CONNECTIONS
    max_payload: int = MAX_PAYLOAD_BYTES

    @property
    def max_pending(self) -> int:
        """Return the bytes kept for a reader that lags; the server refuses less than a message."""
        return max(MAX_PENDING_BYTES, self.max_payload)


@dataclass(frozen=True, kw_only=True)
class Drain:
    """How a server lets its clients go."""

    window: timedelta = timedelta(seconds=20)
    """Within which the closes are spread.

    The server waits at random between half and the whole of each client's share of it, so that
    few clients are closed in two thirds of it (300 in 13 s of 20 s); it is never exceeded.
    """

    @property
    def notice(self) -> timedelta:
        """Return how long clients have to leave by themselves before the first close."""
        return max(LEAST_NOTICE, SHORTEST_LAME_DUCK - self.window)

    @property
    def duration(self) -> timedelta:
        """Return the longest time from the signal to the server's end, plus about a second."""
        return self.window + self.notice


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """What all servers of a gateway share."""

    name: str
    """Of the NATS cluster: spaces are refused by the server."""
    routes: tuple[str, ...]
    """host:port of the core's servers (ROUTES_PORT), in a stable order: one, three or five."""
    secrets: InternalSecrets
    users: tuple[User, ...] = ()
    allow_anonymous: bool = False
    limits: Limits = Limits()
    drain: Drain = Drain()


@dataclass(frozen=True, kw_only=True)
class CoreSettings:
    """A server with streams on its disk."""

    cluster: ClusterSettings
    store_bytes: int
    """That streams may fill together, each replica counted; less than the volume has."""
    ports: Ports = Ports()
    paths: Paths = Paths()


@dataclass(frozen=True, kw_only=True)
class EdgeSettings:
    """A server that holds clients and nothing else.

    TLS is per listener; `client_tls` covers the NATS listener, `websocket_tls` the other.
    """

    cluster: ClusterSettings
    ports: Ports
    paths: Paths = Paths()
    client_tls: Tls | None = None
    websocket_tls: Tls | None = None
