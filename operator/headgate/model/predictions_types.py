"""Where a Model's predictions are published: the part of its spec below `predictions`."""

import re
from typing import Annotated

from pydantic import Field

from headgate.core.resource import ResourceModel
from headgate.core.schema_marks import Rule
from headgate.modelversion.types import Port, SecretRef

OWN_PATTERN = r"^(headgate|_INBOX)([.]|$)"
OWN_SUBJECTS = "subjects that begin with headgate or _INBOX are not for predictions"

Subject = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_=/-]+(\.[A-Za-z0-9_=/-]+)*$"),
    Rule(f"!self.matches('{OWN_PATTERN}')", OWN_SUBJECTS),
]
"""A subject without `*` and `>`: one that messages are published on."""

UserName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[-._a-zA-Z0-9]+$")]


def is_own_subject(subject: str) -> bool:
    """Return whether a subject is one of the operator's, or of clients' private answers."""
    return re.search(OWN_PATTERN, subject) is not None


class GatewayRef(ResourceModel):
    """A StreamGateway in the same namespace."""

    name: Annotated[
        str, Field(min_length=1, max_length=40, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")
    ] = Field(description="Name of the StreamGateway.")
    port: Port = Field(
        default=4222, description="Port of its nats listener (its spec.listeners.nats.port)."
    )


class GatewayUser(ResourceModel):
    """Who the server is for the gateway."""

    name: UserName = Field(description="Name of the user, and the Secret's key with its password.")
    secret_ref: SecretRef = Field(
        description="Secret with the password in plain text: the one that the gateway's"
        " spec.auth.secretRef names, or another one. Only pods read it, and of it only this key."
    )


class GatewayTls(ResourceModel):
    """How the gateway's certificate is checked."""

    ca_secret_ref: SecretRef | None = Field(
        default=None,
        description="Secret whose key ca.crt has the authority that signed the certificate;"
        " absent: one that the server's image trusts.",
    )


class Predictions(ResourceModel):
    """Publish each prediction to a stream; what serves is never the worse for it."""

    stream_gateway: GatewayRef = Field(description="The gateway to publish to.")
    subject: Subject = Field(
        description="Subject to publish on; a stream of the gateway has to keep it, or predictions"
        " are dropped."
    )
    user: GatewayUser | None = Field(
        default=None,
        description="Who the server is for the gateway; absent: nobody, for one with"
        " allowAnonymous.",
    )
    tls: GatewayTls | None = Field(
        default=None,
        description="How the gateway's certificate is checked; absent: its listener has none.",
    )
