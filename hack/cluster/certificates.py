"""The cluster's own certificate authority, and the identities that it vouches for.

The `openssl` program does the work, because the standard library cannot make certificates.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hack.cluster.commands import run

DAYS = "3650"
REMEDY = "install the package openssl (version 1.1.1 or newer)"


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class SigningKey:
    """The two halves of a key that signs tokens."""

    public: Path
    private: Path


@dataclass(frozen=True)
class Authority:
    """A certificate authority in a folder; makes key pairs beside itself."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """What others trust."""
        return self.folder / "ca.crt"

    @property
    def key(self) -> Path:
        """What signs."""
        return self.folder / "ca.key"

    def create(self) -> None:
        """Make the authority."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_key(self.key)
        # Python 3.13 refuses an authority that does not say so in these extensions.
        extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        self._request(self.key, "/CN=headgate-test-ca")
        self._sign("ca", extensions, ["-signkey", str(self.key)])

    def client(self, name: str, user: str, groups: Sequence[str] = ()) -> KeyPair:
        """Return a new identity of a user in some groups."""
        subject = "".join(f"/O={group}" for group in groups) + f"/CN={user}"
        return self._issue(name, subject, "extendedKeyUsage=clientAuth\n")

    def server(self, name: str, addresses: Sequence[str], names: Sequence[str]) -> KeyPair:
        """Return a new identity of a server that answers at these addresses and names."""
        alternatives = [*(f"IP:{address}" for address in addresses), *(f"DNS:{n}" for n in names)]
        extensions = f"extendedKeyUsage=serverAuth\nsubjectAltName={','.join(alternatives)}\n"
        return self._issue(name, f"/CN={name}", extensions)

    def signing_key(self, name: str) -> SigningKey:
        """Return a new key that signs service account tokens."""
        pair = SigningKey(self.folder / f"{name}.pub", self.folder / f"{name}.key")
        _make_key(pair.private)
        run(
            ["openssl", "pkey", "-in", str(pair.private), "-pubout", "-out", str(pair.public)],
            what=f"writing the public half of {name}",
            remedy=REMEDY,
        )
        return pair

    def _issue(self, name: str, subject: str, extensions: str) -> KeyPair:
        key = self.folder / f"{name}.key"
        _make_key(key)
        self._request(key, subject)
        usage = f"basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n{extensions}"
        signer = ["-CA", str(self.certificate), "-CAkey", str(self.key)]
        self._sign(name, usage, [*signer, "-set_serial", f"0x{secrets.token_hex(8)}"])
        return KeyPair(self.folder / f"{name}.crt", key)

    def _request(self, key: Path, subject: str) -> None:
        argv = ["openssl", "req", "-new", "-key", str(key), "-subj", subject]
        run([*argv, "-out", str(self.folder / "request")], what="asking for a certificate",
            remedy=REMEDY)  # fmt: skip

    def _sign(self, name: str, extensions: str, signer: Sequence[str]) -> None:
        extension_file = self.folder / "extensions"
        extension_file.write_text(extensions)
        argv = ["openssl", "x509", "-req", "-sha256", "-days", DAYS, *signer]
        argv += ["-in", str(self.folder / "request"), "-extfile", str(extension_file)]
        argv += ["-out", str(self.folder / f"{name}.crt")]
        run(argv, what=f"signing the certificate {name}", remedy=REMEDY)


def _make_key(path: Path) -> None:
    argv = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    run([*argv, "-out", str(path)], what=f"making the key {path.name}", remedy=REMEDY)
    path.chmod(0o600)
