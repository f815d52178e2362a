"""Builds the configuration of core and edge servers. Pure: settings in, text out.

Equal settings give equal text, so that its digest can name a revision.
"""

from collections.abc import Mapping
from datetime import timedelta

from headgate.streamgateway.engines.nats import settings as presets
from headgate.streamgateway.engines.nats.links import (
    APP_ACCOUNT,
    SYSTEM_ACCOUNT,
    address,
    core_links,
    edge_links,
)
from headgate.streamgateway.engines.nats.rendering import Value, Variable, render
from headgate.streamgateway.engines.nats.settings import (
    ClusterSettings,
    CoreSettings,
    EdgeSettings,
    Paths,
    Ports,
    Tls,
)
from headgate.streamgateway.engines.nats.users import (
    ANONYMOUS_USER,
    OPERATOR_USER,
    SYSTEM_USER,
    User,
)

OWN_SUBJECTS = "headgate.>"
"""What only the operator and the servers publish on: live messages and probes."""
DENIED_TO_USERS = (
    OWN_SUBJECTS,
    *(
        f"$JS.API.STREAM.{verb}.>"
        for verb in (
            "CREATE",
            "UPDATE",
            "DELETE",
            "PURGE",
            "RESTORE",
            "SNAPSHOT",
            "MSG.DELETE",
            "PEER",
            "CANCEL_MOVE",
            "LEADER",
        )
    ),
    "$JS.API.CONSUMER.LEADER.>",
)
"""Streams are changed by spec alone; a client of the gateway must not empty them."""


def core_config(settings: CoreSettings) -> str:
    """Return the configuration of every server of the core; its name comes from $SERVER_NAME."""
    cluster = settings.cluster
    max_pending = max(presets.CORE_MAX_PENDING_BYTES, cluster.limits.max_pending)
    return render(
        {
            **_common(cluster, settings.ports, settings.paths, presets.CORE_TAG),
            **core_links(cluster, settings.ports),
            **_client_listener(settings.ports, None),
            **_limits(cluster, max_pending=max_pending),
            "jetstream": {
                "store_dir": settings.paths.store_dir,
                "max_file_store": settings.store_bytes,
                "max_memory_store": 0,  # a stream in memory would be lost in any roll
            },
        }
    )


def edge_config(settings: EdgeSettings) -> str:
    """Return the configuration of every edge server; its name comes from $SERVER_NAME.

    ValueError without any listener for clients.
    """
    ports, cluster = settings.ports, settings.cluster
    if ports.client is None and ports.websocket is None:
        raise ValueError("an edge needs a listener: ports.client or ports.websocket")
    return render(
        {
            **_common(cluster, ports, settings.paths, presets.EDGE_TAG),
            **edge_links(cluster, ports),
            **_client_listener(ports, settings.client_tls),
            **_websocket(ports, settings.websocket_tls),
            **_limits(cluster, max_pending=cluster.limits.max_pending),
        }
    )


def _common(cluster: ClusterSettings, ports: Ports, paths: Paths, tag: str) -> Mapping[str, Value]:
    return {
        "server_name": Variable(name=presets.SERVER_NAME_VARIABLE),
        "server_tags": [tag],
        "pid_file": paths.pid_file,
        "http": address(ports.host, ports.monitoring),
        "lame_duck_duration": cluster.drain.duration,
        "lame_duck_grace_period": cluster.drain.notice,
        **_accounts(cluster),
    }


def _client_listener(ports: Ports, tls: Tls | None) -> Mapping[str, Value]:
    if ports.client is None:
        # The server cannot do without it, and lame duck mode needs it: only its pod reaches this.
        return {"listen": f"127.0.0.1:{presets.CLIENT_PORT}"}
    listener: dict[str, Value] = {"listen": address(ports.host, ports.client)}
    return listener if tls is None else {**listener, "tls": _tls(tls)}


def _websocket(ports: Ports, tls: Tls | None) -> Mapping[str, Value]:
    if ports.websocket is None:
        return {}
    security: dict[str, Value] = {"no_tls": True} if tls is None else {"tls": _tls(tls)}
    websocket: dict[str, Value] = {
        "listen": address(ports.host, ports.websocket),
        **security,
        "same_origin": False,  # pages of other hosts use it; users prove who they are
        "compression": False,  # each connection would hold a compressor's window
        "handshake_timeout": timedelta(seconds=presets.AUTHENTICATION_TIMEOUT_SECONDS),
    }
    return {"websocket": websocket}


def _tls(tls: Tls) -> Value:
    return {
        "cert_file": tls.certificate,
        "key_file": tls.key,
        "timeout": presets.AUTHENTICATION_TIMEOUT_SECONDS,
    }


def _limits(cluster: ClusterSettings, *, max_pending: int) -> Mapping[str, Value]:
    return {
        "max_connections": cluster.limits.max_connections,
        "max_subscriptions": presets.MAX_SUBSCRIPTIONS,
        "max_payload": cluster.limits.max_payload,
        "max_pending": max_pending,
        "max_control_line": presets.MAX_CONTROL_LINE_BYTES,
        "max_closed_clients": presets.MAX_CLOSED_CLIENTS,
        "write_deadline": presets.WRITE_DEADLINE,
        "ping_interval": presets.PING_INTERVAL,
        "ping_max": presets.PINGS_UNANSWERED,
        "authorization": {"timeout": presets.AUTHENTICATION_TIMEOUT_SECONDS},
    }


def _accounts(cluster: ClusterSettings) -> Mapping[str, Value]:
    secrets = cluster.secrets
    operator: Value = {"user": OPERATOR_USER, "password": secrets.operator}
    users = [operator, *(_user(user) for user in cluster.users)]
    if cluster.allow_anonymous:
        users.append(_user(User(name=ANONYMOUS_USER, password=secrets.anonymous)))
    system: Value = {"user": SYSTEM_USER, "password": secrets.system}
    accounts: dict[str, Value] = {
        "accounts": {
            SYSTEM_ACCOUNT: {"users": [system]},
            APP_ACCOUNT: {"jetstream": True, "users": users},
        },
        "system_account": SYSTEM_ACCOUNT,
    }
    return accounts | ({"no_auth_user": ANONYMOUS_USER} if cluster.allow_anonymous else {})


def _user(user: User) -> Value:
    return {
        "user": user.name,
        "password": user.password,
        "permissions": {"publish": {"deny": list(DENIED_TO_USERS)}},
    }
