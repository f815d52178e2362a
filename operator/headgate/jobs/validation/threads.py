"""How many threads linear algebra takes: one, so that sums add up in one order on every machine."""

import os

_NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def bound_threads() -> None:
    """Bound the threads of libraries that are not imported yet; what the environment says stays.

    A matrix product over four threads adds up in another order than over two, which would show in
    the last digits of a report; and a library that counts the node's cores is slowed down by a
    pod's smaller limit.
    """
    for name in _NAMES:
        os.environ.setdefault(name, "1")
