"""One iris server for the tests that only ask it things."""

from collections.abc import Iterator

import pytest

from tests.builders.artifacts import iris_files
from tests.builders.model_server import ModelServer


@pytest.fixture(scope="session")
def iris_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    folder = tmp_path_factory.mktemp("iris")
    files = iris_files("sklearn") | {"headgate.json": b'{"methods": ["predict", "predict_proba"]}'}
    with ModelServer(folder, files, HEADGATE_MAX_REQUEST_BYTES=100_000) as server:
        yield server
