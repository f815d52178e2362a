"""The command behind `make cluster-up` and its siblings: `python3 hack/cluster/cluster.py up`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hack.cluster.cli import main

if __name__ == "__main__":
    sys.exit(main())
