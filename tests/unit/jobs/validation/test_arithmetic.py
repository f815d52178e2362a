"""What libraries compute with, seen in a process that begins as the command line does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

SEEN = """
import json, os
from headgate.jobs.validation.arithmetic import fix_arithmetic
fix_arithmetic()
import numpy, scipy.linalg, threadpoolctl
from numpy._core._multiarray_umath import __cpu_features__ as features
blas = threadpoolctl.threadpool_info()
print(json.dumps({
    "threads": sorted({each["num_threads"] for each in blas}),
    "kernels": sorted({each["architecture"] for each in blas}),
    "beyond": [name for name in ("X86_V4", "AVX512_ICL") if features.get(name)],
}))
"""
avx2 = pytest.mark.skipif(
    "avx2" not in Path("/proc/cpuinfo").read_text(), reason="the processor has no AVX2"
)


def seen(env: Mapping[str, str]) -> Any:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", SEEN],
        env={**kept, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@avx2
def test_every_machine_takes_one_thread_and_the_same_instructions() -> None:
    assert seen({}) == {"threads": [1], "kernels": ["Sandybridge"], "beyond": []}


@avx2
def test_what_the_environment_says_goes_first() -> None:
    found = seen({"OPENBLAS_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "Nehalem"})
    assert found == {"threads": [2], "kernels": ["Nehalem"], "beyond": []}
