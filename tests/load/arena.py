"""A namespace on the full cluster with one Model under load: where the promises to users are tried.

The cluster is that of `make cluster-up images`; the operator is installed from manifests/ if it is
not there yet.
"""

import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pykube

from hack.demo.installation import NAMESPACE, install, wait_until_rolled_out
from hack.demo.kubectl import Kubectl, of_this_clone
from hack.demo.load import Load
from tests.e2e.artifacts import ONE_IN_FIVE, requests
from tests.e2e.space import MODEL, Space
from tests.load.lines import say

LONGEST_LOAD_SECONDS = 600
KEEP_ALIVE_ONLY = ("--new", "0", "--kept", "20")


@contextmanager
def a_space(purpose: str) -> Iterator[Space]:
    """Make a namespace that admits only restricted pods, and have it go again."""
    kubectl = of_this_clone()
    install(kubectl)
    api = pykube.HTTPClient(pykube.KubeConfig.from_file(str(kubectl.kubeconfig)))
    name = f"bench-{purpose}-{secrets.token_hex(3)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": name, "labels": labels}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    with tempfile.TemporaryDirectory() as folder:
        space = Space(name, kubectl, api, Path(folder))
        try:
            yield space
        finally:
            for load in space.loads:
                load.close()
            kubectl.run("delete", "namespace", name, "--wait=false")
            api.session.close()


def start_load(
    space: Space, rate: float, more: Sequence[str] = (), keys: Iterable[int] = ONE_IN_FIVE
) -> Load:
    """Start steady requests to the space's Model."""
    samples = space.folder / "samples.json"
    samples.write_text(requests(keys))
    load = Load(space.kubectl, space.name, f"load-{len(space.loads)}")
    space.loads.append(load)
    load.start(MODEL, samples, rate=rate, seconds=LONGEST_LOAD_SECONDS, more=more)
    return load


def kill_the_leader(kubectl: Kubectl) -> None:
    """Kill the replica that holds the Lease, without a chance to release it."""
    lease = kubectl.json("get", "lease", "headgate-operator", "-n", NAMESPACE)
    holder = str(lease["spec"]["holderIdentity"])
    say(f"kill {holder}")
    kubectl.run("delete", "pod", holder, "-n", NAMESPACE, "--grace-period=0", "--force")


def both_replicas(kubectl: Kubectl) -> None:
    """Wait until one replica works and the other stands by."""
    wait_until_rolled_out(kubectl)


def is_quiet(load: Load, version: str, seconds: float = 5.0) -> bool:
    """Return whether a version has answered nobody for so long, by the load's own clock."""
    return load.record.at - load.record.of(version).last > seconds


def unsent(load: Load) -> str:
    """Return a remark where the load fell behind: such a figure says less than it seems to."""
    missing = load.record.unsent
    return f"; {missing} requests were never sent: the load fell behind" if missing else ""
