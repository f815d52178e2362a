"""A gateway for each test."""

import pytest

from tests.e2e.gateway.pool import Pool
from tests.e2e.space import Space


@pytest.fixture
def pool(space: Space) -> Pool:
    """A namespace in which a test runs its gateway."""
    return Pool(space)
