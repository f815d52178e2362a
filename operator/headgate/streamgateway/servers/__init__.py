"""A gateway's servers, as the operator talks to them: one class for each engine.

What is kept here is of this process only. Another operator begins without it, and asks a few
connections twice.
"""

from headgate.streamgateway.servers.protocol import Found, Servers, Told, Wanted
from headgate.streamgateway.servers.registry import servers_for

__all__ = ["Found", "Servers", "Told", "Wanted", "servers_for"]
