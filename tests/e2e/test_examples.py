"""Fear: the first thing I try does not work."""

from hack.demo.kubectl import ROOT
from tests.e2e.space import Space

QUICKSTART = ROOT / "examples" / "01-quickstart"
MODEL = "diagnosis"


def test_the_quickstart_works_as_it_is_written(space: Space) -> None:
    # when: what its README says to type, in a namespace of our own
    _apply(space, "")
    space.wait_until_healthy(f"{MODEL}-v1", MODEL)
    _apply(space, "load")
    # then
    space.wait("the client hears v1", lambda: f"{MODEL}-v1 ok: 40" in _heard(space), seconds=60)
    # when
    space.edit(MODEL, version=f"{MODEL}-v4")
    # then
    rejection = space.wait_until_rejected(f"{MODEL}-v4", MODEL)
    assert rejection["reason"] == "ModelUnloadable"
    assert "only a part of one" in rejection["message"]
    assert "failed" not in _heard(space)


def _apply(space: Space, folder: str) -> None:
    manifests = space.kubectl.run("kustomize", str(QUICKSTART / folder))
    here = manifests.replace("namespace: quickstart", f"namespace: {space.name}")
    space.kubectl.apply(here.replace("name: quickstart", f"name: {space.name}"))


def _heard(space: Space) -> str:
    pods = {pod["metadata"]["name"]: pod for pod in space.all("Pod")}
    if pods.get("load", {}).get("status", {}).get("phase") != "Running":
        return ""
    return space.kubectl.run("logs", "load", "-n", space.name)
