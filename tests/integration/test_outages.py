"""A side that goes away in mid-run is waited for: nothing fails, nothing is lost, and the run goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import exit_code
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync import Sync
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import SignInRefused, SourceAway, StoreAway, StoreUnusable
from smug2s3.flow.outage import Waits
from smug2s3.flow.retry import RetryPolicy
from smug2s3.ledger.ledger import open_ledger
from smug2s3.smugmug.source import SmugMugSource
from smug2s3.stores.local.store import open_local
from smug2s3.stores.quirks import Provider
from smugmug_simulator import Fault, Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support import quick
from tests.support.bucket import PREFIX, Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.quick import Pair, quick_client
from tests.support.recorder import Recorder

AWAY = 0.6
"""Seconds: many times what all attempts of one file take here, which is at most 0.1."""
QUICK = RetryPolicy(attempts=4, first_wait=0.005, longest_wait=0.05)
LONG = Waits(longest=30.0, first_wait=0.05, longest_wait=0.2)
SHORT = Waits(longest=0.4, first_wait=0.05, longest_wait=0.2)
MIB = 1024 * 1024
FILES = 120
"""In the account; at six at a time they take most of a second."""
GATEWAY = Fault(action="status", status=503, body="<html>no server available</html>", times=None)


@pytest.fixture(autouse=True)
def short_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no outage need be long to outlast them."""
    monkeypatch.setattr(quick, "QUICK", QUICK)


@pytest.fixture
async def pair(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """An account slow enough to lose a side in mid-run, through the proxy."""
    async with Simulator(worlds.flat(5, FILES // 5, 3_000), latency=0.03) as sim:
        bucket.has_directories_of(sim.world.assets())  # the server refuses first files of new ones now and then
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint, waits=LONG)
        pair.options = replace(pair.options, transfers=6)
        yield pair


async def once(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def meanwhile(work: Awaitable[None]) -> AsyncIterator[None]:
    """Do ``work`` beside the block; it must have come to its end with it."""
    task = asyncio.ensure_future(work)
    try:
        yield
        assert task.done(), "the run was over before it met anything"
        await task
    finally:
        task.cancel()


async def smugmug_goes(sim: Simulator, seconds: float, after: Callable[[], bool]) -> None:
    """Nobody listens where both its hosts were."""
    await once(after)
    port = urlsplit(sim.origin).port or 0
    await sim.close()
    await asyncio.sleep(seconds)
    await sim.listen(port=port)


async def gateway(sim: Simulator, seconds: float, after: Callable[[], bool], fault: Fault = GATEWAY) -> None:
    """Something before it answers for it."""
    await once(after)
    sim.faults.add(fault)
    await asyncio.sleep(seconds)
    sim.faults.clear()


async def store_goes(proxy: FaultProxy, seconds: float, after: Callable[[], bool]) -> None:
    """Nobody listens where the store was."""
    await once(after)
    await proxy.go_away()
    await asyncio.sleep(seconds)
    await proxy.come_back()


async def store_gateway(proxy: FaultProxy, seconds: float, after: Callable[[], bool]) -> None:
    """Something before it answers for it."""
    await once(after)
    proxy.script(StoreFault(action="answer", status=502, code="", times=None))
    await asyncio.sleep(seconds)
    proxy.script()


def assert_unharmed(pair: Pair, summary: Summary, *sides: str) -> None:
    """Everything was moved, nothing failed, and who was away is back."""
    assert (summary.moved, summary.failed, summary.problems) == (sum(1 for _ in pair.sim.world.assets()), 0, [])
    assert pair.reporter.failures == {}
    assert exit_code(Outcome(summary=summary)) == 0
    assert pair.reporter.waited_for >= set(sides)
    assert sorted(side for side, *_ in pair.reporter.outages) == sorted(side for side, _ in pair.reporter.returned)
    pair.assert_complete()


@pytest.mark.parametrize("files", [1, 20, 100])
async def test_both_hosts_of_smugmug_gone_in_mid_run_cost_nothing(pair: Pair, files: int) -> None:
    async with meanwhile(smugmug_goes(pair.sim, AWAY, lambda: pair.sim.count("media") >= files)):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "SmugMug's media host")


@pytest.mark.parametrize("seconds", [0.05, 0.2, AWAY])
async def test_a_gateway_that_restarts_before_smugmug_costs_nothing(pair: Pair, seconds: float) -> None:
    async with meanwhile(gateway(pair.sim, seconds, lambda: pair.sim.count("media") >= 10)):
        summary = await pair.sync()

    assert_unharmed(pair, summary)


async def test_an_api_gone_while_albums_are_listed_costs_nothing(pair: Pair) -> None:
    api = replace(GATEWAY, kind="api")
    async with meanwhile(gateway(pair.sim, AWAY, lambda: pair.sim.count("api") >= 3, api)):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "SmugMug")


async def test_a_media_host_gone_by_itself_leaves_the_listing_alone(pair: Pair) -> None:
    media = replace(GATEWAY, kind="media")
    async with meanwhile(gateway(pair.sim, AWAY, lambda: pair.sim.count("media") >= 3, media)):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "SmugMug's media host")
    assert pair.reporter.waited_for == {"SmugMug's media host"}


