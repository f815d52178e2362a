"""StreamGateway: a pool of streaming servers. crds/ and its reference are generated from here."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from headgate.core.resource import (
    Duration,
    ObjectName,
    PositiveDuration,
    Quantity,
    ResourceModel,
)
from headgate.core.schema_marks import NotBuilt, Rule, map_list
from headgate.modelversion.types import EnvVar, Image, Port, Resources, SecretRef

MAX_NAME = 40
"""Names of the children are made of it, and a Service's has 63 characters at most."""
MAX_REPLICAS = 100
MAX_STREAMS = 32
MAX_SUBJECTS = 32

StreamName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Subject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=256,
        pattern=r"^([A-Za-z0-9_=/-]+|\*)(\.([A-Za-z0-9_=/-]+|\*))*(\.>)?$",
    ),
]
Replicas = Annotated[int, Field(ge=1, le=MAX_REPLICAS)]
Argument = Annotated[str, Field(max_length=1024)]


class NatsEngine(ResourceModel):
    """NATS servers: clients by WebSocket and by NATS' own protocol, streams by JetStream."""

    version: Annotated[
        str,
        Field(min_length=3, max_length=32),
        NotBuilt("name an image with that version in image", but=("2.15",)),
    ] = Field(default="2.15", description="Version of the server, as that of the usual image.")
    image: Image | None = Field(
        default=None,
        description="Image with the program nats-server, 2.11 or newer; absent: the one that the"
        " operator was installed with.",
    )


CUSTOM_HAS = {
    "auth": "is for NATS: a server of your own decides by itself who may connect; leave it out",
    "streams": "are for NATS: a server of your own keeps what it likes; leave them out",
    "storage": "is for NATS: pods of a server of your own have no disk; leave it out",
    "listeners.nats": "is for NATS: a server of your own has listeners.websocket, for any protocol"
    " over TCP; leave it out",
    "autoscaling.connectionsPerPod": "is required with engine.custom: what one of your servers"
    " carries is known to you alone",
}
"""Why fields mean nothing for a server of one's own, or have to be there, by their path."""


class CustomEngine(ResourceModel):
    """A server of your own that keeps the drain contract: docs/reference/drain-contract.md."""

    RULES: ClassVar = (
        Rule(
            "self.port != self.controlPort",
            "clients and the operator need ports of their own",
            ".controlPort",
        ),
    )

    image: Image = Field(
        description="Its image. A new one is tried on one pod first, as every configuration."
    )
    port: Port = Field(
        default=8080,
        description="Port of the pod on which it serves clients; that of the Service is"
        " listeners.websocket.port.",
    )
    control_port: Port = Field(
        default=8081,
        description="Port of the pod on which it answers the operator and the kubelet, by HTTP"
        " below /headgate/v1/.",
    )
    command: Annotated[tuple[Argument, ...], Field(max_length=32)] = Field(
        default=(), description="Replaces the image's entry point."
    )
    args: Annotated[tuple[Argument, ...], Field(max_length=64)] = Field(
        default=(), description="Arguments."
    )
    env: Annotated[tuple[EnvVar, ...], Field(max_length=64), map_list("name")] = Field(
        default=(), description="Environment. Names that begin with HEADGATE_ are reserved."
    )


class Engine(ResourceModel):
    """What serves the clients. Exactly one."""

    RULES: ClassVar = (
        Rule("has(self.nats) != has(self.custom)", "set exactly one of nats and custom"),
    )

    nats: NatsEngine | None = Field(default=None, description="NATS servers.")
    custom: CustomEngine | None = Field(
        default=None, description="A server of your own that keeps the drain contract."
    )


class Tls(ResourceModel):
    """Where a listener's certificate is."""

    secret_name: ObjectName = Field(
        description="Secret of type kubernetes.io/tls, with tls.crt and tls.key."
    )


class Listener(ResourceModel):
    """A port for clients."""

    port: Port = Field(description="Port of the Service, 1 to 65535.")
    tls: Tls | None = Field(
        default=None, description="Certificate to present; absent: without encryption."
    )


class ServiceType(StrEnum):
    """How clients reach the gateway."""

    CLUSTER_IP = "ClusterIP"
    NODE_PORT = "NodePort"
    LOAD_BALANCER = "LoadBalancer"


