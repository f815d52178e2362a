"""The pods of a server of one's own: what they are told, and what they may."""

import json
from typing import Any

from headgate.streamgateway.build.children import client_service
from headgate.streamgateway.build.owned import EDGE, Gateway
from headgate.streamgateway.build.pods import edge_pod
from headgate.streamgateway.build.revision import Revision, core_size
from headgate.streamgateway.engines.custom.pods import build_revision, protection
from headgate.streamgateway.records import project_gateway_pod
from tests.builders.custom_gateways import IMAGE, a_custom_spec

GATEWAY = Gateway(namespace="team-a", name="feed", uid="u1")


def a_revision(*, control: str = "a-token", **fields: Any) -> Revision:
    spec = a_custom_spec(**fields)
    assert spec.engine.custom is not None
    return build_revision(GATEWAY, spec, spec.engine.custom, control)


def a_pod(**fields: Any) -> dict[str, Any]:
    revision = a_revision(**fields)
    spec: dict[str, Any] = edge_pod(GATEWAY, "feed-edge-0", revision.name, revision.pod_spec(EDGE))[
        "spec"
    ]
    return spec


def test_what_changes_pods_is_another_revision_and_nothing_else_is() -> None:
    # given
    others = [
        a_revision(server={"image": "other:2"}),
        a_revision(server={"args": ["--verbose"]}),
        a_revision(drain={"window": "7s"}),
        a_revision(control="another"),
    ]
    # then
    assert a_revision(replicas=5, rebalance={"maxSkew": 1.5}).name == a_revision().name
    assert a_revision().name not in {each.name for each in others}


def test_a_server_is_told_what_the_contract_promises() -> None:
    # when
    pod = a_pod(
        server={"port": 9000, "controlPort": 9001, "env": [{"name": "PEERS", "value": "all"}]},
        drain={"window": "7s"},
        listeners={"websocket": {"port": 443, "tls": {"secretName": "feed-tls"}}},
    )
    # then
    server = pod["containers"][0]
    assert {each["name"]: each.get("value") for each in server["env"]} == {
        "HEADGATE_POD_NAME": None,
        "HEADGATE_PORT": "9000",
        "HEADGATE_CONTROL_PORT": "9001",
        "HEADGATE_CONTROL_TOKEN_FILE": "/etc/headgate/control/token",
        "HEADGATE_DRAIN_WINDOW_SECONDS": "7",
        "HEADGATE_TLS_DIR": "/etc/headgate/tls",
        "PEERS": "all",
    }
    assert {each["name"]: each["mountPath"] for each in server["volumeMounts"]} == {
        "tmp": "/tmp",  # noqa: S108 - of the pod
        "control": "/etc/headgate/control",
        "tls": "/etc/headgate/tls",
    }
    assert server["image"] == IMAGE


def test_a_pod_is_restricted_and_has_time_to_let_its_clients_go() -> None:
    # when
    pod = a_pod(drain={"window": "40s"})
    # then: three seconds for the proxies, the window, twenty for the end
    assert pod["terminationGracePeriodSeconds"] == 63
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert pod["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 3}}


def test_the_token_stands_in_no_pod_and_in_no_configuration() -> None:
    # when
    pod = a_pod()
    # then: only where it is, in the Secret that the operator made
    secrets = [each["secret"] for each in pod["volumes"] if "secret" in each]
    item = {"key": "control", "path": "token"}
    assert secrets == [{"secretName": "feed-system", "items": [item]}]
    assert list(a_revision().files) == ["edge.json", "control.sha256"]
    assert "a-token" not in json.dumps(a_revision().files)


def test_the_operator_alone_reaches_the_control_port() -> None:
    # when
    _, policy = protection(GATEWAY, 3)
    # then
    open_to_all = [way for way in policy["spec"]["ingress"] if "from" not in way]
    assert open_to_all == [{"ports": [{"protocol": "TCP", "port": "websocket"}]}]
    (of_operator,) = [way for way in policy["spec"]["ingress"] if "from" in way]
    assert of_operator["ports"] == [{"protocol": "TCP", "port": "control"}]
    assert "headgate-operator" in json.dumps(of_operator["from"])


def test_clients_come_by_one_listener_and_there_is_no_core() -> None:
    # given
    spec = a_custom_spec(listeners={"websocket": {"port": 80}})
    # when
    service = client_service(GATEWAY, spec)
    # then
    assert [(port["port"], port["targetPort"]) for port in service["spec"]["ports"]] == [
        (80, "websocket")
    ]
    assert core_size(spec) == 0


def test_a_pod_is_asked_where_its_own_spec_says_also_when_the_gateways_says_otherwise() -> None:
    # given
    revision = a_revision(server={"controlPort": 9001})
    pod = edge_pod(GATEWAY, "feed-edge-0", revision.name, revision.pod_spec(EDGE))
    pod["metadata"] |= {
        "uid": "u2",
        "creationTimestamp": "2026-11-23T12:00:00Z",
        "resourceVersion": "1",
    }
    # then
    assert project_gateway_pod(pod).edge.control_port == 9001
