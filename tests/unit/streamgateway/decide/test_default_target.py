"""How many clients a pod should carry when nobody says."""

import pytest

from headgate.streamgateway.decide.autoscale import default_connections_per_pod


@pytest.mark.parametrize(
    ("file_limit", "memory", "configured", "expected"),
    [
        (10_000, 1e9, 65_536, 7_000),
        (1_000_000, 500_000_000, 65_536, 7_000),
        (1_000_000, 1e12, 4_000, 2_800),
        (None, None, 4_000, 2_800),
        (None, 500_000_000, None, 7_000),
        (0, 0, 0, None),
        (None, None, None, None),
        (1, 1e12, 1, 1),
    ],
)
def test_it_is_seven_tenths_of_the_least_limit(
    file_limit: int | None, memory: float | None, configured: int | None, expected: int | None
) -> None:
    target = default_connections_per_pod(
        file_limit=file_limit,
        memory_bytes=memory,
        bytes_per_connection=50_000,
        configured_limit=configured,
    )
    assert target == expected


def test_connections_that_are_said_to_take_no_memory_set_no_limit() -> None:
    target = default_connections_per_pod(
        file_limit=None, memory_bytes=1e9, bytes_per_connection=0, configured_limit=None
    )
    assert target is None
