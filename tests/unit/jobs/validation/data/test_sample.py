import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headgate.jobs.validation.data.sample import thinned


@given(st.integers(0, 500), st.integers(0, 600), st.integers(0, 2**32))
def test_a_sample_has_different_rows_in_order(n: int, size: int, seed: int) -> None:
    rows = thinned(n, size, seed)
    assert len(rows) == min(n, size)
    assert (np.diff(rows) > 0).all()
    assert all(0 <= row < n for row in rows)


def test_a_seed_gives_the_same_rows_again_and_another_gives_others() -> None:
    assert thinned(1000, 50, 7).tolist() == thinned(1000, 50, 7).tolist()
    assert thinned(1000, 50, 7).tolist() != thinned(1000, 50, 8).tolist()


def test_every_row_is_as_likely_as_any_other() -> None:
    drawn = np.concatenate([thinned(10, 3, seed) for seed in range(2000)])
    counts = np.bincount(drawn, minlength=10)
    assert (np.abs(counts - 600) < 100).all()
