"""Operator and fetcher judge addresses alike, though neither image holds the other's list."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headgate.core.artifact_uri import _FORBIDDEN_NETWORKS, forbidden_address
from headgate.server.fetch.addresses import _REFUSED, refusal

REFUSED = (
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "169.254.0.1", "169.254.169.254",
    "224.0.0.1", "239.255.255.255", "255.255.255.255", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "::", "::1", "::7f00:1", "::a00:1", "fe80::1", "febf::1", "fec0::1",
    "ff02::1", "fd00:ec2::254", "fd20:ce::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
)  # fmt: skip
ALLOWED = (
    "10.0.0.1", "100.100.100.199", "100.100.100.201", "168.63.129.17", "192.0.0.191",
    "192.168.0.1", "1.0.0.0", "128.0.0.0", "169.253.255.255", "169.255.0.0", "223.255.255.255",
    "240.0.0.1", "93.184.216.34", "fd00:ec1::1", "fd00:ec3::1", "fd20:ce::253", "fd12::7",
    "2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
)  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_is_fetched_from_here_says_operator_and_fetcher(address: str) -> None:
    assert forbidden_address(ip_address(address))
    assert refusal(ip_address(address), ()) is not None


@pytest.mark.parametrize("address", ALLOWED)
def test_others_may_be_asked_say_operator_and_fetcher(address: str) -> None:
    assert not forbidden_address(ip_address(address))
    assert refusal(ip_address(address), ()) is None


@given(st.ip_addresses())
@example(IPv6Address("64:ff9b:1::1"))
def test_no_address_is_judged_otherwise_by_the_other(address: IPv4Address | IPv6Address) -> None:
    assert forbidden_address(address) == (refusal(address, ()) is not None)


def test_the_borders_of_either_list_are_borders_of_the_other() -> None:
    networks = (*_FORBIDDEN_NETWORKS, *(network for network, _ in _REFUSED))
    for network in networks:
        for border in (network.network_address, network.broadcast_address):
            for address in (border, *_neighbours(border)):
                assert forbidden_address(address) == (refusal(address, ()) is not None), address


def _neighbours(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    largest = 2**address.max_prefixlen - 1
    return tuple(
        type(address)(number)
        for number in (int(address) - 1, int(address) + 1)
        if 0 <= number <= largest
    )
