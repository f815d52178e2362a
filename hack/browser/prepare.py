"""Brings what the tests of the example page alone need: Chromium, and packages of npm."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hack.browser.chromium import ensure_chromium
from hack.browser.page import install_packages


def main() -> int:
    """Return 1 when something cannot be had, after saying what to do."""
    try:
        ensure_chromium()
        install_packages()
    except RuntimeError as error:
        print(f"test-browser: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
