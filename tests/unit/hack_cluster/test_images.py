"""An image is built anew when something that it holds changed, and only then."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hack.cluster.baseimage import default_base
from hack.cluster.images import TARGETS, Target, inputs_digest
from hack.cluster.layout import CLONE
from hack.cluster.ociarchive import digest_of, index_of, single_program_image, write_archive

OPERATOR, SERVER, _JOBS, _GATEWAY, _FANOUT = TARGETS


def a_clone(folder: Path) -> Path:
    for name in ("Dockerfile", ".dockerignore", "pyproject.toml", "uv.lock"):
        (folder / name).write_text(name)
    for name in (
        "__init__.py",
        "loop/queue.py",
        "core/names.py",
        "jobs/checks.py",
        "modelversion/types.py",
        "validation/plan.py",
        "server/serving.py",
        "stream/client.py",
        "cli/plugin.py",
        "../../examples/04-custom-gateway/server/serve.py",
    ):
        path = folder / "operator/headgate" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def digests(clone: Path, base: str = "base:1") -> dict[str, str]:
    return {
        target.name: inputs_digest(target.files(clone), base, clone=clone) for target in TARGETS
    }


def changed_by(clone: Path, change: Callable[[Path], object]) -> set[str]:
    before = digests(clone)
    change(clone)
    after = digests(clone)
    return {name for name in after if after[name] != before[name]}


def writes(name: str) -> Callable[[Path], object]:
    return lambda clone: (clone / name).write_text("changed")


@pytest.mark.parametrize(
    ("name", "rebuilt"),
    [
        ("operator/headgate/loop/queue.py", {"operator"}),
        ("operator/headgate/server/serving.py", {"server", "jobs"}),
        ("operator/headgate/stream/client.py", {"operator", "server"}),
        ("operator/headgate/core/names.py", {"operator", "jobs"}),
        ("operator/headgate/jobs/checks.py", {"jobs"}),
        ("operator/headgate/cli/plugin.py", set()),
        ("operator/headgate/__init__.py", {"operator", "server", "jobs"}),
        ("operator/headgate/loop/new.py", {"operator"}),
        ("examples/04-custom-gateway/server/serve.py", {"fanout"}),
        ("uv.lock", {"operator", "server", "jobs", "gateway", "fanout"}),
        ("Dockerfile", {"operator", "server", "jobs", "gateway", "fanout"}),
        ("README.md", set()),
    ],
)
def test_a_change_rebuilds_the_images_that_hold_it(
    tmp_path: Path, name: str, rebuilt: set[str]
) -> None:
    assert changed_by(a_clone(tmp_path), writes(name)) == rebuilt


def test_compiled_python_rebuilds_nothing(tmp_path: Path) -> None:
    clone = a_clone(tmp_path)
    cache = clone / "operator/headgate/loop/__pycache__"
    cache.mkdir()
    assert changed_by(clone, writes(str((cache / "queue.pyc").relative_to(clone)))) == set()


def test_another_base_rebuilds_everything(tmp_path: Path) -> None:
    clone = a_clone(tmp_path)
    one, other = digests(clone, "base:1"), digests(clone, "base:2")
    assert all(one[name] != other[name] for name in one)


def test_the_dockerfile_has_every_target_and_a_default_base() -> None:
    dockerfile = (CLONE / "Dockerfile").read_text()
    assert default_base(dockerfile) == "docker.io/library/python:3.13-slim"
    for target in TARGETS:
        assert f" AS {target.name}\n" in dockerfile


def test_images_have_the_names_that_manifests_use() -> None:
    assert Target("operator", ()).image == "docker.io/headgate/operator:dev"


def test_an_archive_names_its_image_and_holds_its_blobs(tmp_path: Path) -> None:
    # given
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF")
    blobs = single_program_image(program, "/pause")
    *_, manifest = blobs.values()
    # when
    stream = io.BytesIO()
    write_archive(stream, index_of(manifest, ["docker.io/headgate/pause:1"]), blobs)
    # then
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        members = {member.name: archive.extractfile(member) for member in archive}
        index = json.loads(_read(members["index.json"]))
        held = {name: _read(file) for name, file in members.items() if name.startswith("blobs/")}
    assert index["manifests"][0]["digest"] == digest_of(manifest)
    assert index["manifests"][0]["annotations"] == {
        "io.containerd.image.name": "docker.io/headgate/pause:1"
    }
    assert all(digest_of(content).endswith(name.split("/")[-1]) for name, content in held.items())
    assert len(held) == 3


def _read(file: object) -> bytes:
    assert isinstance(file, io.BufferedIOBase)
    return file.read()
