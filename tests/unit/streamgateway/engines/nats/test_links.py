"""How servers are joined: a cluster by routes, or a core of one with leaf nodes."""

from dataclasses import replace

from headgate.streamgateway.engines.nats.config import core_config, edge_config
from headgate.streamgateway.engines.nats.links import address
from tests.builders.nats_engine import SECRETS, a_core, an_edge

ONE = ("predictions-core-0.predictions-core:6222",)


def test_servers_of_a_core_of_three_are_one_cluster_with_the_edges() -> None:
    for text in (core_config(a_core()), edge_config(an_edge())):
        assert text.count("nats-route://headgate-routes:") == 3
        assert "leafnodes" not in text


def test_a_core_of_one_is_in_no_cluster_and_edges_are_its_leaves() -> None:
    core, edge = core_config(a_core(routes=ONE)), edge_config(an_edge(routes=ONE))
    assert "cluster" not in core + edge
    assert 'account: "SYS"' in core
    assert edge.count("nats-leaf://headgate-routes") == 2


def test_passwords_are_escaped_in_urls() -> None:
    text = edge_config(an_edge(secrets=replace(SECRETS, routes="a/b:c@d e%")))
    assert "headgate-routes:a%2Fb%3Ac%40d%20e%25@predictions-core-0" in text


def test_an_address_of_ip_version_6_stands_in_brackets() -> None:
    assert (address("::", 4222), address("0.0.0.0", 4222)) == ("[::]:4222", "0.0.0.0:4222")
