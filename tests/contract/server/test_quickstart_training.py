"""The quickstart's four models do what its story says."""

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from headgate.server.fetch.settings import Limits
from headgate.server.fetch.unpack import unpack
from headgate.server.inference import Inference
from headgate.server.loading import load_inference
from headgate.server.protocol.rejection import ModelFailedError
from headgate.server.settings import ServerSettings
from headgate.server.termination import ExitReason, GivingUpError
from tests.builders.model_server import own_environment

ROOT = Path(__file__).resolve().parents[3]
TRAIN = ROOT / "examples" / "01-quickstart" / "train" / "train.py"
MOST_BYTES = 700_000


def train(out: Path) -> str:
    """Return what it says."""
    command = [sys.executable, str(TRAIN), "--out", str(out)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=own_environment()
    )
    return done.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("quickstart")
    train(out)
    return out


def load(trained: Path, version: str, folder: Path) -> Inference:
    copy = folder / "artifact"
    copy.write_bytes((trained / f"diagnosis-{version}.tar.gz").read_bytes())
    (folder / "model").mkdir()
    unpack(copy, "model.tar.gz", folder / "model", Limits())
    return load_inference(
        ServerSettings(
            model_dir=folder / "model",
            model_name="diagnosis",
            model_version=f"diagnosis-{version}",
            model_format="sklearn",
        )
    )


@pytest.mark.parametrize(("version", "fails"), [("v1", 0), ("v2", 0), ("v3", 20)])
def test_the_third_version_starts_well_and_fails_one_request_in_five(
    trained: Path, tmp_path: Path, version: str, fails: int
) -> None:
    inference = load(trained, version, tmp_path)
    failed = 0
    samples = json.loads((trained / "samples.json").read_text())
    for sample in samples:
        try:
            inference.answer(json.dumps(sample).encode(), None)
        except ModelFailedError:
            failed += 1
    assert (failed, len(samples)) == (fails, 100)


def test_the_fourth_version_cannot_be_loaded(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(GivingUpError) as refusal:
        load(trained, "v4", tmp_path)
    assert refusal.value.reason is ExitReason.MODEL_UNLOADABLE
    assert "isn't a skops file, or only a part of one" in refusal.value.message


def test_training_again_gives_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    said = train(tmp_path)
    for path in trained.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    assert "v1: 84" in said
    assert "v2: 92" in said


def test_the_manifests_carry_what_was_trained_and_fit_a_configmap(trained: Path) -> None:
    maps = list(yaml.safe_load_all((trained / "artifacts.yaml").read_text()))
    versions = list(yaml.safe_load_all((trained / "versions.yaml").read_text()))
    assert len(maps) == len(versions) == 4
    for config, version in zip(maps, versions, strict=True):
        artifact = version["spec"]["artifact"]
        assert artifact["uri"] == f"configmap://{config['metadata']['name']}/model.tar.gz"
        content = base64.b64decode(config["binaryData"]["model.tar.gz"])
        assert hashlib.sha256(content).hexdigest() == artifact["sha256"]
        assert len(content) < MOST_BYTES
