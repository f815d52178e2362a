"""The example's gateway for each test."""

import pytest

from tests.e2e.custom_gateway.ticker import Ticker
from tests.e2e.space import Space


@pytest.fixture
def ticker(space: Space) -> Ticker:
    """The example's gateway in a namespace of its own, healthy, with forty clients."""
    ticker = Ticker(space)
    ticker.apply("")
    ticker.wait_until_healthy()
    ticker.apply("clients")
    ticker.wait_until_all_hear()
    return ticker
