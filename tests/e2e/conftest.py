"""The full cluster of `make cluster-up`, or the one that KUBECONFIG names, with the operator."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pykube
import pytest

from hack.demo.installation import install
from hack.demo.kubectl import Kubectl, of_this_clone
from tests.e2e.space import Space

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    """The cluster, with the operator of this clone installed."""
    found = of_this_clone()
    install(found)
    return found


@pytest.fixture(scope="session")
def api(kubectl: Kubectl) -> Iterator[pykube.HTTPClient]:
    client = pykube.HTTPClient(pykube.KubeConfig.from_file(str(kubectl.kubeconfig)))
    yield client
    client.session.close()


@pytest.fixture
def space(
    request: pytest.FixtureRequest,
    kubectl: Kubectl,
    api: pykube.HTTPClient,
    tmp_path: Path,
) -> Iterator[Space]:
    """A namespace that admits only restricted pods; it goes when the test is over."""
    name = _namespace_for(request.node.name)
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": name,
                "labels": {
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "headgate.dev/test": "e2e",
                },
            },
        }
    )
    made = Space(name, kubectl, api, tmp_path)
    yield made
    for load in made.loads:
        load.close()
    if not os.environ.get("KEEP_NAMESPACES"):
        kubectl.run("delete", "namespace", name, "--wait=false")


def _namespace_for(test: str) -> str:
    """Return a name that tells the test, and that no other run has."""
    words = re.sub(r"[^a-z0-9]+", "-", test.removeprefix("test_").lower()).strip("-")
    unique = hashlib.sha256(f"{test}{os.getpid()}{os.urandom(4).hex()}".encode()).hexdigest()[:6]
    return f"e2e-{words[:48].strip('-')}-{unique}"
