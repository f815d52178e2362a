from collections.abc import Iterator

import pytest

from tests.dask.dask_cluster import DaskCluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler and two workers that all tests of a run share, and leave alive."""
    started = DaskCluster(folder=tmp_path_factory.mktemp("dask"))
    try:
        yield started.start(workers=2)
    finally:
        started.stop()


@pytest.fixture
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A cluster for one test, which starts it and may do to it whatever it likes."""
    own = DaskCluster(folder=tmp_path_factory.mktemp("own-dask"))
    try:
        yield own
    finally:
        own.stop()
