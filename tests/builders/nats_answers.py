"""What nats-server 2.15.1 answered, shortened to the fields that matter and a few that do not."""

from typing import Any

EDGE_ID = "NDH5F7TWJOR5YKMDJQWW7OPVR5E7EZSRJNYJLCRTJHRNLOMXVCB7AUQO"


def a_varz(**changes: Any) -> dict[str, Any]:
    """Return /varz of an edge."""
    return {
        "server_id": EDGE_ID,
        "server_name": "predictions-edge-0",
        "version": "2.15.1",
        "proto": 1,
        "host": "0.0.0.0",
        "port": 4222,
        "max_connections": 65536,
        "cluster": {"name": "predictions", "cluster_port": 6222, "pool_size": 1},
        "jetstream": {},
        "start": "2026-11-28T00:14:30.399894156Z",
        "now": "2026-11-28T00:14:33.156085967Z",
        "uptime": "2s",
        "mem": 20074496,
        "cores": 2,
        "cpu": 1.5,
        "connections": 2,
        "total_connections": 3,
        "routes": 8,
        "leafnodes": 0,
        "in_msgs": 16,
        "in_bytes": 13479,
        "out_msgs": 32,
        "out_bytes": 32798,
        "out_client_msgs": 12,
        "out_client_bytes": 13958,
        "slow_consumers": 0,
        "stale_connections": 0,
        "subscriptions": 314,
        "config_load_time": "2026-11-28T00:14:30.399894156Z",
        "tags": ["role:edge"],
        **changes,
    }


def a_statsz(**changes: Any) -> dict[str, Any]:
    """Return a core server's answer to a ping of the system account."""
    stats = {
        "start": "2026-11-28T00:14:30.39107304Z",
        "mem": 20930560,
        "cores": 2,
        "cpu": 2,
        "connections": 1,
        "total_connections": 1,
        "active_accounts": 1,
        "subscriptions": 314,
        "sent": {"msgs": 19, "bytes": 10511},
        "sent_to_clients": {"msgs": 3, "bytes": 300},
        "received": {"msgs": 12, "bytes": 5434},
        "received_from_clients": {"msgs": 1, "bytes": 0},
        "slow_consumers": 0,
        "routes": [{"rid": 17, "name": "predictions-edge-1"}],
        "jetstream": {"meta": {"name": "predictions", "leader": "predictions-core-1"}},
        **changes,
    }
    server = {
        "name": "predictions-core-0",
        "id": "NAWML7I3ZN5BIMKQ6GXUVBIT67R3GJDJ2ANCB2VC2HFO55647R42TLXC",
        "cluster": "predictions",
        "ver": "2.15.1",
        "tags": ["role:core"],
        "time": "2026-11-28T00:14:31.435528232Z",
    }
    return {"server": server, "statsz": stats}


def a_connz(**changes: Any) -> dict[str, Any]:
    """Return a page of an edge's connections, asked for with their users."""
    connection = {
        "cid": 23,
        "kind": "Client",
        "type": "websocket",
        "ip": "127.0.0.1",
        "start": "2026-11-28T00:14:31.942526589Z",
        "pending_bytes": 0,
        "subscriptions": 0,
        "name": "ws",
        "lang": "python3",
        "authorized_user": "amy",
        "account": "APP",
        **changes,
    }
    return {"total": 3, "offset": 1, "limit": 1, "connections": [connection]}


LAME_DUCK_HEALTHZ = {
    "status": "error",
    "error": "failed to be ready for connections after 1ms: websocket, server",
}
"""Status 500, once SIGUSR2 was sent to an edge."""
