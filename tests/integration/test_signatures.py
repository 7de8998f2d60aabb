"""Nobody but SmugMug ever sees a signature, whatever its answers say."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from smug2s3.engine.summary import Summary
from smug2s3.engine.sync import Sync
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import SourceBroken
from smug2s3.flow.gate import Gate
from smug2s3.ledger.ledger import open_ledger
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.source import SmugMugSource
from smugmug_simulator import Fault, Simulator, World
from smugmug_simulator.content import Literal
from tests.support.bucket import PREFIX, Bucket
from tests.support.quick import QUICK, Pair, credentials, quick_store
from tests.support.recorder import Recorder

PHOTO = b"\xff\xd8 a photo"


class Here(AbstractResolver):
    """Every name leads to this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        pass


@dataclass(slots=True)
class Stranger:
    """A host that is not SmugMug's, and what it was sent."""

    origin: str = ""
    headers: list[dict[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


@asynccontextmanager
async def stranger() -> AsyncIterator[Stranger]:
    """Serves the photo to everybody."""
    seen = Stranger()

    async def answer(request: web.BaseRequest) -> web.Response:
        seen.headers.append({name.lower(): value for name, value in request.headers.items()})
        seen.addresses.append(str(request.rel_url))
        return web.Response(body=PHOTO, content_type="image/jpeg")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    seen.origin = f"http://photos.example.com:{runner.addresses[0][1]}"
    try:
        yield seen
    finally:
        await runner.cleanup()


async def sync(sim: Simulator, bucket: Bucket, ledger: Path) -> Summary:
    """A run in which every name of a host leads to this machine."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Here())) as session,
        open_ledger(str(ledger)) as book,
        quick_store(bucket) as store,
    ):
        client = SmugMugClient(session, origin=sim.origin, gate=Gate(8), credentials=credentials(sim), policy=QUICK)
        options = SyncOptions(prefix=PREFIX, transfers=2, batch=5)
        engine = Sync(
            source=SmugMugSource(client), store=store, ledger=book, reporter=Recorder(), options=options, policy=QUICK
        )
        return await engine.run()


@pytest.fixture
def world() -> World:
    world = World("mine")
    world.add_image(world.add_album("One"), "a.jpg", Literal(PHOTO))
    return world


async def test_media_on_a_host_that_is_not_smugmugs_is_fetched_without_a_signature(
    world: World, bucket: Bucket, tmp_path: Path
) -> None:
    async with stranger() as other, Simulator(world) as sim:
        sim.faults.add(
            Fault(action="status", status=302, kind="media", headers={"Location": f"{other.origin}/x"}, times=None)
        )

        summary = await sync(sim, bucket, tmp_path / "ledger.db")

        assert summary.moved == 1
        assert other.addresses == ["/x"]
        assert all("authorization" not in headers for headers in other.headers)
        assert "oauth" not in str(other.headers).lower()


async def test_an_api_answer_that_leads_elsewhere_is_not_followed(world: World, bucket: Bucket, tmp_path: Path) -> None:
    async with stranger() as other, Simulator(world) as sim:
        sim.faults.add(
            Fault(action="status", status=301, kind="api", headers={"Location": f"{other.origin}/x"}, times=None)
        )

        with pytest.raises(SourceBroken, match="not SmugMug's"):
            await sync(sim, bucket, tmp_path / "ledger.db")

        assert other.addresses == []


async def test_an_api_answer_that_leads_round_in_a_circle_is_left(world: World, bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(world) as sim:
        there, back = {"Location": "/api/v2!authuser?turn=2"}, {"Location": "/api/v2!authuser?turn=1"}
        sim.faults.add(
            Fault(action="status", status=302, kind="api", path="*turn=2*", headers=back, times=None),
            Fault(action="status", status=302, kind="api", headers=there, times=None),
        )

        with pytest.raises(SourceBroken, match="in a loop"):
            await Pair(sim, bucket, tmp_path / "ledger.db").sync()

        assert sim.count("api") < 20


async def test_a_redirect_within_the_api_is_signed_again(world: World, bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(world) as sim:
        sim.faults.add(
            Fault(action="status", status=301, kind="api", path="*!authuser*", headers={"Location": "/api/v2!authuser"})
        )

        assert (await Pair(sim, bucket, tmp_path / "ledger.db").sync()).moved == 1