class Listeners(ResourceModel):
    """The ports for clients."""

    RULES: ClassVar = (
        Rule("has(self.websocket) || has(self.nats)", "set websocket, nats, or both"),
        Rule(
            "!has(self.websocket) || !has(self.nats) || self.websocket.port != self.nats.port",
            "websocket and nats need ports of their own",
            ".nats",
        ),
    )

    websocket: Listener | None = Field(
        default=None, description="WebSocket; with engine.custom any protocol over TCP."
    )
    nats: Listener | None = Field(default=None, description="NATS' own protocol over TCP.")
    service_type: ServiceType = Field(
        default=ServiceType.CLUSTER_IP, description="Type of the Service that clients connect to."
    )


class Auth(ResourceModel):
    """Who may connect. Exactly one."""

    RULES: ClassVar = (
        Rule(
            "has(self.secretRef) != (has(self.allowAnonymous) && self.allowAnonymous)",
            "set secretRef, or allowAnonymous: true, and not both",
        ),
    )

    secret_ref: SecretRef | None = Field(
        default=None,
        description="Secret with the users: each key a user's name, its value the password, plain"
        " or as bcrypt makes it.",
    )
    allow_anonymous: bool = Field(
        default=False, description="Let everybody connect who reaches the Service."
    )


class Stream(ResourceModel):
    """Messages that are kept on disk, so that a client resumes where it was."""

    name: StreamName = Field(description="Its name: letters, digits, - and _.")
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=MAX_SUBJECTS)] = Field(
        description="What it keeps: subjects, with * for one part and > for all that follow. No"
        " subject may be in two streams."
    )
    replicas: Annotated[int, Field(ge=1, le=5)] = Field(
        default=3,
        description="Servers that hold a copy: 1, 3 or 5. The core has three servers, or five where"
        " a stream has five copies.",
    )
    max_age: PositiveDuration = Field(
        default=timedelta(hours=24), description="How long messages are kept."
    )
    max_bytes: Quantity = Field(
        default="1Gi", description="How much is kept; beyond, the oldest messages go."
    )

    RULES: ClassVar = (
        Rule("self.replicas in [1, 3, 5]", "must be 1, 3 or 5: a majority decides", ".replicas"),
    )


class Storage(ResourceModel):
    """Disks of the core's servers."""

    size: Quantity = Field(default="2Gi", description="Size of each server's disk.")
    class_name: ObjectName | None = Field(
        default=None, description="StorageClass; absent: the cluster's default."
    )


class ScaleDown(ResourceModel):
    """When the pool may shrink."""

    stabilization: Duration = Field(
        default=timedelta(seconds=300),
        description="The pool shrinks only to the most pods that were needed within this time.",
    )


class Autoscaling(ResourceModel):
    """Let load decide the number of edge pods."""

    RULES: ClassVar = (
        Rule(
            "self.minReplicas <= self.maxReplicas",
            "minReplicas must not be above maxReplicas",
            ".minReplicas",
        ),
    )

    min_replicas: Replicas = Field(default=2, description="The fewest edge pods.")
    max_replicas: Replicas = Field(description="The most edge pods.")
    connections_per_pod: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description="Connections that a pod should have; absent: 70 % of what its memory limit"
        " allows at 55 KiB each, and of 65536 at most.",
    )
    deliveries_per_second_per_pod: Annotated[int, Field(ge=1, le=10_000_000)] | None = Field(
        default=None, description="Messages to clients that a pod should deliver in a second."
    )
    cpu_utilization: Annotated[int, Field(ge=1, le=100)] | None = Field(
        default=None,
        description="Percent of resources.requests.cpu (of limits.cpu where there is no request)"
        " that a pod should use; one of the two has to be set.",
    )
    scale_down: ScaleDown = Field(
        default=ScaleDown(), description="When the pool may shrink; absent: after 300s."
    )


class Drain(ResourceModel):
    """How connections leave a pod."""

    RULES: ClassVar = (
        Rule(
            "duration(self.window) <= duration(self.deadline)",
            "window must not be longer than deadline",
            ".window",
        ),
        Rule("duration(self.deadline) <= duration('30m')", "must be 30m at most", ".deadline"),
    )

    window: PositiveDuration = Field(
        default=timedelta(seconds=20),
        description="Connections of a leaving pod are asked to move, spread over so long.",
    )
    deadline: PositiveDuration = Field(
        default=timedelta(seconds=120),
        description="So long after its connections are first asked to move, the pod goes, whoever"
        " is still connected; 30m at most. Those are counted in status.continuity.forcedCloses.",
    )


