"""The children of a gateway: what the API server is asked to make."""

import json

from headgate.streamgateway.build.children import client_service, core_set, protection
from headgate.streamgateway.build.owned import CORE, EDGE, Gateway
from headgate.streamgateway.build.pods import edge_pod
from headgate.streamgateway.build.revision import (
    Revision,
    build_revision,
    config_secret,
    core_size,
    files_of,
)
from headgate.streamgateway.engines.nats.settings import InternalSecrets
from headgate.streamgateway.engines.nats.users import User
from headgate.streamgateway.types import StreamGatewaySpec
from tests.builders.gateways import a_gateway_spec

GATEWAY = Gateway(namespace="team-a", name="feed", uid="u1")
SECRETS = InternalSecrets(system="s" * 20, operator="o" * 20, routes="r" * 20, anonymous="a" * 20)
ALICE = User(name="alice", password="correct horse")


def a_revision(spec: StreamGatewaySpec, *users: User) -> Revision:
    return build_revision(GATEWAY, spec, image="nats:2", users=users or (ALICE,), secrets=SECRETS)


def test_what_changes_pods_or_servers_is_another_revision_and_nothing_else_is() -> None:
    # given
    spec = a_gateway_spec(replicas=2)
    same = a_gateway_spec(replicas=5, rebalance={"maxSkew": 1.5})
    others = [
        a_revision(a_gateway_spec(resources={"requests": {"cpu": "1"}})),
        a_revision(spec, User(name="alice", password="another horse")),
        a_revision(a_gateway_spec(drain={"window": "7s"})),
    ]
    # when, then
    assert a_revision(same).name == a_revision(spec).name
    assert a_revision(spec).name not in {each.name for each in others}


def test_pods_of_an_earlier_revision_are_made_from_its_secret_alone() -> None:
    # given
    revision = a_revision(a_gateway_spec(resources={"requests": {"cpu": "3"}}))
    secret = config_secret(GATEWAY, revision)
    # when: read back, as of a Secret in the cluster
    files = files_of(json.loads(json.dumps(secret)))
    pod = edge_pod(GATEWAY, "feed-edge-0", revision.name, json.loads(files["edge.json"]))
    # then
    assert secret["immutable"]
    assert pod["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "3"}}
    assert pod["spec"]["volumes"][0]["secret"]["secretName"] == f"feed-config-{revision.name}"


def test_no_password_stands_anywhere_but_in_a_secret() -> None:
    # given
    spec = a_gateway_spec(streams=[{"name": "s", "subjects": ["x"]}])
    revision = a_revision(spec)
    # when
    children = [
        client_service(GATEWAY, spec),
        core_set(GATEWAY, spec, size=3, revision=revision.name, pod_spec=revision.pod_spec(CORE)),
        edge_pod(GATEWAY, "feed-edge-0", revision.name, revision.pod_spec(EDGE)),
        *protection(GATEWAY, 3),
    ]
    # then
    text = json.dumps(children)
    assert not any(word in text for word in (ALICE.password, *("sora"[i] * 20 for i in range(4))))


def test_a_pod_is_restricted_and_has_time_for_its_lame_duck() -> None:
    # given
    spec = a_gateway_spec(drain={"window": "40s"})
    # when
    pod = a_revision(spec).pod_spec(EDGE)
    # then: window, ten seconds' notice, twenty for the end
    assert pod["terminationGracePeriodSeconds"] == 70
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][0] == "nats-server"


def test_the_core_has_three_servers_or_five() -> None:
    sizes = [
        core_size(a_gateway_spec(streams=[{"name": "s", "subjects": ["x"], "replicas": copies}]))
        for copies in (1, 3, 5)
    ]
    assert [core_size(a_gateway_spec(streams=[])), *sizes] == [3, 3, 3, 5]


def test_node_drains_leave_all_edges_but_one_of_those_that_are_wanted() -> None:
    budgets = [protection(GATEWAY, wanted)[0]["spec"]["minAvailable"] for wanted in (0, 1, 2, 10)]
    assert budgets == [0, 0, 1, 9]


def test_a_configuration_keeps_the_passwords_that_its_servers_know_each_other_by() -> None:
    # given
    revision = a_revision(a_gateway_spec())
    # then: in its Secret, and in no file that a pod reads
    assert json.loads(revision.files["own.json"])["routes"] == SECRETS.routes
    volumes = [revision_pod["volumes"] for revision_pod in map(revision.pod_spec, (EDGE, CORE))]
    assert "own.json" not in json.dumps(volumes)
