"""Whatever a client sends, it gets a 4xx that says what was wrong, and the server goes on."""

import gzip
import json
import random
import socket
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.artifacts import an_iris_request
from tests.builders.model_server import ModelServer

INFER = "/v2/models/iris/infer"


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/", 404, "not found: the API begins at /v2"),
        ("GET", "/v2/", 404, "not found: the API begins at /v2"),
        ("GET", "/v2/models/tulip", 404, "this server has model iris, version iris-v1"),
        ("POST", "/v2/models/tulip/infer", 404, "this server has model iris, version iris-v1"),
        ("POST", "/v2/models/iris/versions/2/infer", 404, "this server has model iris, version"),
        ("GET", INFER, 405, f"GET is not for {INFER}: use POST"),
        ("POST", "/v2/health/live", 405, "POST is not for /v2/health/live: use GET, HEAD"),
        ("DELETE", "/v2/models/iris", 405, "DELETE is not for /v2/models/iris"),
    ],
)
def test_wrong_paths_and_methods_are_told_the_right_ones(
    iris_server: ModelServer, method: str, path: str, status: int, message: str
) -> None:
    answer = iris_server.ask(method, path, b"{}" if method == "POST" else None)
    assert answer.status == status
    assert message in answer.error


@pytest.mark.parametrize(
    ("request_body", "message"),
    [
        (b"{", "the body is not valid JSON"),
        ({}, "inputs: expected a list of tensors, got nothing"),
        (an_iris_request((1.0, 2.0, 3.0)), "inputs[0].shape: expected [-1, 4], got [1, 3]"),
        (an_iris_request(name="x"), 'inputs[0].name: the model has no input "x"'),
        (an_iris_request(datatype="BYTES"), "inputs[0].datatype: expected FP64, got BYTES"),
        (an_iris_request((1.0, 2.0, 3.0, 1e999)), "JSON has no Infinity"),
        (an_iris_request(outputs=[{"name": "y"}]), 'outputs[0].name: the model has no output "y"'),
    ],
)
def test_a_wrong_request_is_told_its_field(
    iris_server: ModelServer, request_body: object, message: str
) -> None:
    answer = iris_server.infer(request_body)
    assert answer.status == 400
    assert message in answer.error


def test_a_body_over_the_limit_is_refused_however_it_comes(iris_server: ModelServer) -> None:
    large = b" " * 200_000
    assert iris_server.infer(large).status == 413
    squeezed = gzip.compress(bytes(10**8))
    answer = iris_server.ask("POST", INFER, squeezed, Content_Encoding="gzip")
    assert answer.status == 413
    assert answer.error == "the body is larger than 100000 bytes"
    chunks = b"".join(b"4e20\r\n" + bytes(20_000) + b"\r\n" for _ in range(10)) + b"0\r\n\r\n"
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % INFER.encode()
    assert raw(iris_server, head + chunks).startswith(b"HTTP/1.1 413 ")


def test_a_compressed_request_is_understood(iris_server: ModelServer) -> None:
    body = gzip.compress(json.dumps(an_iris_request()).encode())
    assert iris_server.ask("POST", INFER, body, Content_Encoding="gzip").status == 200


def test_a_garbled_compressed_body_is_refused(iris_server: ModelServer) -> None:
    body = zlib.compress(b"{}")[:-3] + b"xyz"
    answer = iris_server.ask("POST", INFER, body, Content_Encoding="gzip")
    assert answer.status == 400


def test_a_client_that_waits_for_leave_to_send_gets_it(iris_server: ModelServer) -> None:
    body = json.dumps(an_iris_request()).encode()
    head = (
        f"POST {INFER} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", iris_server.port), timeout=10) as client:
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.sendall(body)
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_offers_http_2_is_answered_in_http_1(iris_server: ModelServer) -> None:
    body = json.dumps(an_iris_request()).encode()
    offer = (
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA"
    )
    request = (
        f"POST {INFER} HTTP/1.1\r\nHost: x\r\n{offer}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    assert raw(iris_server, request).startswith(b"HTTP/1.1 200 ")


def raw(server: ModelServer, sent: bytes) -> bytes:
    """Send bytes and return the first that come back, or none."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            return client.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return b""


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
        b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n" % INFER.encode(),
        b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{" % INFER.encode(),
        b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" % INFER.encode(),
    ],
    ids=range(8),
)
def test_what_is_not_http_is_refused_without_harm(iris_server: ModelServer, sent: bytes) -> None:
    answer = raw(iris_server, sent)
    assert answer == b"" or b" 4" in answer[:13]
    assert iris_server.get("/v2/health/ready").status == 200


def test_random_bytes_do_no_harm(iris_server: ModelServer) -> None:
    source = random.Random(1)  # noqa: S311
    for _ in range(100):
        raw(iris_server, source.randbytes(source.randrange(1, 300)))
    assert iris_server.get("/v2/health/ready").status == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
TENSOR: dict[str, Any] = an_iris_request((1.0, 2.0, 3.0, 4.0))["inputs"][0]
changed_tensors = st.dictionaries(
    st.sampled_from([*TENSOR, "parameters"]), json_values, min_size=1, max_size=3
).map(lambda changes: {"inputs": [{**TENSOR, **changes}]})
changed_requests = st.dictionaries(
    st.sampled_from(["inputs", "outputs", "parameters", "id"]), json_values, min_size=1, max_size=2
).map(lambda changes: {"inputs": [TENSOR], **changes})


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(request=changed_tensors | changed_requests | json_values)
def test_no_json_makes_the_server_fail(iris_server: ModelServer, request: object) -> None:
    answer = iris_server.infer(request)
    assert answer.status in {200, 400, 413}
    if answer.status != 200:
        assert answer.error


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(length=st.integers(-5, 400), tail=st.binary(max_size=64), size=st.integers(-1, 70))
def test_no_binary_section_makes_the_server_fail(
    iris_server: ModelServer, length: int, tail: bytes, size: int
) -> None:
    tensor = {name: value for name, value in TENSOR.items() if name != "data"}
    header = json.dumps({"inputs": [{**tensor, "parameters": {"binary_data_size": size}}]}).encode()
    answer = iris_server.ask(
        "POST",
        INFER,
        header + tail,
        Inference_Header_Content_Length=str(length if length < 300 else len(header)),
    )
    assert answer.status in {200, 400}
