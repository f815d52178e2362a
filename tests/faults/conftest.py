"""The API server of the contract tests, with our CRDs, and a story to tell on it."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from headgate.kube.client import KubeClient
from tests.builders.apiserver import ApiServer
from tests.builders.witness import Witness
from tests.contract.conftest import NAMESPACES, api, kube, session

__all__ = ["api", "kube", "session"]

type NewNamespace = Callable[[], Awaitable[str]]
CRDS = Path(__file__).resolve().parents[2] / "crds"


@pytest.fixture(scope="session", autouse=True)
def crds(api: ApiServer) -> None:
    """Install the CRDs once."""
    Witness(api.kubeconfig).install(sorted(CRDS.glob("headgate.dev_*.yaml")))


@pytest.fixture
def new_namespace(kube: KubeClient) -> NewNamespace:
    """Return a function that creates namespaces which nobody else uses."""

    async def create() -> str:
        name = f"test-{secrets.token_hex(4)}"
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await kube.create(NAMESPACES, "", manifest)
        return name

    return create
