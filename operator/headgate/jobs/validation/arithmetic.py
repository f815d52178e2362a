"""How numbers are computed: by one thread and one set of instructions, on every machine alike.

A sum that is added up in another order, or by wider registers, differs in its last digits, which
would show in a report that has to be the same wherever it is made.
"""

import os
from pathlib import Path

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_NARROWED = {
    # numpy's own names of what goes beyond x86-64-v3; it takes no notice of those it does not know
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    # OpenBLAS' kernels for AVX; those for AVX2 crash where it is told to take them on a newer one
    "OPENBLAS_CORETYPE": "Sandybridge",
}
"""Instructions that all of x86-64-v3 have.

They also sort six times as fast as AVX-512 on AMD's Zen 4, which stores chosen lanes of a register
by microcode; matrix products take a fifth longer.
"""
_PROCESSORS = Path("/proc/cpuinfo")
_NEEDED = {"avx2", "fma"}


def fix_arithmetic() -> None:
    """Bound what libraries that are not imported yet compute with; the environment goes first.

    A library that counts the node's cores would also be slowed down by a pod's smaller limit. A
    processor without AVX2 and FMA keeps its own instructions, as does any but x86-64.
    """
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    if _processor_flags() >= _NEEDED:
        for name, value in _NARROWED.items():
            os.environ.setdefault(name, value)


def _processor_flags() -> set[str]:
    """Return what the processor can do, in Linux' names on x86-64; empty elsewhere."""
    try:
        lines = _PROCESSORS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())
