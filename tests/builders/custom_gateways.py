"""A gateway of servers of one's own: its spec, and what a server says of itself."""

import json
from typing import Any

from headgate.streamgateway.observed import CoreServers, EdgePod, Observed
from headgate.streamgateway.types import StreamGatewaySpec
from tests.builders.gateways import a_gateway

IMAGE = "registry.example.com/team/fanout:1"
NO_CORE = CoreServers(wanted=0, ready=0)


def a_custom_spec(*, server: dict[str, Any] | None = None, **fields: Any) -> StreamGatewaySpec:
    """Return a spec, with whatever is given in YAML's words; `server`: of engine.custom."""
    engine = {"custom": {"image": IMAGE, **(server or {})}}
    return StreamGatewaySpec.model_validate({"engine": engine, "replicas": 2, **fields})


def a_custom_gateway(*edges: EdgePod, **changes: Any) -> Observed:
    """Return a gateway of two pods that has no core."""
    spec = changes.pop("spec", {})
    seen = {"core": None, **changes}
    gateway = a_gateway(*edges, **seen)
    fields = {"spec": a_custom_spec(**spec), "core": NO_CORE}
    return type(gateway)(**{**vars(gateway), **fields})


def a_status(**fields: Any) -> bytes:
    """Return the answer of a server with 100 clients."""
    told = {"name": "feed-edge-0", "connections": 100, "arrivals": 1000, "draining": False}
    return json.dumps({**told, **fields}).encode()
