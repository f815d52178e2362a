"""What the generated configuration promises, read as text; servers read it in contract tests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from headgate.streamgateway.engines.nats.config import core_config, edge_config
from headgate.streamgateway.engines.nats.settings import Drain, Limits, Ports, Tls
from tests.builders.nats_engine import a_core, an_edge

MIB = 1024 * 1024


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_an_edge_bounds_what_a_client_may_take() -> None:
    text = lines(edge_config(an_edge()))
    for preset in (
        "max_pending: 1048576",
        "max_payload: 1048576",
        "max_control_line: 4096",
        'write_deadline: "2s"',
        "compression: false",
    ):
        assert preset in text


def test_equal_settings_give_equal_text() -> None:
    assert edge_config(an_edge()) == edge_config(an_edge())


def test_an_edge_has_no_streams() -> None:
    assert "store_dir" not in edge_config(an_edge())
    assert "store_dir" in core_config(a_core())


def test_clients_are_not_told_the_addresses_of_pods() -> None:
    assert "no_advertise: true" in lines(edge_config(an_edge()))


def test_a_larger_payload_still_fits_what_is_kept_for_a_reader() -> None:
    text = lines(edge_config(an_edge(limits=Limits(max_payload=8 * MIB))))
    assert f"max_pending: {8 * MIB}" in text


@pytest.mark.parametrize(
    ("window", "notice", "duration"), [(1, 29, 30), (20, 10, 30), (25, 10, 35), (600, 10, 610)]
)
def test_closes_are_spread_over_the_window_after_a_notice(
    window: int, notice: int, duration: int
) -> None:
    drain = Drain(window=timedelta(seconds=window))
    assert drain.notice == timedelta(seconds=notice)
    assert drain.duration == timedelta(seconds=duration)


def test_tls_covers_the_listeners_that_it_is_given_for() -> None:
    plain = edge_config(an_edge())
    both = edge_config(replace(an_edge(), client_tls=Tls(), websocket_tls=Tls()))
    assert (plain.count("cert_file"), plain.count("no_tls: true")) == (0, 1)
    assert (both.count("cert_file"), both.count("no_tls: true")) == (2, 0)


def test_without_a_nats_listener_it_is_kept_inside_the_pod() -> None:
    text = edge_config(replace(an_edge(), ports=Ports(client=None, websocket=8080)))
    assert 'listen: "127.0.0.1:4222"' in lines(text)


def test_an_edge_without_any_listener_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a listener"):
        edge_config(replace(an_edge(), ports=Ports(client=None)))


def test_only_a_gateway_that_allows_it_lets_clients_in_without_a_name() -> None:
    assert "no_auth_user" not in edge_config(an_edge())
    anonymous = lines(edge_config(an_edge(allow_anonymous=True, users=())))
    assert 'no_auth_user: "headgate-anonymous"' in anonymous


def test_passwords_are_not_in_what_is_logged_of_settings() -> None:
    shown = repr(an_edge())
    assert "amys-password" not in shown
    assert "system-password" not in shown
