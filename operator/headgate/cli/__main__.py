"""Runs the plugin where it is not on the PATH: `python -m headgate.cli`."""

import sys

from headgate.cli.plugin import main

if __name__ == "__main__":
    sys.exit(main())
