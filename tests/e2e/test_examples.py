"""Fear: the first thing I try does not work."""

import re
from functools import partial
from pathlib import Path

from hack.demo.kubectl import ROOT
from tests.builders.resources import Manifest
from tests.e2e.gateway.pool import Pool
from tests.e2e.space import Space

QUICKSTART = ROOT / "examples" / "01-quickstart"
VALIDATION = ROOT / "examples" / "02-validation"
STREAMING = ROOT / "examples" / "03-streaming"
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


def test_the_validation_example_works_as_it_is_written(space: Space) -> None:
    # when: a first version
    _apply(space, "", VALIDATION, "validation")
    # then: it serves once its run says so
    space.wait_until_healthy("digits-v1", "digits", seconds=180)
    # when: four more, one of them better
    manifests = (VALIDATION / "next.yaml").read_text()
    space.kubectl.run("apply", "-n", space.name, "-f", "-", stdin=manifests)
    space.edit("digits", version="digits-v2")
    # then
    space.wait_until_healthy("digits-v2", "digits", seconds=240)
    assert _validated(space, "digits-v2")["reason"] == "PolicyPassed"
    for version, reason in (
        ("digits-v3", "PolicyFailed"),
        ("digits-v4", "PolicyFailed"),
        ("digits-v5", "TooLittleData"),
    ):
        condition = space.wait(f"{version}: {reason}", partial(_judged, space, version), 240)
        assert condition["reason"] == reason, condition
    assert "accuracy" in _validated(space, "digits-v3")["message"]
    assert "drift" in _validated(space, "digits-v4")["message"]


def test_the_streaming_example_works_as_it_is_written(space: Space) -> None:
    # given
    pool = Pool(space)
    # when: what its README says to type
    _apply(space, "", STREAMING, "streaming")
    pool.wait_until_healthy()
    _apply(space, "clients", STREAMING, "streaming")
    space.wait("the subscriber reads", lambda: _read(space) > 0)
    # and a pod comes and one goes
    pool.scale(3)
    pool.wait_until_healthy(3)
    pool.scale(2)
    pool.wait_until_healthy(2)
    # then
    read = _read(space)
    space.wait("it reads on", lambda: _read(space) > read + 20)
    assert pool.status()["continuity"]["forcedCloses"] == 0


def _read(space: Space) -> int:
    """Return how many messages the subscriber has read; it has missed none."""
    pod = space.get("Pod", "subscriber") or {}
    if (pod.get("status") or {}).get("phase") != "Running":
        return 0
    said = space.kubectl.run("logs", "subscriber", "-n", space.name, "--tail=50")
    figures = re.findall(r"read (\d+), missing (\d+)", said)
    assert all(missing == "0" for _, missing in figures), said
    return int(figures[-1][0]) if figures else 0


def _validated(space: Space, version: str) -> Manifest:
    return space.condition("ModelVersion", version, "Validated")


def _judged(space: Space, version: str) -> Manifest | None:
    condition = _validated(space, version)
    return condition if condition.get("status") == "False" else None


def _apply(
    space: Space, folder: str, example: Path = QUICKSTART, namespace: str = "quickstart"
) -> None:
    manifests = space.kubectl.run("kustomize", str(example / folder))
    here = manifests.replace(f"namespace: {namespace}", f"namespace: {space.name}")
    space.kubectl.apply(here.replace(f"name: {namespace}\n", f"name: {space.name}\n"))


def _heard(space: Space) -> str:
    pods = {pod["metadata"]["name"]: pod for pod in space.all("Pod")}
    if pods.get("load", {}).get("status", {}).get("phase") != "Running":
        return ""
    return space.kubectl.run("logs", "load", "-n", space.name)
