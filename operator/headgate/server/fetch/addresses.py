"""Which addresses an artifact may come from: not this pod, its link or a metadata service.

A URI stands in a resource that many may write, and a pod reaches places that they don't. Cluster
addresses are fine: that is where model stores are.
"""

import ipaddress
import socket
from typing import Final

from headgate.server.fetch.settings import Network
from headgate.server.termination import ExitReason, GivingUpError

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

CONNECT_SECONDS: Final = 10.0
_METADATA_SERVICES: Final = frozenset(
    ipaddress.ip_address(text)
    for text in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")
)
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the rest is an IPv4 address


def refusal(address: Address, allowed: tuple[Network, ...]) -> str | None:
    """Return why the address may not be connected to, or None."""
    for network in allowed:
        if address in network:
            return None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return refusal(inner, allowed)
    if address.is_loopback or address.is_unspecified:
        return "is this pod itself"
    if address.is_link_local:
        return "is link-local"
    if address.is_multicast:
        return "is a multicast address"
    return "is a cloud's metadata service" if address in _METADATA_SERVICES else None


def checked_addresses(host: str, port: int, allowed: tuple[Network, ...]) -> list[Address]:
    """Resolve the host once; raises GivingUpError when any of its addresses is refused."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses: list[Address] = []
    for *_, target in found:
        address = ipaddress.ip_address(str(target[0]).split("%")[0])
        if address in addresses:
            continue
        if reason := refusal(address, allowed):
            raise GivingUpError(
                ExitReason.ARTIFACT_UNAVAILABLE,
                f"{host} is at {address}, which {reason}: artifacts aren't fetched from there",
            )
        addresses.append(address)
    return addresses


def connected_socket(
    host: str, port: int, allowed: tuple[Network, ...], read_seconds: float
) -> socket.socket:
    """Connect to an address that was checked, so that a second look-up can't give another."""
    last: OSError | None = None
    for address in checked_addresses(host, port, allowed):
        try:
            connection = socket.create_connection((str(address), port), timeout=CONNECT_SECONDS)
        except OSError as error:
            last = error
            continue
        connection.settimeout(read_seconds)
        return connection
    raise last or OSError(f"{host} has no address")
