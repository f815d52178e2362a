"""A gateway's servers, as the operator talks to them: figures by HTTP, requests by NATS.

What is kept here is of this process only. Another operator begins without it, and asks a few
connections twice.
"""

from headgate.streamgateway.servers.access import CoreAccess
from headgate.streamgateway.servers.servers import Servers

__all__ = ["CoreAccess", "Servers"]
