"""What cannot work is said at once, and says what to do."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from headgate.stream import (
    CredentialsRefusedError,
    NotAllowedError,
    ServerNotTrustedError,
    ServersUnreachableError,
    State,
    StreamNotFoundError,
    Timing,
)
from tests.builders.nats_admin import NatsAdmin, connected
from tests.builders.nats_cluster import APP, GUEST, READER, NatsCluster, ServerTls, free_ports
from tests.contract.stream.reading import a_client, reading


@pytest.mark.parametrize("listener", ["edge_urls", "websocket_urls"])
async def test_a_wrong_password_is_an_error_at_once(cluster: NatsCluster, listener: str) -> None:
    urls = getattr(cluster, listener)
    with pytest.raises(CredentialsRefusedError, match="check them against the gateway's Secret"):
        async with a_client(urls, "stranger", **(APP | {"password": "guessed"})):
            pass


async def test_no_server_there_is_an_error_after_the_time_allowed() -> None:
    url = f"nats://127.0.0.1:{next(free_ports(1))}"
    states: list[State] = []
    with pytest.raises(ServersUnreachableError, match=url):
        async with a_client(
            [url], "early", timing=Timing(connect_within=1), on_state=states.append
        ):
            pass


async def test_a_stream_that_is_not_there_is_named(cluster: NatsCluster) -> None:
    async with a_client(cluster.edge_urls, "reader") as client:
        with pytest.raises(StreamNotFoundError, match="see the gateway's spec"):
            await anext(client.messages("absent"))


async def test_a_subject_that_the_user_may_not_use_is_named(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    async with a_client(cluster.edge_urls, name, **GUEST) as client:
        with pytest.raises(NotAllowedError, match="grant it in the user's permissions"):
            await anext(client.messages(name))


@pytest.mark.parametrize("republish", [True, False], ids=["live", "consumer"])
async def test_a_user_who_may_do_just_what_the_reference_says_can_read(
    cluster: NatsCluster, admin: NatsAdmin, name: str, republish: bool
) -> None:
    await admin.create_stream(name, **({} if republish else {"republish": None}))
    await admin.publish(f"{name}.a", 5)
    async with (
        a_client(cluster.edge_urls, name, **READER) as client,
        reading(client, name) as app,
    ):
        await admin.publish(f"{name}.a", 5, first=5)
        await app.has_read(10)

        assert app.sequences == list(range(1, 11))


def test_an_address_that_is_none_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(ValueError, match="'predictions:8080' is not an address"):
        a_client(["predictions:8080"], "reader")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> ServerTls:
    folder = tmp_path_factory.mktemp("tls")
    made = ServerTls(certificate=folder / "server.pem", key=folder / "server.key")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", str(made.key), "-out", str(made.certificate), "-days", "2"),
            *("-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(scope="module")
def sealed(
    tmp_path_factory: pytest.TempPathFactory, certificates: ServerTls
) -> Iterator[NatsCluster]:
    folder: Path = tmp_path_factory.mktemp("sealed")
    with NatsCluster(folder, cores=1, edges=0, tls=certificates) as cluster:
        yield cluster


@pytest.mark.parametrize("listener", ["url", "websocket_url"])
async def test_streams_are_read_over_tls(
    sealed: NatsCluster, certificates: ServerTls, name: str, listener: str
) -> None:
    trusting = ssl.create_default_context(cafile=certificates.certificate)
    async with connected(sealed, tls=trusting) as admin:
        await admin.create_stream(name, num_replicas=1)
        async with (
            a_client([getattr(sealed.cores[0], listener)], name, tls=trusting) as client,
            reading(client, name) as app,
        ):
            await admin.publish(f"{name}.a", 5)
            await app.has_read(5)

            assert app.sequences == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("listener", ["url", "websocket_url"])
async def test_a_certificate_of_an_unknown_authority_is_an_error_at_once(
    sealed: NatsCluster, listener: str
) -> None:
    urls = [getattr(sealed.cores[0], listener)]
    with pytest.raises(ServerNotTrustedError, match="trusts the gateway's certificate authority"):
        async with a_client(urls, "wary", tls=ssl.create_default_context()):
            pass


async def test_a_listener_without_tls_is_an_error_at_once_where_tls_is_asked_for(
    cluster: NatsCluster,
) -> None:
    urls = [url.replace("nats://", "tls://") for url in cluster.edge_urls]
    with pytest.raises(ServerNotTrustedError, match="offers no TLS"):
        async with a_client(urls, "wary", tls=ssl.create_default_context()):
            pass
