"""Reads what servers tell of themselves. Pure: parsed JSON in, figures out.

Answers come from pods that may be of any version, or half dead: a field that is missing or is no
figure becomes None, which says "not known" and never zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

_NOT_ACCEPTING = "failed to be ready for connections"


@dataclass(frozen=True, kw_only=True)
class ServerSeen:
    """A server at one moment; counters run from its start."""

    server_id: str | None
    """New at each start of the process."""
    name: str | None
    version: str | None = None
    tags: tuple[str, ...] = ()
    at: datetime | None = None
    started: datetime | None = None
    config_loaded: datetime | None = None
    connections: int | None = None
    routes: int | None = None
    """To other servers, some to each; zero, and an edge is healthy and cut off."""
    leaves: int | None = None
    """Links to or from leaf nodes: what joins the servers when the core is of one."""
    subscriptions: int | None = None
    slow_consumers: int | None = None
    """Clients let go because they did not read, since the start."""
    stale_connections: int | None = None
    in_msgs: int | None = None
    in_bytes: int | None = None
    out_msgs: int | None = None
    out_bytes: int | None = None
    """To clients and other servers."""
    delivered_msgs: int | None = None
    delivered_bytes: int | None = None
    """To clients alone."""
    cpu_percent: float | None = None
    """Of one core: 200 is two cores busy."""
    memory_bytes: int | None = None
    meta_leader: str | None = None
    """Name of the server that leads JetStream; only servers of the core know it."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What /healthz says."""

    ready: bool
    leaving: bool
    """Its listeners are closed: it is in lame duck mode, or only starts."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ConnectionSeen:
    """A client's connection; cid is the server's own number for it."""

    cid: int
    name: str = ""
    user: str = ""
    account: str = ""
    is_websocket: bool = False
    started: datetime | None = None
    pending_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectionsPage:
    """A part of a server's connections, the oldest first."""

    total: int | None
    offset: int
    connections: tuple[ConnectionSeen, ...]


def read_varz(answer: Mapping[str, Any]) -> ServerSeen:
    """Return what /varz, or $SYS.REQ.SERVER.<id>.VARZ, says."""
    return ServerSeen(
        server_id=_text(answer, "server_id"),
        name=_text(answer, "server_name"),
        version=_text(answer, "version"),
        tags=_texts(answer, "tags"),
        at=_moment(answer, "now"),
        started=_moment(answer, "start"),
        config_loaded=_moment(answer, "config_load_time"),
        connections=_count(answer, "connections"),
        routes=_count(answer, "routes"),
        leaves=_count(answer, "leafnodes"),
        subscriptions=_count(answer, "subscriptions"),
        slow_consumers=_count(answer, "slow_consumers"),
        stale_connections=_count(answer, "stale_connections"),
        in_msgs=_count(answer, "in_msgs"),
        in_bytes=_count(answer, "in_bytes"),
        out_msgs=_count(answer, "out_msgs"),
        out_bytes=_count(answer, "out_bytes"),
        delivered_msgs=_count(answer, "out_client_msgs"),
        delivered_bytes=_count(answer, "out_client_bytes"),
        cpu_percent=_figure(answer, "cpu"),
        memory_bytes=_count(answer, "mem"),
        meta_leader=_meta_leader(answer),
    )


def read_statsz(answer: Mapping[str, Any]) -> ServerSeen:
    """Return what a server answers to $SYS.REQ.SERVER.PING.STATSZ."""
    server, stats = _part(answer, "server"), _part(answer, "statsz")
    sent, received = _part(stats, "sent"), _part(stats, "received")
    delivered, routes = _part(stats, "sent_to_clients"), stats.get("routes")
    return ServerSeen(
        server_id=_text(server, "id"),
        name=_text(server, "name"),
        version=_text(server, "ver"),
        tags=_texts(server, "tags"),
        at=_moment(server, "time"),
        started=_moment(stats, "start"),
        connections=_count(stats, "connections"),
        routes=len(routes) if isinstance(routes, list) else None,
        subscriptions=_count(stats, "subscriptions"),
        slow_consumers=_count(stats, "slow_consumers"),
        stale_connections=_count(stats, "stale_connections"),
        in_msgs=_count(received, "msgs"),
        in_bytes=_count(received, "bytes"),
        out_msgs=_count(sent, "msgs"),
        out_bytes=_count(sent, "bytes"),
        delivered_msgs=_count(delivered, "msgs"),
        delivered_bytes=_count(delivered, "bytes"),
        cpu_percent=_figure(stats, "cpu"),
        memory_bytes=_count(stats, "mem"),
        meta_leader=_meta_leader(stats),
    )


def read_healthz(status: int, answer: Mapping[str, Any]) -> Health:
    """Return what /healthz says; in lame duck mode it answers 500 while /varz goes on."""
    detail = _text(answer, "error") or ""
    ready = status == HTTPStatus.OK
    return Health(ready=ready, leaving=not ready and _NOT_ACCEPTING in detail, detail=detail)


def read_connections(answer: Mapping[str, Any]) -> ConnectionsPage:
    """Return what /connz, or $SYS.REQ.SERVER.<id>.CONNZ inside `data`, says."""
    listed = answer.get("connections")
    entries = listed if isinstance(listed, list) else []
    found = [_connection(entry) for entry in entries if isinstance(entry, Mapping)]
    return ConnectionsPage(
        total=_count(answer, "total"),
        offset=_count(answer, "offset") or 0,
        connections=tuple(connection for connection in found if connection is not None),
    )


def _connection(entry: Mapping[str, Any]) -> ConnectionSeen | None:
    cid = _count(entry, "cid")
    if cid is None:
        return None
    return ConnectionSeen(
        cid=cid,
        name=_text(entry, "name") or "",
        user=_text(entry, "authorized_user") or "",
        account=_text(entry, "account") or "",
        is_websocket=entry.get("type") == "websocket",
        started=_moment(entry, "start"),
        pending_bytes=_count(entry, "pending_bytes"),
    )


def _meta_leader(answer: Mapping[str, Any]) -> str | None:
    return _text(_part(_part(answer, "jetstream"), "meta"), "leader") or None


def _part(answer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = answer.get(key)
    return part if isinstance(part, Mapping) else {}


def _text(answer: Mapping[str, Any], key: str) -> str | None:
    text = answer.get(key)
    return text if isinstance(text, str) else None


def _texts(answer: Mapping[str, Any], key: str) -> tuple[str, ...]:
    texts = answer.get(key)
    if not isinstance(texts, Sequence) or isinstance(texts, str):
        return ()
    return tuple(text for text in texts if isinstance(text, str))


def _count(answer: Mapping[str, Any], key: str) -> int | None:
    count = answer.get(key)
    return count if type(count) is int and count >= 0 else None


def _figure(answer: Mapping[str, Any], key: str) -> float | None:
    figure = answer.get(key)
    if isinstance(figure, bool) or not isinstance(figure, int | float):
        return None
    return float(figure) if 0 <= figure < float("inf") else None


def _moment(answer: Mapping[str, Any], key: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(answer[key])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
