"""Fear: the operator takes what is not its own, or leaves what is."""

from headgate.core.names import child_name, service_name
from tests.builders.good_specs import LONGEST_NAME
from tests.builders.resources import Manifest
from tests.e2e.space import MODEL, Space

SOMEBODYS_PORT = 4711


def a_service(name: str, namespace: str) -> Manifest:
    spec = {"selector": {"app": "theirs"}, "ports": [{"port": SOMEBODYS_PORT}]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def a_deployment(name: str, namespace: str) -> Manifest:
    labels = {"app": "theirs"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "c", "image": "registry.invalid/theirs:1"}]},
            },
        },
    }


def test_a_service_of_that_name_is_left_untouched(space: Space) -> None:
    # given
    space.kubectl.apply(a_service(MODEL, space.name))
    before = space.get("Service", MODEL)
    # when
    space.create_version("v1")
    space.create_model("v1")
    # then
    _wait_until_refused(space, MODEL)
    assert space.get("Service", MODEL) == before
    # when
    space.kubectl.run("delete", "service", MODEL, "-n", space.name)
    # then: it goes on by itself
    space.wait_until_healthy("v1")


def test_a_deployment_of_that_name_is_left_untouched(space: Space) -> None:
    # given
    name = child_name(MODEL, "v1")
    space.kubectl.apply(a_deployment(name, space.name))
    space.wait("deployment seen", lambda: _settled(space.get("Deployment", name)))
    before = space.get("Deployment", name)
    # when
    space.create_version("v1")
    space.create_model("v1")
    # then
    _wait_until_refused(space, MODEL)
    assert space.get("Deployment", name) == before


def test_of_two_models_that_claim_one_service_the_second_is_refused(space: Space) -> None:
    # given: a name that is no DNS label, and a Model that has just what it is turned into
    first, second = "a.b", service_name("a.b")
    space.create_version("first-v1", model=first)
    space.create_model("first-v1", first)
    space.wait_until_healthy("first-v1", first)
    # when
    space.create_version("second-v1", model=second)
    space.create_model("second-v1", second)
    # then
    _wait_until_refused(space, second)
    assert space.status(first)["phase"] == "Healthy"


def test_what_others_change_in_a_child_is_put_right(space: Space) -> None:
    # given
    space.serve("v1")
    # when
    selector = {"spec": {"selector": {"headgate.dev/version": "nobody"}}}
    space.kubectl.merge("service", space.name, MODEL, selector)
    # then
    space.wait(
        "selector put right",
        lambda: (
            (space.get("Service", MODEL) or {})["spec"]["selector"]["headgate.dev/version"] == "v1"
        ),
        seconds=20,
    )


def test_deleting_a_model_takes_its_children_and_nothing_else(space: Space) -> None:
    # given
    space.kubectl.apply(a_service("theirs", space.name))
    space.serve("v1")
    # when
    space.kubectl.run("delete", "model", MODEL, "-n", space.name, "--wait=true")
    # then
    space.wait(
        "children gone",
        lambda: not space.all("Deployment") and not space.get("Service", MODEL),
    )
    assert space.get("Service", "theirs")
    assert space.get("ModelVersion", "v1")
    # and whoever creates it anew starts afresh
    space.create_model("v1")
    space.wait_until_healthy("v1")


def test_names_of_253_characters_serve_and_stay_apart(space: Space) -> None:
    # given: two versions whose names differ in their last letter only
    model, twins = LONGEST_NAME, (LONGEST_NAME[:-1] + "x", LONGEST_NAME[:-1] + "y")
    for twin in twins:
        space.create_version(twin, model=model)
    # when
    space.create_model(twins[0], model)
    space.wait_until_healthy(twins[0], model)
    space.edit(model, version=twins[1])
    # then
    space.wait_until_healthy(twins[1], model)
    names = {each["metadata"]["name"] for each in space.all("Deployment")}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)


def _wait_until_refused(space: Space, model: str) -> None:
    space.wait(
        f"{model} refused",
        lambda: space.condition("Model", model, "Accepted").get("reason") == "NameTaken",
    )


def _settled(deployment: Manifest | None) -> bool:
    return bool(deployment and (deployment.get("status") or {}).get("observedGeneration"))
