"""What is remembered stays small, whatever is asked of it."""

import pytest

from tests.builders.gateway_pool import pods_with, some_targets, steadily, watched


@pytest.mark.parametrize("window", [0, 30, 300, 86_400])
def test_the_history_is_bounded_however_long_the_window_is(window: float) -> None:
    targets = some_targets(scale_down_seconds=window)
    history = watched(steadily(pods_with(900, 900), 4_000), targets)
    assert len(history.readings) <= 31
    assert len(history.peaks) <= 32


def test_a_peak_is_forgotten_when_the_window_has_passed_it() -> None:
    targets = some_targets()
    history = watched([pods_with(4_000, 4_000), *steadily(pods_with(100, 100), 320)], targets)
    assert history.replicas == 1
