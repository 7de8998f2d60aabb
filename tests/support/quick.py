"""Syncs and verifications in this process, wired like the program's own but with a hundredth of its patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import aiohttp

from smug2s3.app.factories import open_session
from smug2s3.app.verify_runner import Depth, look
from smug2s3.engine.report import Report
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync import Sync
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.engine.verify import Verify
from smug2s3.flow.gate import Gate
from smug2s3.flow.outage import Waits
from smug2s3.flow.retry import RetryPolicy
from smug2s3.ledger.ledger import open_ledger
from smug2s3.rules.filters import Filters
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.oauth import Credentials
from smug2s3.smugmug.source import SmugMugSource
from smug2s3.stores.quirks import GENERIC, Provider
from smug2s3.stores.s3 import S3Store, open_s3
from smugmug_simulator import Simulator
from tests.support.bucket import PREFIX, Bucket, assert_holds
from tests.support.recorder import Recorder

QUICK = RetryPolicy(attempts=4, first_wait=0.02, longest_wait=0.2)
SHORTLY = Waits(longest=2.0, first_wait=0.05, longest_wait=0.3)
"""How long outages are waited for."""


def credentials(sim: Simulator) -> Credentials:
    """The sign-in the simulator has ready."""
    return Credentials(
        consumer_key=sim.consumer_key,
        consumer_secret=sim.consumer_secret,
        token=sim.token,
        token_secret=sim.token_secret,
    )


@asynccontextmanager
async def quick_client(
    sim: Simulator,
    *,
    signed: bool = True,
    at_once: int = 8,
    policy: RetryPolicy | None = None,
    waits: Waits = SHORTLY,
    reporter: Recorder | None = None,
) -> AsyncIterator[SmugMugClient]:
    """A client of the simulator; unsigned it has the API key alone."""
    async with open_session() as session:
        yield SmugMugClient(
            session,
            origin=sim.origin,
            gate=Gate(at_once),
            credentials=credentials(sim) if signed else None,
            api_key=sim.api_key,
            policy=policy or QUICK,
            waits=waits,
            reporter=reporter,
        )


@asynccontextmanager
async def quick_store(
    bucket: Bucket,
    *,
    endpoint: str | None = None,
    provider: Provider = GENERIC,
    stall: float = 20.0,
    work: float = 60.0,
    waits: Waits = SHORTLY,
    reporter: Recorder | None = None,
) -> AsyncIterator[S3Store]:
    """The bucket as smug2s3 uses it; ``endpoint`` leads through a proxy."""
    async with open_s3(
        bucket=bucket.name,
        provider=provider,
        endpoint=endpoint or bucket.server.endpoint,
        region="us-east-1",
        access_key=bucket.server.access_key,
        secret_key=bucket.server.secret_key,
        connections=30,
        policy=QUICK,
        stall=stall,
        work=work,
        waits=waits,
        listener=reporter,
    ) as store:
        yield store


async def nothing_is_taken(session: aiohttp.ClientSession) -> None:
    """Not even by what nobody has any more and has not been collected yet."""
    connector = session.connector
    assert connector is not None
    for _ in range(5):  # a body that is being sent ends in a task of its own
        await asyncio.sleep(0)
    assert not connector._acquired


def of_store(store: S3Store) -> aiohttp.ClientSession:
    """The session of its requests."""
    (session,) = store.client._endpoint.http_session._sessions.values()
    assert isinstance(session, aiohttp.ClientSession)
    return session


@dataclass(slots=True)
class Pair:
    """An account, a bucket, and the ledger of what went from the one to the other."""

    sim: Simulator
    bucket: Bucket
    ledger: Path
    endpoint: str | None = None
    provider: Provider = GENERIC
    signed: bool = True
    stall: float = 20.0
    work: float = 60.0
    waits: Waits = SHORTLY
    reporter: Recorder = field(default_factory=Recorder)
    options: SyncOptions = field(default_factory=lambda: SyncOptions(prefix=PREFIX, transfers=8, batch=50))

    async def sync(self, *, filters: Filters | None = None, **changes: bool | int | str | datetime) -> Summary:
        """One run; ``changes`` are fields of SyncOptions."""
        self.reporter = Recorder()
        options = replace(self.options, filters=filters or Filters(), **changes)  # type: ignore[arg-type]
        async with (
            open_ledger(":memory:" if options.dry_run and not self.ledger.exists() else str(self.ledger)) as ledger,
            quick_client(self.sim, signed=self.signed, waits=self.waits, reporter=self.reporter) as client,
            quick_store(
                self.bucket,
                endpoint=self.endpoint,
                provider=self.provider,
                stall=self.stall,
                work=self.work,
                waits=self.waits,
                reporter=self.reporter,
            ) as store,
        ):
            user = "" if self.signed else self.sim.world.user.nick
            source = SmugMugSource(client, user=user, raw=options.raw)
            return await Sync(
                source=source, store=store, ledger=ledger, reporter=self.reporter, options=options, policy=QUICK
            ).run()

    async def verify(
        self,
        *,
        deep: float = 0.0,
        head: bool = False,
        source: bool = False,
        repair: bool = False,
        accept_unavailable: bool = False,
        accept_count: bool = False,
    ) -> Report:
        """One verification."""
        report = Report()
        async with (
            open_ledger(str(self.ledger)) as ledger,
            quick_client(self.sim, signed=self.signed, waits=self.waits) as client,
            quick_store(self.bucket, endpoint=self.endpoint, provider=self.provider, waits=self.waits) as store,
        ):
            verify = Verify(store=store, ledger=ledger, prefix=PREFIX, advance=lambda _: None, report=report)
            depth = Depth(
                deep=deep,
                heads=head,
                source=source,
                accept_unavailable=accept_unavailable,
                accept_count=accept_count,
            )
            await look(verify, ledger, depth, lambda: nullcontext(SmugMugSource(client)), ask_again_after=0.01)
            if repair:
                await verify.repair()
        return report

    def assert_complete(self) -> None:
        """The bucket holds the world, byte for byte, and nothing else."""
        assert_holds(self.bucket, self.sim.world.assets())
