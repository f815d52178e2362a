"""Hosts and paths that the API server's regular expressions cannot judge."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.artifact_uri import HOST_MESSAGE, PARENT_MESSAGE, forbidden_address, problems_of


@pytest.mark.parametrize(
    "host",
    ["[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[fd00:ec2:0:0::fe]", "[fd00:0ec2::254]",
     "[::7f00:1]", "[ff02::1]", "[fec0::1]", "[2001:db8::1", "[v1.x]", "256.1.1.1", "1.2.3",
     "0x.1.1.1",
     "example.com:99999", "example.com:port", "-a.com", "a..%00"],
)  # fmt: skip
def test_a_host_in_disguise_is_refused(host: str) -> None:
    assert HOST_MESSAGE in list(problems_of(f"http://{host}/m"))


@pytest.mark.parametrize("part", ["%252e%252e", "%25252e.", ".%2E", "%2e%2e%2f", "..;/.."])
def test_a_climb_that_is_encoded_again_is_refused(part: str) -> None:
    assert PARENT_MESSAGE in list(problems_of(f"https://example.com/a/{part}"))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "::ffff:127.0.0.1",
                "64:ff9b::7f00:1", "224.0.0.1", "100.100.100.200", "168.63.129.16"],
)  # fmt: skip
def test_nothing_is_fetched_from_an_address_of_the_node(address: str) -> None:
    assert forbidden_address(ip_address(address))


@pytest.mark.parametrize("address", ["10.0.0.1", "93.184.216.34", "2001:db8::1", "fd12::1"])
def test_other_addresses_may_be_asked(address: str) -> None:
    assert not forbidden_address(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_all_its_forms(address: IPv4Address) -> None:
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert forbidden_address(IPv6Address(form)) == forbidden_address(address)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    list(problems_of(text))
    list(problems_of(f"https://{text}"))
