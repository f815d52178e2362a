"""The Secret that the operator makes for each gateway: passwords between it and the servers."""

import base64
import secrets as randomness
from collections.abc import Sequence

from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, NotFound
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.owned import Gateway, Manifest, owned

_BYTES = 32


async def own_passwords(
    kube: Kube, gateway: Gateway, keys: Sequence[str], *, mounted: bool = False
) -> dict[str, str] | Problem:
    """Return the gateway's own passwords by key, made if they are not there yet.

    A problem where the Secret lacks one: it is another engine's, or somebody's else.
    One that is `mounted` is not immutable: of such a one a kubelet keeps what it has read for as
    long as a pod of its node has it, and new pods would get that when it was made anew.
    """
    try:
        secret = await kube.get(SECRETS, gateway.namespace, gateway.system_name)
    except NotFound:
        try:
            secret = await kube.create(
                SECRETS, gateway.namespace, _made(gateway, keys, mounted=mounted)
            )
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


def decoded(secret: Manifest) -> dict[str, bytes]:
    """Return what a Secret holds."""
    return {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}


def _made(gateway: Gateway, keys: Sequence[str], *, mounted: bool) -> Manifest:
    made = {key: randomness.token_urlsafe(_BYTES).encode() for key in keys}
    return owned(
        gateway,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "immutable": not mounted,
            "metadata": {"name": gateway.system_name},
            "data": {key: base64.b64encode(value).decode() for key, value in made.items()},
        },
    )
