"""Which addresses a clone's cluster uses: pure arithmetic, no I/O.

Every cluster takes one of 32 slots, each a /20 of 198.18.0.0/15. That block is reserved for
tests between devices (RFC 2544), so neither office networks nor container engines use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_network

POOL = IPv4Network("198.18.0.0/15")
SLOT_PREFIX = 20
SLOT_COUNT = 1 << (SLOT_PREFIX - POOL.prefixlen)
API_PORT = 6443


@dataclass(frozen=True)
class Slot:
    """One cluster's share of the pool."""

    number: int

    @property
    def block(self) -> IPv4Network:
        """Everything below belongs to this slot alone."""
        size = 1 << (32 - SLOT_PREFIX)
        return IPv4Network((int(POOL.network_address) + self.number * size, SLOT_PREFIX))

    @property
    def link(self) -> IPv4Network:
        """The network between the host and the node."""
        return self._part(index=0, prefix=24)

    @property
    def host_address(self) -> IPv4Address:
        """The host's end of the link."""
        return self.link.network_address + 1

    @property
    def node_address(self) -> IPv4Address:
        """The node's end of the link, where the API server listens."""
        return self.link.network_address + 2

    @property
    def pods(self) -> IPv4Network:
        """Addresses of pods."""
        return self._part(index=1, prefix=22)

    @property
    def services(self) -> IPv4Network:
        """Addresses of Services."""
        return self._part(index=2, prefix=22)

    @property
    def api_service_address(self) -> IPv4Address:
        """The Service `kubernetes`: always the first of its range."""
        return self.services.network_address + 1

    @property
    def dns_address(self) -> IPv4Address:
        """The Service `kube-dns`."""
        return self.services.network_address + 10

    @property
    def api_url(self) -> str:
        """Where the host, the node and the components find the API server."""
        return f"https://{self.node_address}:{API_PORT}"

    @property
    def host_device(self) -> str:
        """The name of the host's end of the link."""
        return f"headgate{self.number}"

    @property
    def cgroup(self) -> str:
        """The control group that holds the pods, below the machine's root."""
        return f"/headgate-{self.number}"

    def _part(self, *, index: int, prefix: int) -> IPv4Network:
        """Return the network at the start of quarter `index` of the block."""
        quarter = self.block.num_addresses // 4
        return IPv4Network((int(self.block.network_address) + index * quarter, prefix))


def preferred_slot(clone: str) -> int:
    """Return the slot that a clone asks for first, so that it usually gets the same again."""
    return int.from_bytes(hashlib.sha256(clone.encode()).digest()[:4], "big") % SLOT_COUNT


def choose_slot(clone: str, taken: Collection[int], routes: Iterable[str]) -> Slot | None:
    """Return the first free slot from the preferred one on, or None when there is none.

    A slot is free when no other clone holds it and no route of the host leads into it.
    """
    foreign = [network for route in routes if (network := _parsed(route)) is not None]
    first = preferred_slot(clone)
    for number in (*range(first, SLOT_COUNT), *range(first)):
        slot = Slot(number)
        if number not in taken and not any(slot.block.overlaps(network) for network in foreign):
            return slot
    return None


def _parsed(route: str) -> IPv4Network | None:
    """Return a route's destination, or None for the default route and what is not IPv4."""
    try:
        network = ip_network(route, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) and network.prefixlen else None
