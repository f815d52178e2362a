"""Who we are to the API server: a Pod's service account, or a kubeconfig while developing.

Exec plugins and auth providers are left to the command line, which uses the official client.
"""

import base64
import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import yaml

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
TOKEN_MAX_AGE_SECONDS = 60.0


class CredentialsError(Exception):
    """No usable credentials: says where they were looked for and what to change."""


@dataclass(slots=True)
class TokenFile:
    """A bearer token that is replaced on disk while we run."""

    path: Path
    _value: str | None = None
    _read_at: float = 0.0

    def token(self, now: float, *, force: bool = False) -> str | None:
        """Return the token, read again when it is a minute old or was refused."""
        if force or self._value is None or now - self._read_at >= TOKEN_MAX_AGE_SECONDS:
            try:
                self._value = self.path.read_text(encoding="utf-8").strip()
                self._read_at = now
            except OSError:
                if self._value is None:
                    raise
        return self._value


@dataclass(slots=True)
class Credentials:
    """Where the API server is and how to prove who we are."""

    server: str
    ca_pem: str | None = None
    token_file: TokenFile | None = None
    static_token: str | None = None
    client_certificate_pem: bytes | None = None
    client_key_pem: bytes | None = None
    insecure: bool = False
    proxy: str | None = None
    namespace: str = "default"
    source: str = field(default="", compare=False)

    def token(self, now: float, *, force: bool = False) -> str | None:
        """Return the bearer token to send, if we use one. `now` is monotonic seconds."""
        if self.token_file is not None:
            return self.token_file.token(now, force=force)
        return self.static_token

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS settings, or None for plain HTTP."""
        if not self.server.startswith("https://"):
            return None
        context = ssl.create_default_context(cadata=self.ca_pem)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client_certificate_pem is not None and self.client_key_pem is not None:
            # OpenSSL wants files; they are gone again before this returns.
            with tempfile.NamedTemporaryFile() as certificate, tempfile.NamedTemporaryFile() as key:
                certificate.write(self.client_certificate_pem)
                certificate.flush()
                key.write(self.client_key_pem)
                key.flush()
                context.load_cert_chain(certificate.name, key.name)
        return context


def find_credentials() -> Credentials:
    """Return the Pod's own credentials, else those of $KUBECONFIG or ~/.kube/config."""
    if os.environ.get("KUBERNETES_SERVICE_HOST") and (SERVICE_ACCOUNT / "token").exists():
        return in_cluster()
    path = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return from_kubeconfig(Path(path) if path else Path.home() / ".kube" / "config")


def in_cluster(root: Path = SERVICE_ACCOUNT) -> Credentials:
    """Return the credentials that the kubelet mounts into every Pod."""
    host = os.environ["KUBERNETES_SERVICE_HOST"]
    port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    return Credentials(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        ca_pem=(root / "ca.crt").read_text(encoding="utf-8"),
        token_file=TokenFile(root / "token"),
        namespace=(root / "namespace").read_text(encoding="utf-8").strip(),
        source="service account",
    )


def from_kubeconfig(path: Path) -> Credentials:
    """Return the credentials of a kubeconfig's current context."""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise CredentialsError(
            f"no service account and no kubeconfig at {path} ({error.strerror}):"
            " run inside a cluster or set KUBECONFIG"
        ) from error
    context = _named(config, "contexts", config.get("current-context"), path)["context"]
    cluster = _named(config, "clusters", context["cluster"], path)["cluster"]
    user = _named(config, "users", context["user"], path).get("user") or {}
    if "exec" in user or "auth-provider" in user:
        raise CredentialsError(
            f"{path}: user {context['user']!r} logs in by a plugin, which the operator does not"
            " run: use a context with a client certificate or a token"
        )
    token_file = user.get("tokenFile")
    ca = _content(cluster, "certificate-authority", path)
    return Credentials(
        server=cluster["server"],
        ca_pem=None if ca is None else ca.decode(),
        token_file=None if token_file is None else TokenFile(_beside(path, token_file)),
        static_token=user.get("token"),
        client_certificate_pem=_content(user, "client-certificate", path),
        client_key_pem=_content(user, "client-key", path),
        insecure=bool(cluster.get("insecure-skip-tls-verify", False)),
        proxy=cluster.get("proxy-url") or _proxy_from_environment(cluster["server"]),
        namespace=context.get("namespace", "default"),
        source=str(path),
    )


def _named(config: dict[str, Any], section: str, name: str | None, path: Path) -> dict[str, Any]:
    for entry in config.get(section) or ():
        if entry.get("name") == name:
            found: dict[str, Any] = entry
            return found
    raise CredentialsError(f"{path}: {section} has no entry named {name!r}")


def _content(section: dict[str, Any], key: str, path: Path) -> bytes | None:
    """Read what a kubeconfig gives either inline, in base64, or as a file's path."""
    inline = section.get(f"{key}-data")
    if inline is not None:
        return base64.b64decode(inline)
    named = section.get(key)
    return None if named is None else _beside(path, named).read_bytes()


def _beside(path: Path, named: str) -> Path:
    """Relative paths in a kubeconfig are relative to its own folder."""
    return path.parent / named


def _proxy_from_environment(server: str) -> str | None:
    parts = urlsplit(server)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)