class Rebalance(ResourceModel):
    """How connections are spread anew."""

    max_skew: Annotated[float, Field(ge=1.01, le=100)] = Field(
        default=1.15,
        description="Connections are moved when a pod has more than so many times the mean.",
    )
    moves_per_second: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=300, description="Connections asked to move in a second, at most."
    )


class GatewayRollback(ResourceModel):
    """What a new configuration that fails leads to."""

    on_failed_health_checks: bool = Field(
        default=True,
        description="Go back to status.stableRevision; false: hold, and say what fails.",
    )


CUSTOM = "has(self.engine) && has(self.engine.custom)"
WAS_CUSTOM = "has(oldSelf.engine) && has(oldSelf.engine.custom)"


class StreamGatewaySpec(ResourceModel):
    """A pool of streaming servers: who may connect, what is kept, how it grows and shrinks."""

    RULES: ClassVar = (
        Rule(
            f"({CUSTOM}) == ({WAS_CUSTOM})",
            "cannot be changed from NATS to a server of your own or back: make another gateway",
            ".engine",
        ),
        Rule(
            f"({CUSTOM}) || has(self.auth)",
            "is required: set secretRef, or allowAnonymous: true",
            ".auth",
        ),
        Rule(f"!({CUSTOM}) || !has(self.auth)", CUSTOM_HAS["auth"], ".auth"),
        Rule(
            f"!({CUSTOM}) || !has(self.streams) || size(self.streams) == 0",
            CUSTOM_HAS["streams"],
            ".streams",
        ),
        Rule(f"!({CUSTOM}) || !has(self.storage)", CUSTOM_HAS["storage"], ".storage"),
        Rule(
            f"!({CUSTOM}) || !has(self.listeners) || !has(self.listeners.nats)",
            CUSTOM_HAS["listeners.nats"],
            ".listeners.nats",
        ),
        Rule(
            f"!({CUSTOM}) || !has(self.autoscaling) || has(self.autoscaling.connectionsPerPod)",
            CUSTOM_HAS["autoscaling.connectionsPerPod"],
            ".autoscaling.connectionsPerPod",
        ),
        Rule(
            "has(self.storage) == has(oldSelf.storage)"
            " && (!has(self.storage) || self.storage == oldSelf.storage)",
            "storage cannot be changed: the disks hold the streams; make another gateway",
        ),
    )

    engine: Engine = Field(
        default=Engine(nats=NatsEngine()), description="What serves the clients; absent: NATS."
    )
    replicas: Replicas = Field(
        default=2, description="Edge pods; kubectl scale sets it. Ignored while autoscaling is set."
    )
    listeners: Listeners = Field(
        default=Listeners(websocket=Listener(port=8080), nats=Listener(port=4222)),
        description="The ports for clients; absent: websocket on 8080 and nats on 4222, with"
        " engine.custom websocket alone.",
    )
    auth: Auth | None = Field(
        default=None,
        description="Who may connect. Required with NATS; a server of your own decides by itself.",
    )
    streams: Annotated[tuple[Stream, ...], Field(max_length=MAX_STREAMS), map_list("name")] = Field(
        default=(), description="Messages that are kept on disk. One taken out of here stays."
    )
    storage: Storage | None = Field(
        default=None,
        description="Disks of the core's servers; absent: the node's, which are lost with the pod."
        " Cannot be changed later. Streams get 90 % of it, 1Gi a server without.",
    )
    resources: Resources | None = Field(
        default=None, description="What an edge pod asks for and may use."
    )
    autoscaling: Autoscaling | None = Field(
        default=None,
        description="Let load decide the number of edge pods; absent: replicas says it, which an"
        " HPA or KEDA may set by /scale.",
    )
    drain: Drain = Field(default=Drain(), description="How connections leave a pod.")
    rebalance: Rebalance = Field(
        default=Rebalance(), description="How connections are spread anew."
    )
    rollback: GatewayRollback = Field(
        default=GatewayRollback(), description="What a configuration that fails leads to."
    )

    @model_validator(mode="before")
    @classmethod
    def _own_listeners(cls, value: object) -> object:
        """Give a server of one's own the one listener that it can have, where none is said."""
        if not isinstance(value, Mapping) or "listeners" in value:
            return value
        engine = value.get("engine")
        if isinstance(engine, Mapping) and engine.get("custom") is not None:
            return {**value, "listeners": {"websocket": {"port": 8080}}}
        return value
