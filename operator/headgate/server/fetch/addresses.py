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
# The operator judges the addresses in specs by a list of its own, which this image does not hold.
_REFUSED: Final = tuple(
    (ipaddress.ip_network(network), why)
    for why, networks in (
        # ::/96 also holds ::a.b.c.d, deprecated and still understood by some
        ("is this pod itself", ("0.0.0.0/8", "127.0.0.0/8", "::/96")),
        ("is link-local", ("169.254.0.0/16", "fe80::/10", "fec0::/10")),
        ("is a multicast address", ("224.0.0.0/4", "ff00::/8")),
        ("is the broadcast address", ("255.255.255.255/32",)),
        (
            "is a cloud's metadata service",
            (
                "100.100.100.200/32",  # Alibaba Cloud
                "168.63.129.16/32",  # Azure
                "192.0.0.192/32",  # Oracle Cloud
                "fd00:ec2::/32",  # AWS
                "fd20:ce::254/128",  # Google Cloud
            ),
        ),
    )
    for network in networks
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
    return next((why for network, why in _REFUSED if address in network), None)


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
