"""The Secret that the operator makes for each gateway: passwords between it and the servers."""

import base64
import json
import secrets as randomness
from collections.abc import Mapping, Sequence

from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, NotFound
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway, Manifest, owned
from headgate.streamgateway.build.revision import OWN, files_of
from headgate.streamgateway.types import StreamGatewaySpec

_BYTES = 32
TLS_KEYS = ("tls.crt", "tls.key")


async def own_passwords(
    kube: Kube,
    gateway: Gateway,
    keys: Sequence[str],
    *,
    mounted: bool = False,
    in_use_by: str | None = None,
) -> dict[str, str] | Problem:
    """Return the gateway's own passwords by key, made if they are not there yet.

    A problem where the Secret lacks one: it is another engine's, or somebody's else. `in_use_by` is
    a configuration whose servers know each other by these: where the Secret was deleted it is made
    again as it was, from that configuration's own Secret, or it is a problem.
    One that is `mounted` is not immutable: of such a one a kubelet keeps what it has read for as
    long as a pod of its node has it, and new pods would get that when it was made anew.
    """
    try:
        secret = await kube.get(SECRETS, gateway.namespace, gateway.system_name)
    except NotFound:
        values = {key: randomness.token_urlsafe(_BYTES) for key in keys}
        if in_use_by is not None:
            kept = await _kept_in(kube, gateway, in_use_by)
            if not kept.keys() >= set(keys):
                return _lost(gateway, in_use_by)
            values = {key: kept[key] for key in keys}
        try:
            manifest = _made(gateway, values, mounted=mounted)
            secret = await kube.create(SECRETS, gateway.namespace, manifest)
        except AlreadyExists:  # a pass whose answer was lost has made it
            secret = await kube.get(SECRETS, gateway.namespace, gateway.system_name)
    data = decoded(secret)
    lacking = [key for key in keys if not data.get(key)]
    if lacking:
        text = (
            f"Secret {gateway.system_name} lacks {', '.join(lacking)}: it was made for another"
            " engine, or by somebody else; delete it, or name the gateway otherwise"
        )
        return Problem("spec.engine", text)
    return {key: data[key].decode() for key in keys}


async def tls_problems(
    kube: Kube, gateway: Gateway, spec: StreamGatewaySpec
) -> tuple[Problem, ...]:
    """Return which Secrets of certificates cannot be mounted: a pod would wait for ever, mute."""
    problems: list[Problem] = []
    for listener in ("websocket", "nats"):
        tls = getattr(getattr(spec.listeners, listener), "tls", None)
        if tls is None:
            continue
        path, name = f"spec.listeners.{listener}.tls.secretName", tls.secret_name
        try:
            secret = await kube.get(SECRETS, gateway.namespace, name)
        except NotFound:
            problems.append(Problem(path, f"there is no Secret {name} in {gateway.namespace}"))
            continue
        lacking = [key for key in TLS_KEYS if not (secret.get("data") or {}).get(key)]
        if lacking:
            text = (
                f"Secret {name} lacks {' and '.join(lacking)}: make it by kubectl create secret tls"
            )
            problems.append(Problem(path, text))
    return tuple(problems)


def decoded(secret: Manifest) -> dict[str, bytes]:
    """Return what a Secret holds."""
    return {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}


async def _kept_in(kube: Kube, gateway: Gateway, revision: str) -> dict[str, str]:
    try:
        secret = await kube.get(SECRETS, gateway.namespace, gateway.config_name(revision))
    except NotFound:
        return {}
    kept: dict[str, str] = json.loads(files_of(secret).get(OWN, "{}"))
    return kept


def _lost(gateway: Gateway, revision: str) -> Problem:
    text = (
        f"Secret {gateway.system_name}, by which the servers that run know each other, was deleted,"
        f" and no copy of it is in Secret {gateway.config_name(revision)}: restore one of them, or"
        " delete the gateway and make it again"
    )
    return Problem("spec.engine", text)


def _made(gateway: Gateway, values: Mapping[str, str], *, mounted: bool) -> Manifest:
    return owned(
        gateway,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "immutable": not mounted,
            "metadata": {"name": gateway.system_name},
            "data": {
                key: base64.b64encode(value.encode()).decode() for key, value in values.items()
            },
        },
    )