@pytest.mark.parametrize("files", [1, 20, 100])
async def test_a_store_gone_in_mid_run_costs_nothing(pair: Pair, proxy: FaultProxy, files: int) -> None:
    async with meanwhile(store_goes(proxy, AWAY, lambda: proxy.count("PUT") >= files)):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "the S3 server")


@pytest.mark.parametrize("seconds", [0.05, 0.2, AWAY])
async def test_a_gateway_that_restarts_before_the_server_costs_nothing(
    pair: Pair, proxy: FaultProxy, seconds: float
) -> None:
    async with meanwhile(store_gateway(proxy, seconds, lambda: proxy.count("PUT") >= 10)):
        summary = await pair.sync()

    assert_unharmed(pair, summary)


async def test_everything_gone_at_once_costs_nothing(pair: Pair, proxy: FaultProxy) -> None:
    def begun() -> bool:
        return proxy.count("PUT") >= 10

    async with (
        meanwhile(smugmug_goes(pair.sim, AWAY, begun)),
        meanwhile(store_goes(proxy, AWAY * 1.5, begun)),
    ):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "the S3 server")


async def test_a_store_that_goes_again_and_again_costs_nothing(pair: Pair, proxy: FaultProxy) -> None:
    async def comes_and_goes() -> None:
        for files in (5, 25, 45, 65, 85):
            await store_goes(proxy, 0.4, lambda: proxy.count("PUT") >= files)  # noqa: B023 - awaited at once

    async with meanwhile(comes_and_goes()):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "the S3 server")
    assert len(pair.reporter.outages) >= 3


async def test_while_a_side_is_away_it_is_left_alone_but_for_one_who_asks(pair: Pair, proxy: FaultProxy) -> None:
    asked = 0

    async def watched() -> None:
        nonlocal asked
        await once(lambda: proxy.count("PUT") >= 10)
        proxy.script(StoreFault(action="answer", status=502, code="", times=None))
        await once(lambda: bool(pair.reporter.outages))
        await asyncio.sleep(0.3)  # for those who were on their way
        before = len(proxy.log)
        await asyncio.sleep(1.0)
        asked = len(proxy.log) - before
        assert {one.method for one in proxy.log[before:]} == {"GET"}
        proxy.script()

    async with meanwhile(watched()):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "the S3 server")
    assert 2 <= asked <= 1.0 / LONG.longest_wait + 2


async def test_in_the_ordinary_case_nobody_is_asked_anything_more(pair: Pair, proxy: FaultProxy) -> None:
    summary = await pair.sync()

    assert_unharmed(pair, summary)
    assert pair.reporter.outages == []
    asked = [one.path for one in proxy.log if one.method == "GET"]
    assert ["list-type=2" in path for path in asked] == [True] * 3  # whether it answers, and twice whose the prefix is
    assert pair.sim.count("media") == FILES
    assert sum("!authuser" in one.path for one in pair.sim.requests) == 1


async def test_a_single_file_that_always_fails_is_named_while_the_others_are_copied(
    pair: Pair, proxy: FaultProxy
) -> None:
    proxy.script(StoreFault(action="reset", method="PUT", path="*000001/IMG_00003*", times=None))

    summary = await pair.sync()

    assert (summary.moved, summary.failed) == (FILES - 1, 1)
    assert pair.reporter.outages == []


