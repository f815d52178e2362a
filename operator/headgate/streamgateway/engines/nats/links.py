"""How the servers of a gateway are joined. Pure: settings in, parts of configuration out.

A core of three or five and its edges are one NATS cluster, each joined to each by routes. A core
of one cannot be: in a cluster, JetStream needs two servers to have a leader. It stands alone,
streams and all, and the edges are its leaf nodes; a message between two edges passes through it.
https://docs.nats.io/running-a-nats-service/configuration/leafnodes
"""

from collections.abc import Mapping
from urllib.parse import quote

from headgate.streamgateway.engines.nats.rendering import Value
from headgate.streamgateway.engines.nats.settings import (
    AUTHENTICATION_TIMEOUT_SECONDS,
    ROUTE_WRITE_DEADLINE,
    ClusterSettings,
    Ports,
)

ROUTES_USER = "headgate-routes"
SYSTEM_ROUTES_USER = "headgate-routes-system"
SYSTEM_ACCOUNT = "SYS"
APP_ACCOUNT = "APP"
_LEAVES = ((ROUTES_USER, APP_ACCOUNT), (SYSTEM_ROUTES_USER, SYSTEM_ACCOUNT))


def core_links(cluster: ClusterSettings, ports: Ports) -> Mapping[str, Value]:
    """Return how a server of the core lets the others in."""
    if not stands_alone(cluster):
        return _routes(cluster, ports)
    users: list[Value] = [
        {"user": user, "password": cluster.secrets.routes, "account": account}
        for user, account in _LEAVES
    ]
    hub: dict[str, Value] = {
        "listen": address(ports.host, ports.routes),
        "no_advertise": True,
        "write_deadline": ROUTE_WRITE_DEADLINE,
        "authorization": {"users": users, "timeout": AUTHENTICATION_TIMEOUT_SECONDS},
    }
    return {"leafnodes": hub}


def edge_links(cluster: ClusterSettings, ports: Ports) -> Mapping[str, Value]:
    """Return how an edge finds the others."""
    if not stands_alone(cluster):
        return _routes(cluster, ports)
    (core,) = cluster.routes
    remotes: list[Value] = [
        {"urls": [_url("nats-leaf", user, cluster, core)], "account": account}
        for user, account in _LEAVES
    ]
    return {"leafnodes": {"remotes": remotes, "write_deadline": ROUTE_WRITE_DEADLINE}}


def stands_alone(cluster: ClusterSettings) -> bool:
    """Return whether the core is of one server."""
    return len(cluster.routes) == 1


def address(host: str, port: int) -> str:
    """Return host:port as the server reads it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _routes(cluster: ClusterSettings, ports: Ports) -> Mapping[str, Value]:
    routes = [_url("nats-route", ROUTES_USER, cluster, core) for core in cluster.routes]
    joined: dict[str, Value] = {
        "name": cluster.name,
        "listen": address(ports.host, ports.routes),
        "authorization": {
            "user": ROUTES_USER,
            "password": cluster.secrets.routes,
            "timeout": AUTHENTICATION_TIMEOUT_SECONDS,
        },
        "routes": routes,
        # Clients know the Service alone: told of pods' addresses, they would pass it by, and
        # reach the core and pods that are leaving.
        "no_advertise": True,
        "pool_size": 1,  # an account uses one route of a pool, and there is one account
        "write_deadline": ROUTE_WRITE_DEADLINE,
    }
    return {"cluster": joined}


def _url(scheme: str, user: str, cluster: ClusterSettings, core: str) -> str:
    return f"{scheme}://{user}:{quote(cluster.secrets.routes, safe='')}@{core}"
