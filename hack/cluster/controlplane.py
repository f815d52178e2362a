"""etcd, the API server, the controllers and the scheduler: their identities and their flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from hack.cluster.certificates import Authority, KeyPair, SigningKey
from hack.cluster.components import Component, flags

ADMINS = "system:masters"
API_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
ISSUER = "https://kubernetes.default.svc.cluster.local"
# A test machine has memory to spare and few cores: a fifth of the API server's time is collecting.
RARER_COLLECTIONS = {"GOGC": "400"}


@dataclass(frozen=True)
class Identities:
    """Who is who in the control plane."""

    authority: Path
    server: KeyPair
    admin: KeyPair
    kubelet_client: KeyPair
    service_accounts: SigningKey


def make_identities(authority: Authority, addresses: Sequence[IPv4Address]) -> Identities:
    """Make the control plane's certificates; the API server answers at these addresses."""
    authority.create()
    return Identities(
        authority=authority.certificate,
        server=authority.server("apiserver", [str(a) for a in addresses], API_NAMES),
        admin=authority.client("admin", "headgate-admin", [ADMINS]),
        kubelet_client=authority.client("apiserver-kubelet", "apiserver", [ADMINS]),
        service_accounts=authority.signing_key("service-accounts"),
    )


def known_identities(authority: Authority) -> Identities:
    """Return the identities that an earlier `make_identities` left in the folder."""

    def pair(name: str) -> KeyPair:
        return KeyPair(authority.folder / f"{name}.crt", authority.folder / f"{name}.key")

    return Identities(
        authority=authority.certificate,
        server=pair("apiserver"),
        admin=pair("admin"),
        kubelet_client=pair("apiserver-kubelet"),
        service_accounts=SigningKey(
            authority.folder / "service-accounts.pub", authority.folder / "service-accounts.key"
        ),
    )


@dataclass(frozen=True)
class Endpoints:
    """Where the control plane listens."""

    etcd_port: int
    etcd_peer_port: int
    api_port: int
    api_bind: str
    advertise: IPv4Address
    services: IPv4Network


def etcd(program: Path, data: Path, log: Path, at: Endpoints) -> Component:
    """Return etcd. It does not wait for the disk: a test's data need not survive a power cut."""
    client, peer = (f"http://127.0.0.1:{port}" for port in (at.etcd_port, at.etcd_peer_port))
    settings = flags(
        name="headgate",
        data_dir=data,
        listen_client_urls=client,
        advertise_client_urls=client,
        listen_peer_urls=peer,
        initial_advertise_peer_urls=peer,
        initial_cluster=f"headgate={peer}",
        unsafe_no_fsync=True,
        quota_backend_bytes=4 * 2**30,
        auto_compaction_mode="periodic",
        auto_compaction_retention="10m",
        log_level="warn",
    )
    return Component("etcd", [str(program), "etcd", *settings], log)


def api_server(
    program: Path, who: Identities, log: Path, at: Endpoints, extra: Sequence[str]
) -> Component:
    """Return the API server."""
    settings = flags(
        etcd_servers=f"http://127.0.0.1:{at.etcd_port}",
        bind_address=at.api_bind,
        secure_port=at.api_port,
        advertise_address=at.advertise,
        service_cluster_ip_range=at.services,
        client_ca_file=who.authority,
        tls_cert_file=who.server.certificate,
        tls_private_key_file=who.server.key,
        kubelet_client_certificate=who.kubelet_client.certificate,
        kubelet_client_key=who.kubelet_client.key,
        kubelet_preferred_address_types="InternalIP",
        service_account_issuer=ISSUER,
        service_account_key_file=who.service_accounts.public,
        service_account_signing_key_file=who.service_accounts.private,
        authorization_mode="Node,RBAC",
        allow_privileged=True,
        profiling=False,
    )
    argv = [str(program), "kube-apiserver", *settings, *extra]
    return Component("kube-apiserver", argv, log, env=RARER_COLLECTIONS)


def controller_manager(program: Path, who: Identities, kubeconfig: Path, log: Path) -> Component:
    """Return the controllers of Deployments, Services, namespaces and the rest."""
    settings = flags(
        kubeconfig=kubeconfig,
        service_account_private_key_file=who.service_accounts.private,
        root_ca_file=who.authority,
        use_service_account_credentials=True,
        leader_elect=False,
        bind_address="127.0.0.1",
        profiling=False,
    )
    argv = [str(program), "kube-controller-manager", *settings]
    return Component("kube-controller-manager", argv, log)


def scheduler(program: Path, kubeconfig: Path, log: Path) -> Component:
    """Return the scheduler."""
    settings = flags(
        kubeconfig=kubeconfig, leader_elect=False, bind_address="127.0.0.1", profiling=False
    )
    return Component("kube-scheduler", [str(program), "kube-scheduler", *settings], log)
