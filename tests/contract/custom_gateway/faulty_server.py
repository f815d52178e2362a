"""The example's server with one promise broken, to see that the conformance script notices."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parents[3] / "examples" / "04-custom-gateway" / "server"
sys.path.insert(0, str(SERVER))

import control  # type: ignore[import-not-found]  # noqa: E402 - the example's own modules
import fanout  # type: ignore[import-not-found]  # noqa: E402
import serve  # type: ignore[import-not-found]  # noqa: E402
from aiohttp import web  # noqa: E402


async def _asks_all_at_once(self: Any, _window: float) -> None:
    for client in list(self.clients):
        self.ask(client)


async def _ends_when_drained(self: Any, window: float) -> None:
    await _ASKS_ALL(self, window)
    await self.nobody.wait()
    os._exit(0)


async def _is_ready(_self: Any, _request: web.Request) -> web.Response:
    return web.Response()


async def _is_unready(_self: Any, _request: web.Request) -> web.Response:
    return web.Response(status=503)


async def _counts_nobody(self: Any, _request: web.Request) -> web.Response:
    told = {"name": self.name, "connections": 0, "arrivals": 0, "draining": False}
    return web.json_response(told)


async def _says_nothing(_self: Any, _request: web.Request) -> web.Response:
    return web.json_response({"clients": 3})


def _asks_twice_as_many(self: Any, count: int) -> int:
    return int(_ASKS_SOME(self, 2 * count))


async def _refuses_once_cordoned(self: Any, request: web.Request) -> web.WebSocketResponse:
    if self.refuses:
        raise web.HTTPServiceUnavailable
    answer: web.WebSocketResponse = await _CONNECTS(self, request)
    return answer


async def _cordons_for_clients_too(self: Any, request: web.Request) -> web.Response:
    self.fanout.refuses = True
    answer: web.Response = await _CORDONS(self, request)
    return answer


_ASKS_ALL = fanout.Fanout._ask_all
_ASKS_SOME = fanout.Fanout.ask_some
_CONNECTS = fanout.Fanout.connect
_CORDONS = control.Control.cordon

FAULTS: dict[str, dict[Any, dict[str, Any]]] = {
    "none": {},
    "open": {control: {"OPEN": (*control.OPEN, "/headgate/v1/status")}},
    "unready": {control.Control: {"ready": _is_unready}},
    "always-ready": {control.Control: {"ready": _is_ready}},
    "counts-nobody": {control.Control: {"status": _counts_nobody}},
    "says-nothing": {control.Control: {"status": _says_nothing}},
    "moves-too-many": {fanout.Fanout: {"ask_some": _asks_twice_as_many}},
    "all-at-once": {fanout.Fanout: {"_ask_all": _asks_all_at_once}},
    "ends-when-drained": {fanout.Fanout: {"_ask_all": _ends_when_drained}},
    "refuses-once-cordoned": {
        fanout.Fanout: {"connect": _refuses_once_cordoned, "refuses": False},
        control.Control: {"cordon": _cordons_for_clients_too},
    },
}

if __name__ == "__main__":
    for place, changes in FAULTS[sys.argv[1]].items():
        for name, value in changes.items():
            setattr(place, name, value)
    token = Path(os.environ["HEADGATE_CONTROL_TOKEN_FILE"]).read_text().strip()
    asyncio.run(serve.serve(token))
