"""The simulator itself: one listening socket, and the routing of requests."""

import asyncio
import ssl
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiohttp import web

from smugmug_simulator import api_desk, control, dance, media
from smugmug_simulator.asked import Asked, read
from smugmug_simulator.faults import Fault, Faults
from smugmug_simulator.oauth import Access, Consumer, Level
from smugmug_simulator.rate import RateLimit
from smugmug_simulator.replies import Reply, spoilt
from smugmug_simulator.scene import Limits
from smugmug_simulator.sending import send
from smugmug_simulator.state import State
from smugmug_simulator.stats import Seen, Stats
from smugmug_simulator.world import World

CONSUMER_KEY = "simulated-consumer-key"
CONSUMER_SECRET = "simulated consumer secret ~&+/="  # noqa: S105 - has characters that must be escaped when signing
# Longer than any URL that this server refuses on purpose.
_LONGEST_LINE = 1 << 16
# A key whose owner never accepted the terms of API v2.
KEY_WITHOUT_TERMS = "key-without-v2-terms"


class Simulator:
    """A SmugMug on this machine: `async with Simulator(worlds.tiny()) as sim:` and then talk to `sim.origin`.

    `granted` is what the user has allowed the application earlier: a new authorization will not change it.
    """

    def __init__(
        self,
        world: World,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        *,
        access: Access = "Full",
        granted: Level | None = None,
        rate_budget: int = 100_000,
        rate_window: float = 3600.0,
        limits: Limits | None = None,
    ) -> None:
        self.state = State(world, faults=Faults(faults), latency=latency, limits=limits or Limits())
        self.state.rate = RateLimit(rate_budget, rate_window)
        self.consumer_key = self.api_key = CONSUMER_KEY
        self.consumer_secret = CONSUMER_SECRET
        keyring = self.state.keyring
        keyring.consumers[CONSUMER_KEY] = Consumer(CONSUMER_SECRET)
        keyring.consumers[KEY_WITHOUT_TERMS] = Consumer(CONSUMER_SECRET, has_v2_terms=False)
        if granted:
            keyring.granted[CONSUMER_KEY] = granted
        self.token, self.token_secret = keyring.issue(CONSUMER_KEY, Level(access, "Read"))
        self.origin = ""
        self._runner: web.ServerRunner | None = None

    @property
    def world(self) -> World:
        """The account; it may be changed at any time."""
        return self.state.world

    @property
    def faults(self) -> Faults:
        """The active faults: `add`, `clear`, `struck`."""
        return self.state.faults

    @property
    def stats(self) -> Stats:
        """Statistics of requests."""
        return self.state.stats

    @property
    def requests(self) -> "list[Seen]":
        """The latest requests, oldest first."""
        return list(self.state.stats.requests)

    def count(self, kind: str) -> int:
        """How many requests of a kind (`api`, `media`, `oauth`) there were."""
        return self.state.stats.counts[kind]

    async def __aenter__(self) -> Self:
        self.origin = await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def listen(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Listen on one more address and return its origin; with `tls` as https."""
        if self._runner is None:
            self._runner = web.ServerRunner(
                web.Server(self._serve, access_log=None, max_line_size=_LONGEST_LINE, max_field_size=_LONGEST_LINE),
                shutdown_timeout=0.1,
            )
            await self._runner.setup()
        before = set(self._runner.addresses)
        await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        address = next(address for address in self._runner.addresses if address not in before)
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if tls else 'http'}://{shown}:{address[1]}"

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = await read(request)
        kind = kind_of(asked.path)
        if kind == "control":
            return (await send(request, control.reply(self.state, asked, await request.text()), None))[0]
        with self.state.stats.running(kind):
            try:
                return await self._answer(request, asked, kind)
            except ConnectionError:
                return web.Response(status=499)  # the client has gone and will not see it

    async def _answer(self, request: web.BaseRequest, asked: Asked, kind: str) -> web.StreamResponse:
        if self.state.latency:
            await asyncio.sleep(self.state.latency)
        fault = self.state.faults.pick(kind, asked.method, asked.target)
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        status, sent = 0, 0
        try:
            reply = self._reply(asked, kind, fault)
            status = reply.status
            response, sent = await send(request, reply, fault)
        finally:
            self.state.stats.add(Seen(kind, asked.method, asked.path, asked.query, status, asked.has_oauth, sent))
        return response

    def _reply(self, asked: Asked, kind: str, fault: Fault | None) -> Reply:
        if fault and fault.action != "empty" and (instead := spoilt(fault)):
            return instead
        if kind == "api":
            reply = api_desk.reply(self.state, asked, fault)
        elif kind == "oauth":
            reply = dance.reply(self.state.keyring, asked)
        else:
            reply = media.reply(self.state, asked)
        return (spoilt(fault, reply) if fault and fault.action == "empty" else None) or reply


def kind_of(path: str) -> str:
    """Which part of SmugMug a path belongs to; hosts do not matter, so one port can play them all."""
    if path.startswith("/api/v2"):
        return "api"
    if path.startswith(dance.PREFIX):
        return "oauth"
    return "control" if path.startswith(control.PREFIX) else "media"
