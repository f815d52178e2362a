"""From caches, Secrets and the servers' own figures to one frozen Observed."""

import base64
import secrets as randomness
from dataclasses import dataclass

from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, NotFound
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway, Manifest, owned
from headgate.streamgateway.build.revision import Revision, build_revision, core_size
from headgate.streamgateway.caches import GatewayCaches
from headgate.streamgateway.engines.nats.settings import InternalSecrets
from headgate.streamgateway.engines.nats.users import User, read_users
from headgate.streamgateway.observed import CoreServers, EdgePod
from headgate.streamgateway.records import GatewayRecord, is_core
from headgate.streamgateway.types import StreamGatewaySpec

AUTH = "spec.auth.secretRef.name"
OWN_PASSWORDS = ("system", "operator", "routes", "anonymous")
_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The configuration that a spec and its Secrets make, or why there is none."""

    revision: Revision | None = None
    secrets: InternalSecrets | None = None
    problems: tuple[Problem, ...] = ()


def edges_of(record: GatewayRecord, caches: GatewayCaches) -> tuple[EdgePod, ...]:
    """Return the gateway's own edge pods."""
    return tuple(
        sorted(
            (
                pod.edge
                for pod in caches.pods.by_index((record.namespace, record.name))
                if not is_core(pod) and pod.owner_uid == record.uid
            ),
            key=lambda pod: pod.name,
        )
    )


def core_pods_of(gateway: Gateway, caches: GatewayCaches) -> tuple[str, ...]:
    """Return the names of the core's pods, whoever made them."""
    pods = caches.pods.by_index((gateway.namespace, gateway.name))
    return tuple(sorted(pod.edge.name for pod in pods if is_core(pod)))


def core_of(record: GatewayRecord, spec: StreamGatewaySpec, caches: GatewayCaches) -> CoreServers:
    """Return how the core is."""
    found = next(iter(caches.core_sets.by_index((record.namespace, record.name))), None)
    wanted = core_size(spec)
    if found is None:
        return CoreServers(wanted=wanted, ready=0)
    return CoreServers(
        wanted=wanted,
        ready=found.ready,
        revision=found.revision,
        updated=found.updated if found.generation_seen else 0,
        servers=found.replicas,
    )


async def wanted_of(kube: Kube, gateway: Gateway, spec: StreamGatewaySpec, image: str) -> Wanted:
    """Read the Secrets, and make our own where it is missing."""
    own = await _own_passwords(kube, gateway)
    users, problems = await _users(kube, gateway, spec)
    if problems:
        return Wanted(secrets=own, problems=problems)
    nats = spec.engine.nats
    chosen = nats.image if nats is not None and nats.image is not None else image
    revision = build_revision(gateway, spec, image=chosen, users=users, secrets=own)
    return Wanted(revision=revision, secrets=own)


async def _users(
    kube: Kube, gateway: Gateway, spec: StreamGatewaySpec
) -> tuple[tuple[User, ...], tuple[Problem, ...]]:
    if spec.auth.secret_ref is None:
        return (), ()
    name = spec.auth.secret_ref.name
    try:
        secret = await kube.get(SECRETS, gateway.namespace, name)
    except NotFound:
        text = f"there is no Secret {name} in {gateway.namespace}: create it, a key for each user"
        return (), (Problem(AUTH, text),)
    found = read_users(_decoded(secret))
    told = tuple(Problem(AUTH, f"Secret {name}: {problem}") for problem in found.problems)
    return found.users, told


async def _own_passwords(kube: Kube, gateway: Gateway) -> InternalSecrets:
    try:
        secret = await kube.get(SECRETS, gateway.namespace, gateway.system_name)
    except NotFound:
        try:
            secret = await kube.create(SECRETS, gateway.namespace, _made(gateway))
        except AlreadyExists:  # a pass whose answer was lost has made it
            secret = await kube.get(SECRETS, gateway.namespace, gateway.system_name)
    data = {key: value.decode() for key, value in _decoded(secret).items()}
    return InternalSecrets(**{key: data[key] for key in OWN_PASSWORDS})


def _made(gateway: Gateway) -> Manifest:
    made = {key: randomness.token_urlsafe(_BYTES).encode() for key in OWN_PASSWORDS}
    return owned(
        gateway,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "immutable": True,
            "metadata": {"name": gateway.system_name},
            "data": {key: base64.b64encode(value).decode() for key, value in made.items()},
        },
    )


def _decoded(secret: Manifest) -> dict[str, bytes]:
    return {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}
