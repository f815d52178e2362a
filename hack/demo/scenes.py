"""The story of the demo: four versions of a model under steady load, two of them bad."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hack.demo.gate import show_gate, versions_with_pods
from hack.demo.installation import install
from hack.demo.kubectl import ROOT, Kubectl, KubectlError
from hack.demo.load import Load
from hack.demo.promises import Gate, Story
from hack.demo.screen import Screen
from headgate.cli.cluster import Models
from headgate.model.status_types import ModelStatus, Outcome, Phase, Rejection

MODEL = "diagnosis"
NAMESPACE = "headgate-demo"
EXAMPLE = ROOT / "examples" / "01-quickstart"
TRAINED = ROOT / "build" / "quickstart"
RATE = 80.0
"""Requests a second in all: a third of them, three of four POST, are 20 for the canary to fail."""
LOAD_SECONDS = 600
POLL_SECONDS = 0.3
START_SECONDS, PROMOTE_SECONDS, REJECT_SECONDS = 180, 300, 120
QUIET_SECONDS = 6.0


class StoryError(Exception):
    """The story stopped: what was waited for did not come."""


@dataclass
class Stage:
    """Where the story is played."""

    kubectl: Kubectl
    screen: Screen
    models: Models
    load: Load
    rejected: dict[str, Rejection] = field(default_factory=dict)
    seconds_to_reject_v4: float | None = None

    def wait(self, what: str, seconds: float, done: Callable[[ModelStatus], bool]) -> ModelStatus:
        """Show the Model until it is as wanted, and return its status then."""
        until = time.monotonic() + seconds
        while True:
            model = self.models.get(MODEL)
            status = ModelStatus.parse_status(model.get("status"))
            if status.observed_generation == model["metadata"]["generation"]:
                self.screen.show(status)
                if done(status):
                    return status
            if time.monotonic() > until:
                raise StoryError(f"{what}: not within {seconds:g} s; {status.message}")
            time.sleep(POLL_SECONDS)

    def name_in_spec(self, version: str) -> None:
        """Change the one line that a commit would change."""
        self.screen.tell(f"spec.version: {version}")
        self.kubectl.merge("model", NAMESPACE, MODEL, {"spec": {"version": version}})


def play(stage: Stage) -> Story:
    """Play all of it; return what happened."""
    screen = stage.screen
    screen.begin("install the operator, two replicas, from manifests/")
    install(stage.kubectl)
    screen.begin("train four versions on the Wisconsin tumour data")
    train()
    screen.begin("v1, the first version, comes up")
    _first_version(stage)
    screen.begin(f"steady load begins: {RATE:g} requests a second from a pod")
    stage.load.start(MODEL, TRAINED / "samples.json", rate=RATE, seconds=LOAD_SECONDS)
    screen.begin("v2, which is better, takes over step by step")
    _promoted(stage, f"{MODEL}-v2")
    screen.begin("v3 loads, then fails on one case in five: it has to go back")
    _rejected(stage, f"{MODEL}-v3")
    _until_quiet(stage, f"{MODEL}-v3")
    screen.begin("v4 is half a file and cannot start: it has to go back")
    stage.seconds_to_reject_v4 = _rejected(stage, f"{MODEL}-v4")
    screen.begin("load ends")
    record = stage.load.stop()
    status = stage.wait("the last look", START_SECONDS, lambda _status: True)
    screen.begin("five versions of another model have to prove themselves before they serve")
    gate = Gate(show_gate(stage.kubectl, screen), versions_with_pods(stage.kubectl))
    screen.end()
    return Story(MODEL, record, status, stage.rejected, stage.seconds_to_reject_v4, gate)


def train(out: Path = TRAINED) -> None:
    """Train the versions here: a few seconds of scikit-learn."""
    script = EXAMPLE / "train" / "train.py"
    command = [sys.executable, str(script), "--out", str(out), "--model", MODEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise StoryError(f"training failed: {done.stderr.strip()[-1000:]}")


def _first_version(stage: Stage) -> None:
    kubectl = stage.kubectl
    kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
    namespace = (
        (EXAMPLE / "namespace.yaml").read_text().replace("name: quickstart", f"name: {NAMESPACE}")
    )
    kubectl.apply(namespace)
    kubectl.apply(*(path.read_text() for path in _resources()), namespace=NAMESPACE)
    stage.wait("v1 serving", START_SECONDS, lambda status: status.phase is Phase.HEALTHY)


def _resources() -> tuple[Path, ...]:
    return TRAINED / "artifacts.yaml", TRAINED / "versions.yaml", EXAMPLE / "model.yaml"


def _promoted(stage: Stage, version: str) -> None:
    stage.name_in_spec(version)

    def done(status: ModelStatus) -> bool:
        if any(entry.name == version for entry in status.rejected):
            raise StoryError(f"{version} was rejected: {status.message}")
        return status.phase is Phase.HEALTHY and status.stable_version == version

    stage.wait(f"promotion of {version}", PROMOTE_SECONDS, done)


def _rejected(stage: Stage, version: str) -> float:
    """Let a version fail; return the seconds from the changed spec to its rejection."""
    begun = time.monotonic()
    stage.name_in_spec(version)

    def done(status: ModelStatus) -> bool:
        if any(e.version == version and e.outcome is Outcome.PROMOTED for e in status.history):
            raise StoryError(f"{version} was promoted: {status.message}")
        return any(entry.name == version for entry in status.rejected)

    status = stage.wait(f"rejection of {version}", REJECT_SECONDS, done)
    seconds = time.monotonic() - begun
    entry = next(entry for entry in status.rejected if entry.name == version)
    stage.rejected[version] = entry
    stage.screen.tell(f"rejected: {entry.reason}: {entry.message}")
    return seconds


def _until_quiet(stage: Stage, version: str) -> None:
    """Wait until a version has not answered for a while, by the load's own clock."""

    def quiet(_status: ModelStatus) -> bool:
        record = stage.load.record
        return record.at - record.of(version).last >= QUIET_SECONDS

    stage.wait(f"no more answers from {version}", REJECT_SECONDS, quiet)


def logged_in(kubectl: Kubectl) -> Models:
    """Return the demo's Models, by the same client as kubectl headgate's."""
    if not kubectl.kubeconfig.exists():
        raise KubectlError("there is no cluster yet: make cluster-up images")
    return Models(str(kubectl.kubeconfig), None, NAMESPACE)