async def test_a_large_file_goes_on_with_the_parts_it_has(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> None:
    world = World("mine")
    album = world.add_album("One")
    world.add_image(album, "large.jpg", noise_photo(1, 27 * MIB + 5))
    provider = Provider(name="small parts", single_put=5 * MIB, part_size=5 * MIB)
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint, provider=provider, waits=LONG)
        pair.stall = 1.0  # less than it is away
        proxy.script(StoreFault(action="hold", method="POST", path="*uploadId=*"))  # until it goes away
        async with meanwhile(store_goes(proxy, 2.0, lambda: proxy.count("PUT", "*partNumber=2*") >= 1)):
            summary = await pair.sync()

        assert_unharmed(pair, summary, "the S3 server")
        assert await bucket.open_uploads() == []
        assert (await pair.verify(deep=1.0)).clean


@pytest.mark.parametrize("side", ["store", "smugmug"])
async def test_after_patience_the_run_ends_with_that_side_and_the_next_goes_on(
    pair: Pair, proxy: FaultProxy, side: str
) -> None:
    pair.waits = SHORT

    async def goes() -> None:
        await once(lambda: proxy.count("PUT") >= 20)
        if side == "store":
            await proxy.go_away()
        else:
            pair.sim.faults.add(GATEWAY)

    expected = StoreAway if side == "store" else SourceAway
    with pytest.raises(expected, match=r"has been unreachable since .*; nothing is lost") as ended:
        async with meanwhile(goes()):
            await pair.sync()
    assert ended.value.exit_code == (4 if side == "store" else 3)
    assert ended.value.hint or side == "smugmug"
    assert pair.reporter.failures == {}

    if side == "store":
        await proxy.come_back()
    pair.sim.faults.clear()
    pair.waits = LONG
    before = len(pair.bucket.media())
    summary = await pair.sync()
    assert before <= summary.moved + summary.skipped == FILES
    assert summary.failed == 0
    pair.assert_complete()


async def test_without_patience_an_outage_ends_the_run_at_once(pair: Pair, proxy: FaultProxy) -> None:
    pair.waits = Waits(longest=0.0)

    async def goes() -> None:
        await once(lambda: proxy.count("PUT") >= 20)
        await proxy.go_away()

    with pytest.raises(StoreAway):
        async with asyncio.timeout(20), meanwhile(goes()):
            await pair.sync()
    assert pair.reporter.failures == {}


async def test_a_store_that_never_answers_is_not_waited_for(pair: Pair, proxy: FaultProxy) -> None:
    await proxy.go_away()
    try:
        with pytest.raises(Exception, match="the S3 server did not answer"):
            async with asyncio.timeout(10):
                await pair.sync()
        assert pair.reporter.outages == []
    finally:
        await proxy.come_back()


async def test_until_ends_a_run_that_waits(pair: Pair, proxy: FaultProxy) -> None:
    until = datetime.now(UTC) + timedelta(seconds=3)
    pair.waits = replace(LONG, until=until)

    async def goes() -> None:
        await once(lambda: proxy.count("PUT") >= 20)
        await proxy.go_away()

    async with asyncio.timeout(20), meanwhile(goes()):
        summary = await pair.sync(until=until)
    await proxy.come_back()

    assert summary.stopped == "until"
    assert (summary.failed, pair.reporter.failures) == (0, {})
    pair.waits = LONG
    assert (await pair.sync()).moved == FILES - summary.moved
    pair.assert_complete()


async def test_a_run_that_waits_can_be_broken_off(pair: Pair, proxy: FaultProxy) -> None:
    running = asyncio.create_task(pair.sync())
    await once(lambda: proxy.count("PUT") >= 20)
    await proxy.go_away()
    await once(lambda: bool(pair.reporter.outages))

    running.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await running

    await proxy.come_back()
    await pair.sync()
    pair.assert_complete()


async def test_a_verification_waits_too(pair: Pair, proxy: FaultProxy) -> None:
    await pair.sync()
    before, asked = len(proxy.log), pair.sim.count("api")
    pair.waits = LONG

    async with (
        meanwhile(store_goes(proxy, AWAY, lambda: len(proxy.log) >= before + 30)),
        meanwhile(gateway(pair.sim, AWAY, lambda: pair.sim.count("api") >= asked + 3, replace(GATEWAY, kind="api"))),
    ):
        report = await pair.verify(deep=1.0, source=True)

    assert report.clean
    assert report.read_back == report.checked


# --- one 401 ---------------------------------------------------------------------------------------------------------

