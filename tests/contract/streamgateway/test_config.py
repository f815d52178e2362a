"""Real servers read the generated configuration, and take from it what it says and nothing else."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from nats.errors import Error

from headgate.streamgateway.engines.nats.config import core_config, edge_config
from headgate.streamgateway.engines.nats.settings import Drain, Ports, Tls
from headgate.streamgateway.engines.nats.users import User
from tests.builders.nats_engine import (
    MINUTE,
    Engine,
    a_certificate,
    a_cluster,
    a_core,
    an_edge,
    config_test,
    connect,
)

HOSTILE = (
    "plain",
    "$HOME",
    "$2a$not-a-hash",
    '"',
    '" }] } authorization { user: "evil", password: "evilevil" } #',
    "'",
    "\\",
    '\\"',
    "\\x22",
    "\n",
    "a\r\nb",
    "\x00",
    "a\x00b",
    "\t \x0b",
    "# comment",
    "// comment",
    "{}",
    "[,]",
    "(\n)\n",
    "include ./x.conf",
    "true",
    "1k",
    "2024-01-01T00:00:00Z",
    "10.0.0.1",
    "%s%d",
    "\u00e9\u4e2d\u2028\U0001f600",
    "\x7f\x85\xa0",
    "x" * 5000,
)
ABC_HASH = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"
"""Of `abc`, from the test vectors of the jBCrypt library."""


@pytest.mark.parametrize(
    "pod", ["predictions-core-0", "2024-core-0", "2024-01-01-core-1", "1e3-core-2", "true", "5m"]
)
def test_any_name_of_a_pod_is_a_servers_name(pod: str, tmp_path: Path) -> None:
    assert config_test(core_config(a_core()), tmp_path, pod) == ""
    assert config_test(edge_config(an_edge()), tmp_path, pod) == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_can_be_a_password_between_servers(text: str, tmp_path: Path) -> None:
    cluster = a_cluster()
    secrets = replace(cluster.secrets, routes=text, system=text, operator=text)
    assert config_test(core_config(a_core(secrets=secrets)), tmp_path) == ""


@pytest.mark.parametrize("minutes", [0, 1, 60])
def test_any_window_is_taken(minutes: int, tmp_path: Path) -> None:
    drain = Drain(window=minutes * MINUTE)
    assert config_test(edge_config(an_edge(drain=drain)), tmp_path) == ""


def test_an_edge_without_a_nats_listener_is_taken(tmp_path: Path) -> None:
    edge = replace(an_edge(), ports=Ports(client=None, websocket=8080))
    assert config_test(edge_config(edge), tmp_path) == ""


async def test_hostile_names_and_passwords_are_those_users_and_add_no_others(
    tmp_path: Path,
) -> None:
    users = tuple(User(name=f"{text}.", password=f"{text}!") for text in HOSTILE if len(text) < 999)
    cluster = a_cluster(users=users)
    with Engine(folder=tmp_path, core_size=1, edge_count=1, cluster=cluster) as engine:
        for user in users:
            client = await connect(engine.edges[0].url, user.name, user.password)
            await client.close()
        with pytest.raises(Error, match="Authorization Violation"):
            await connect(engine.edges[0].url, "evil", "evilevil", error_cb=quiet)


async def test_a_hash_stands_for_its_password(tmp_path: Path) -> None:
    cluster = a_cluster(users=(User(name="amy", password=ABC_HASH),))
    with Engine(folder=tmp_path, core_size=1, edge_count=1, cluster=cluster) as engine:
        client = await connect(engine.edges[0].url, "amy", "abc")
        await client.close()
        with pytest.raises(Error, match="Authorization Violation"):
            await connect(engine.edges[0].url, "amy", ABC_HASH, error_cb=quiet)


async def test_anonymous_clients_come_in_and_change_no_streams(tmp_path: Path) -> None:
    cluster = a_cluster(users=(), allow_anonymous=True)
    with Engine(folder=tmp_path, core_size=1, edge_count=1, cluster=cluster) as engine:
        refused: list[str] = []

        async def note(error: Exception) -> None:
            refused.append(str(error))

        client = await connect(engine.edges[0].url, None, None, error_cb=note)
        await client.publish("$JS.API.STREAM.DELETE.predictions")
        await client.publish("headgate.live.predictions.forged")
        await client.publish("predictions.a")
        await client.flush()
        assert ["permissions violation" in told for told in refused] == [True, True]
        await client.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return a_certificate(tmp_path_factory.mktemp("tls"))


async def test_both_listeners_speak_tls_when_they_have_a_certificate(
    certificate: Tls, tmp_path: Path
) -> None:
    trust = ssl.create_default_context(cafile=certificate.certificate)
    with Engine(folder=tmp_path, core_size=1, edge_count=1, tls=certificate) as engine:
        edge = engine.edges[0]
        for url in (
            edge.url.replace("nats:", "tls:"),
            edge.websocket_url.replace("ws:", "wss:"),
        ):
            client = await connect(url, tls=trust)
            await client.flush()
            await client.close()


async def quiet(_: Exception) -> None:
    """Say nothing of the error that the test expects."""
