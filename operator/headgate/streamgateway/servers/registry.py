"""Which engine a spec names. A new one is a class behind Servers, and a line here."""

import aiohttp

from headgate.streamgateway.servers.custom import CustomServers
from headgate.streamgateway.servers.nats import NatsServers
from headgate.streamgateway.servers.protocol import Servers
from headgate.streamgateway.types import StreamGatewaySpec


def servers_for(spec: StreamGatewaySpec, http: aiohttp.ClientSession, image: str) -> Servers:
    """Return the servers of a gateway; `image` is that with nats-server."""
    if spec.engine.custom is not None:
        return CustomServers(http)
    return NatsServers(http, image)