_401 = Fault(
    action="status", status=401, kind="api", path="*!images*", content_type="application/json",
    body='{"Code": 401, "Message": "oauth_problem=token_rejected"}',
)  # fmt: skip


_WHO = "*!authuser*"
WHO = {
    "503": replace(GATEWAY, kind="api", path=_WHO, skip=1, times=1),
    "429": Fault(action="status", status=429, kind="api", path=_WHO, skip=1, headers={"Retry-After": "0.1"}),
    "a-reset": Fault(action="reset", kind="api", path=_WHO, skip=1, amount=10),
    "nonce-used": Fault(action="nonce_used", kind="api", path=_WHO, skip=1),
}


@pytest.mark.parametrize("who", WHO.values(), ids=WHO)
async def test_one_401_and_then_no_answer_to_who_is_signed_in_costs_nothing(pair: Pair, who: Fault) -> None:
    pair.sim.faults.add(_401, who)

    summary = await pair.sync()

    assert pair.sim.faults.struck == 2
    assert_unharmed(pair, summary)


async def test_one_401_and_then_an_outage_is_an_outage(pair: Pair) -> None:
    pair.sim.faults.add(_401)
    api = replace(GATEWAY, kind="api")
    async with meanwhile(gateway(pair.sim, AWAY, lambda: pair.sim.faults.struck == 1, api)):
        summary = await pair.sync()

    assert_unharmed(pair, summary, "SmugMug")


async def test_a_request_signed_before_a_sleep_is_asked_again(pair: Pair) -> None:
    late = replace(_401, body='{"Code": 401, "Message": "oauth_problem=timestamp_refused"}')
    pair.sim.faults.add(late)

    assert_unharmed(pair, await pair.sync())


async def test_a_401_for_both_ends_the_run_with_the_reason_of_the_second(pair: Pair) -> None:
    revoked = replace(_401, body='{"Code": 401, "Message": "oauth_problem=token_revoked"}', path=_WHO, skip=1)
    pair.sim.faults.add(_401, revoked)

    with pytest.raises(SignInRefused, match="token_revoked"):
        await pair.sync()


# --- a folder --------------------------------------------------------------------------------------------------------


@dataclass
class Disk:
    """A folder on a disk that can be unplugged."""

    root: Path

    async def unplugged(self, seconds: float, after: Callable[[], bool]) -> None:
        await once(after)
        away = self.root.with_name("unplugged")
        self.root.rename(away)
        await asyncio.sleep(seconds)
        assert not self.root.exists(), "something was written beneath the disk"
        away.rename(self.root)

    def files(self) -> int:
        return len([path for path in (self.root / PREFIX).rglob("*.*") if path.is_file()])


async def synced(sim: Simulator, disk: Disk, ledger: Path, waits: Waits, reporter: Recorder) -> Summary:
    async with (
        open_ledger(str(ledger)) as opened,
        quick_client(sim, waits=waits) as client,
        open_local(disk.root, waits=waits, listener=reporter) as store,
    ):
        options = SyncOptions(prefix=PREFIX, transfers=6, batch=50)
        return await Sync(
            source=SmugMugSource(client), store=store, ledger=opened, reporter=reporter, options=options, policy=QUICK
        ).run()


async def test_a_disk_that_is_unplugged_and_comes_back_costs_nothing(tmp_path: Path) -> None:
    disk, reporter = Disk(tmp_path / "disk"), Recorder()
    disk.root.mkdir()
    async with Simulator(worlds.flat(5, FILES // 5, 3_000), latency=0.03) as sim:
        async with meanwhile(disk.unplugged(AWAY, lambda: disk.files() > 20)):
            summary = await synced(sim, disk, tmp_path / "ledger.db", LONG, reporter)

        assert (summary.moved, summary.failed, reporter.failures) == (FILES, 0, {})
        assert reporter.waited_for == {"the folder"}
        assert disk.files() == FILES + 5  # and a file for each album
        again = await synced(sim, disk, tmp_path / "ledger.db", LONG, Recorder())
        assert (again.moved, again.skipped) == (0, FILES)


async def test_a_disk_that_was_never_there_ends_the_run_at_once(tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        with pytest.raises(StoreUnusable, match="there is no folder"):
            async with asyncio.timeout(10):
                await synced(sim, Disk(tmp_path / "disk"), tmp_path / "ledger.db", LONG, Recorder())
