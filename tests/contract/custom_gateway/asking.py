"""The operator's side of the contract, for tests."""

from dataclasses import dataclass, replace

import aiohttp

from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.servers import Found, Told, Wanted
from headgate.streamgateway.servers.custom import CustomServers
from headgate.streamgateway.status_types import StreamGatewayStatus
from tests.builders.custom_gateways import NO_CORE, a_custom_gateway, a_custom_spec
from tests.builders.fanout import TOKEN

GATEWAY = Gateway(namespace="team-a", name="feed", uid="u1")


@dataclass
class Clock:
    """Seconds that only go forward, when a test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class Asking:
    """An operator that knows one gateway's servers."""

    def __init__(self, http: aiohttp.ClientSession, control: str, token: str = TOKEN) -> None:
        self.clock = Clock()
        self.servers = CustomServers(http, lambda _pod: control, self.clock)
        self.servers.use(token)

    async def ask(self, pod: EdgePod) -> Told:
        found = Found(
            gateway=GATEWAY,
            spec=a_custom_spec(),
            status=StreamGatewayStatus(),
            edges=(pod,),
            core=NO_CORE,
            wanted=Wanted(),
        )
        return await self.servers.ask(found)

    async def look(self, pod: EdgePod) -> EdgePod:
        """Return the pod with what its server says."""
        (seen,) = (await self.ask(pod)).edges
        return seen

    async def lasting(self, pod: EdgePod) -> EdgePod:
        """Return the pod when what is wrong with it has lasted."""
        await self.ask(pod)
        self.clock.now += 10
        return await self.look(pod)


def leaving(pod: EdgePod, window: str = "1s") -> Observed:
    """Return a gateway whose pod is out of the Service."""
    out = replace(pod, serving=False)
    return a_custom_gateway(out, spec={"drain": {"window": window}})
