"""What a build needs from its machine to reach a package index, without naming one here.

The settings go into the build as a secret, so they leave no trace in the image.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from hack.cluster.commands import find_program, run
from hack.cluster.errors import ClusterError

AUTHORITY_IN_BUILD = "/run/secrets/ca"

# Only what a build elsewhere can use: nothing that names a path on this machine.
PASSED = (
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT",
    "PIP_RETRIES", "PIP_PROXY",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip

# What other places call the same: pip's configuration files, and uv's environment.
FROM_PIP_SETTINGS = {
    "index-url": "PIP_INDEX_URL",
    "extra-index-url": "PIP_EXTRA_INDEX_URL",
    "trusted-host": "PIP_TRUSTED_HOST",
    "proxy": "PIP_PROXY",
    "timeout": "PIP_DEFAULT_TIMEOUT",
}
FROM_UV = {
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_INSECURE_HOST": "PIP_TRUSTED_HOST",
}
AUTHORITY_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
AUTHORITY_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/cert.pem",
)


def build_environment(
    environment: Mapping[str, str], pip_settings: str, *, with_authority: bool
) -> str:
    """Return shell assignments for the build; `pip_settings` is what `pip config list` prints."""
    found: dict[str, str] = {}
    for line in pip_settings.splitlines():
        key, separator, quoted = line.partition("=")
        name = FROM_PIP_SETTINGS.get(key.rpartition(".")[2])
        if separator and name:
            found[name] = quoted.strip().strip("'\"").replace("\\n", " ")
    for uv_name, name in FROM_UV.items():
        if environment.get(uv_name):
            found[name] = environment[uv_name]
    found.update({name: environment[name] for name in PASSED if environment.get(name)})
    if with_authority:
        found.update(dict.fromkeys(AUTHORITY_VARIABLES, AUTHORITY_IN_BUILD))
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(found.items()))


def secrets_for_build(folder: Path) -> list[str]:
    """Write the build's secrets to a folder and return the flags that pass them."""
    authority = _authority()
    settings = folder / "build-env"
    settings.touch(mode=0o600)
    settings.write_text(
        build_environment(os.environ, _pip_settings(), with_authority=authority is not None)
    )
    flags = [f"--secret=id=build-env,src={settings}"]
    if authority is not None:
        flags.append(f"--secret=id=ca,src={authority}")
    return flags


def _authority() -> Path | None:
    """Return the certificates that this machine trusts."""
    named = [os.environ.get(name) for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")]
    for candidate in (*named, *AUTHORITY_FILES):
        if candidate and Path(candidate).is_file():
            return Path(candidate).resolve()
    return None


def _pip_settings() -> str:
    for program in ("pip3", "pip"):
        if find_program(program):
            try:
                return run([program, "config", "list"], what="reading pip's settings")
            except ClusterError:
                continue
    return ""
