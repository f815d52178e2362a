"""Starts a module as the operator's image would: without the clients that kopf imports if it can.

The development environment has `kubernetes` and `pykube`; they double kopf's memory.
"""

import runpy
import sys

for absent in ("kubernetes", "kubernetes_asyncio", "pykube"):
    sys.modules[absent] = None  # type: ignore[assignment]  # makes its import fail

if __name__ == "__main__":
    name = sys.argv.pop(1)
    runpy.run_module(name, run_name="__main__", alter_sys=True)
