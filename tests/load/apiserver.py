"""An API server of the benchmark's own, with the CRDs installed and nothing else."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from headgate.kube.credentials import from_kubeconfig
from headgate.kube.session import KubeSession
from tests.builders.apiserver import ApiServer
from tests.builders.witness import Witness
from tests.load.lines import ROOT, say


@contextlib.contextmanager
def an_api_server() -> Iterator[ApiServer]:
    """Start one in a folder that goes again unless KEEP_LOGS is set; it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="headgate-bench-"))
    server = ApiServer(folder / "apiserver", owner=os.getpid())
    try:
        server.start()
        Witness(server.kubeconfig).install(sorted((ROOT / "crds").glob("headgate.dev_*.yaml")))
        say(f"API server at {server.url}")
        yield server
    finally:
        server.kill()
        if os.environ.get("KEEP_LOGS"):
            say(f"logs are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def a_session(server: ApiServer) -> AsyncIterator[KubeSession]:
    """Open a session as its administrator."""
    session = KubeSession(from_kubeconfig(server.kubeconfig))
    try:
        yield session
    finally:
        await session.close()
