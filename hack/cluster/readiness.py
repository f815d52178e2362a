"""When a local cluster works: its node is Ready, Services lead to pods, and DNS answers."""

from __future__ import annotations

import secrets
import socket
import struct

from hack.cluster.kubeconfigs import ApiServer
from hack.cluster.slots import Slot
from hack.cluster.worker import CLUSTER_DOMAIN, NODE_NAME

DNS_SECONDS = 0.5
PROBED_NAME = f"kubernetes.default.svc.{CLUSTER_DOMAIN}"


def node_is_ready(api: ApiServer) -> bool:
    """Tell whether the node reports Ready."""
    try:
        node = api.get(f"/api/v1/nodes/{NODE_NAME}")
    except (OSError, ValueError):
        return False
    conditions = node.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def controllers_work(api: ApiServer) -> bool:
    """Tell whether the controllers made what every pod needs: its default service account."""
    try:
        api.get("/api/v1/namespaces/default/serviceaccounts/default")
    except (OSError, ValueError):
        return False
    return True


def services_lead_to_dns(slot: Slot) -> bool:
    """Tell whether the DNS Service answers: proof of kube-proxy and CoreDNS in one question."""
    identity = secrets.randbelow(2**16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(DNS_SECONDS)
        try:
            asker.sendto(dns_question(identity, PROBED_NAME), (str(slot.dns_address), 53))
            return dns_answered(identity, asker.recv(512))
        except OSError:
            return False


def dns_question(identity: int, name: str) -> bytes:
    """Return a question for the IPv4 address of a name (RFC 1035, section 4)."""
    header = struct.pack(">6H", identity, 0x0100, 1, 0, 0, 0)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return header + labels + b"\0" + struct.pack(">2H", 1, 1)


def dns_answered(identity: int, message: bytes) -> bool:
    """Tell whether a message answers our question without an error, with at least one record."""
    answered, settings, _, records = struct.unpack(">4H", message[:8])
    return bool(answered == identity and not settings & 0x000F and records)
