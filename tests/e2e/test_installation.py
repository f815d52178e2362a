"""Fear: installing it gives away more than it needs, or less than it says."""

import subprocess

import yaml

from hack.demo.installation import NAMESPACE
from hack.demo.kubectl import ROOT, Kubectl
from tests.builders.resources import Manifest
from tests.e2e.space import Space

OVERLAY = str(ROOT / "manifests" / "overlays" / "default")


def rendered(kubectl: Kubectl) -> list[Manifest]:
    return [each for each in yaml.safe_load_all(kubectl.run("kustomize", OVERLAY)) if each]


def may(kubectl: Kubectl, user: str, verb: str, what: str, namespace: str) -> bool:
    """Ask the API server whether a user may do something."""
    resource, _, subresource = what.partition("/")
    question = ["auth", "can-i", verb, resource, "-n", namespace, f"--as={user}"]
    question += [f"--subresource={subresource}"] if subresource else []
    done = subprocess.run(
        kubectl.argv(question),
        capture_output=True,
        text=True,
        check=False,
        env=kubectl.environment(),
    )
    return done.stdout.strip() == "yes"


def test_the_api_server_accepts_every_manifest_strictly(kubectl: Kubectl) -> None:
    for extra in (["--server-side", "--force-conflicts"], ["--validate=strict"]):
        kubectl.run("apply", "--dry-run=server", *extra, "-k", OVERLAY)


def test_no_role_holds_a_wildcard_and_secrets_are_read_by_name_alone(kubectl: Kubectl) -> None:
    roles = [each for each in rendered(kubectl) if each["kind"] in ("Role", "ClusterRole")]
    assert roles
    for role in roles:
        for rule in role["rules"]:
            words = [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
            assert not any("*" in word for word in words), role["metadata"]["name"]
            if "secrets" in rule["resources"]:  # those that a gateway names, and its own
                assert role["metadata"]["name"] == "headgate-operator"
                assert set(rule["verbs"]) == {"get", "create", "patch"}


def test_exactly_one_of_two_ready_replicas_leads(space: Space) -> None:
    # given: a Model, so that there is something to tell
    space.serve("v1")
    # when
    pods = space.kubectl.json(
        "get", "pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=headgate-operator"
    )["items"]
    pages = {pod["metadata"]["name"]: _metrics(space.kubectl, pod) for pod in pods}
    # then
    leaders = [name for name, page in pages.items() if "headgate_leading 1.0" in page]
    assert len(pages) == 2
    assert len(leaders) == 1
    told = f'headgate_model_phase{{model="lookup",namespace="{space.name}",phase="Healthy"}} 1.0'
    assert told in pages[leaders[0]]


def test_whoever_edits_a_namespace_edits_models_and_nobody_but_the_operator_writes_status(
    space: Space,
) -> None:
    # given
    for role in ("view", "edit"):
        space.kubectl.run("create", "rolebinding", role, f"--clusterrole={role}",
                          f"--user={role}er", "-n", space.name)  # fmt: skip
    space.wait(
        "roles aggregated", lambda: may(space.kubectl, "editer", "create", "models", space.name)
    )
    # then
    assert may(space.kubectl, "viewer", "get", "models", space.name)
    assert not may(space.kubectl, "viewer", "patch", "models", space.name)
    assert may(space.kubectl, "editer", "patch", "models/scale", space.name)
    assert not may(space.kubectl, "editer", "patch", "models/status", space.name)
    operator = f"system:serviceaccount:{NAMESPACE}:headgate-operator"
    assert may(space.kubectl, operator, "patch", "models/status", space.name)
    assert not may(space.kubectl, operator, "patch", "models", space.name)
    assert not may(space.kubectl, operator, "list", "secrets", space.name)
    assert not may(space.kubectl, operator, "delete", "secrets", space.name)


def _metrics(kubectl: Kubectl, pod: Manifest) -> str:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}:9090/proxy/metrics"
    return kubectl.run("get", "--raw", path)
