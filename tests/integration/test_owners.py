"""One account, one place, one ledger: nothing is written into another's archive, and nothing is bound before it is stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smug2s3.app.destination import ledger_refusal
from smug2s3.errors import LedgerError, PrefixTaken, SourceError, StoreError
from smug2s3.ledger.status import bound_to, read_status
from smug2s3.rules.filters import Filters
from smug2s3.rules.finding import BAD, NOTE
from smug2s3.rules.status import next_step
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.model import User
from tests.support.bucket import PREFIX, SIDECAR, Bucket
from tests.support.fault_proxy import StoreFault, fault_proxy
from tests.support.wired import Wired


def janes() -> World:
    """Another account, with an album and a photo of a name that the tiny one has, too."""
    world = World("jane", user=User(nick="jane", name="Jane"))
    world.add_image(world.add_album("Garden"), "rose.jpg", noise_photo(5, 2_000))
    world.add_image(world.add_album("Beach"), "sea.jpg", noise_photo(6, 2_000))
    return world


@pytest.fixture
async def tiny(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account, and an empty bucket."""
    async with Simulator(worlds.tiny()) as sim:
        bucket.has_directories_of(sim.world.assets())
        yield Wired(sim, bucket, tmp_path)


@asynccontextmanager
async def jane(tiny: Wired, **changes: str) -> AsyncIterator[Wired]:
    """Another account with a ledger of its own, and otherwise the same settings."""
    home = tiny.home / "jane"
    home.mkdir(exist_ok=True)
    async with Simulator(janes()) as sim:
        yield Wired(sim, tiny.bucket, home, tiny.changes | changes)


def in_folder(tiny: Wired) -> Wired:
    """The same with a folder as the store."""
    folder = tiny.home / "disk" / "photos"
    folder.mkdir(parents=True)
    place = {"S3_ENDPOINT_URL": folder.parent.as_uri(), "S3_BUCKET": "photos", "S3_ACCESS_KEY": "", "S3_SECRET_KEY": ""}
    return replace(tiny, changes=place, bucket=replace(tiny.bucket, folder=folder))


def lose(ledger: Path) -> None:
    """Remove it, and what SQLite keeps beside it."""
    for file in ledger.parent.glob(f"{ledger.name}*"):
        file.unlink()


@pytest.mark.parametrize("folder", [False, True], ids=["bucket", "folder"])
async def test_another_accounts_archive_is_refused_by_name_and_left_as_it_is(tiny: Wired, folder: bool) -> None:
    tiny = in_folder(tiny) if folder else tiny
    await tiny.sync()
    before = tiny.bucket.media()

    async with jane(tiny) as other:
        runs: list[dict[str, Any]] = [{}, {"adopt": True}, {"filters": Filters(albums=("Beach",))}, {"dry_run": True}]
        for options in runs:
            lose(other.ledger)
            with pytest.raises(
                PrefixTaken, match="prefix smugmug/ already contains the archive of another SmugMug account, 'tiny'"
            ) as no:
                await other.sync(**options)
            assert (no.value.exit_code, "S3_PREFIX" in no.value.hint) == (2, True)
            assert other.ledger.exists() == ("dry_run" not in options)
        lose(other.ledger)
        with pytest.raises(PrefixTaken, match="'tiny'"):
            await other.rebuild()
        assert not other.ledger.exists()
        found = (await other.check())["prefix"]
        assert (found.grade, "'tiny'" in found.meaning, "S3_PREFIX" in found.meaning) == (BAD, True, True)
        assert (tiny.bucket.media(), other.sim.count("media")) == (before, 0)

        other.changes |= {"S3_PREFIX": "jane"}
        assert "prefix" not in await other.check()
        assert (await other.sync()).moved == 2
    assert (await tiny.verify(source=True)).clean


@pytest.mark.parametrize("finished", [True, False], ids=["it has finished", "it is in its first albums"])
async def test_of_two_accounts_that_start_at_the_same_time_one_sees_the_others_files(
    tiny: Wired, finished: bool
) -> None:
    held = StoreFault(action="hold", method="PUT", times=None)
    async with jane(tiny) as other, fault_proxy(tiny.bucket.server.endpoint, held) as proxy:
        other.changes |= {"S3_ENDPOINT_URL": proxy.endpoint}
        started = asyncio.create_task(other.sync())
        while not proxy.hits[held]:
            await asyncio.sleep(0.01)
        await tiny.sync()
        if not finished:
            async with tiny.bucket.client() as client:
                for key in [key for key in tiny.bucket.files() if key.endswith(f"/{SIDECAR}")]:
                    await client.delete_object(Bucket=tiny.bucket.name, Key=key)
        proxy.let_go.set()

        with pytest.raises(PrefixTaken, match="'tiny'" if finished else "without an account name"):
            await started

        albums = [key for key in tiny.bucket.files() if key.endswith(f"/{SIDECAR}")]
        assert not [key for key in albums if "/Beach/" in key]
        assert len(albums) == (3 if finished else 0)


async def test_the_look_for_another_account_is_repeated_if_it_failed(tiny: Wired) -> None:
    refused = StoreFault(action="answer", method="GET", path="*list-type=2*", skip=1, status=400)
    async with fault_proxy(tiny.bucket.server.endpoint, refused) as proxy:
        tiny.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        assert (await tiny.sync()).failed == 0

        assert proxy.hits[refused] == 1
    tiny.assert_complete()


async def test_a_refused_run_leads_to_check_and_the_right_prefix_needs_no_new_ledger(tiny: Wired) -> None:
    await tiny.sync()
    async with jane(tiny) as other:
        with pytest.raises(PrefixTaken):
            await other.sync()
        assert next_step(read_status(str(other.ledger)))[0] == "check"
        assert bound_to(str(other.ledger)) == {}

        other.changes |= {"S3_PREFIX": "jane"}
        assert (await other.sync()).moved == 2
        assert bound_to(str(other.ledger)).items() >= {"account": "jane", "prefix": "jane/"}.items()


async def test_the_same_account_without_its_ledger_is_pointed_to_rebuild_and_continues_with_adopt(tiny: Wired) -> None:
    await tiny.sync()
    lose(tiny.ledger)

    for dry_run in (True, False):
        with pytest.raises(PrefixTaken, match="already contains an archive of this account") as no:
            await tiny.sync(dry_run=dry_run)
        assert "`smug2s3 ledger rebuild`" in no.value.hint
        assert "--adopt" in no.value.hint
    found = (await tiny.check())["prefix"]
    assert (found.grade, "ledger rebuild" in found.meaning) == (BAD, True)
    assert tiny.sim.count("media") == 6
    await tiny.rebuild()  # over the ledger of the run that was refused
    assert (await tiny.sync(full=True)).moved == 0

    lose(tiny.ledger)
    assert (await tiny.sync(adopt=True, max_bytes=1)).left > 0  # stopped at once
    assert (await tiny.sync()).moved > 0
    tiny.assert_complete()

    lose(tiny.ledger)
    await tiny.rebuild()
    assert bound_to(str(tiny.ledger))["account"] == "tiny"
    assert (await tiny.sync(full=True)).moved == 0


async def test_an_archive_of_an_earlier_version_is_known_by_asking_smugmug_for_its_album(tiny: Wired) -> None:
    await tiny.sync()
    for path in tiny.bucket.files().values():
        if path.name == SIDECAR:
            document = json.loads(path.read_bytes())
            assert document.pop("account") == "tiny"
            path.write_text(json.dumps(document))
    await tiny.bucket.changed_from_outside()
    ledger = tiny.ledger.read_bytes()
    lose(tiny.ledger)

    with pytest.raises(PrefixTaken, match="an archive of this account"):
        await tiny.sync()
    async with jane(tiny) as other:
        with pytest.raises(PrefixTaken, match="without an account name"):
            await other.sync()
    lose(tiny.ledger)
    tiny.ledger.write_bytes(ledger)
    assert (await tiny.sync()).moved == 0

    # What is made anew without SmugMug names no account; the first who signs in is looked at.
    lose(tiny.ledger)
    tiny.changes = {"SMUGMUG_API_ORIGIN": "http://127.0.0.1:9", "OUTAGE_PATIENCE": "0"}
    assert (await tiny.rebuild()).files == 6
    assert "account" not in bound_to(str(tiny.ledger))
    tiny.changes = {}
    async with jane(tiny, LEDGER_PATH=str(tiny.ledger)) as other:
        with pytest.raises(PrefixTaken, match="without an account name"):
            await other.sync()
    assert (await tiny.sync(full=True)).moved == 0
    assert bound_to(str(tiny.ledger))["account"] == "tiny"


@pytest.mark.parametrize("known", [True, False], ids=["with its ledger", "without"])
async def test_files_without_an_album_file_are_identified_by_their_metadata(tiny: Wired, known: bool) -> None:
    refused = StoreFault(action="answer", method="PUT", path=f"*{SIDECAR}", times=None, status=403, code="AccessDenied")
    async with fault_proxy(tiny.bucket.server.endpoint, refused) as proxy:
        through = replace(tiny, changes={"S3_ENDPOINT_URL": proxy.endpoint})
        assert (await through.sync()).moved == 6
    assert not any(key.endswith(SIDECAR) for key in tiny.bucket.files())

    async with jane(tiny) as other:
        with pytest.raises(PrefixTaken, match="without an account name"):
            await other.sync()
        assert (await other.check())["prefix"].grade == BAD
    if not known:
        lose(tiny.ledger)
    assert (await tiny.sync()).moved == (0 if known else 6)
    tiny.assert_complete()


async def test_an_album_file_that_may_not_be_read_stops_a_new_ledger_and_no_other(tiny: Wired) -> None:
    await tiny.sync()
    unread = StoreFault(action="answer", method="GET", path=f"*{SIDECAR}", times=None, status=403, code="AccessDenied")
    async with fault_proxy(tiny.bucket.server.endpoint, unread) as proxy:
        tiny.changes = {"S3_ENDPOINT_URL": proxy.endpoint}
        assert (await tiny.sync()).moved == 0
        assert proxy.hits[unread] == 0
        async with jane(tiny) as other:
            with pytest.raises(PrefixTaken, match="without an account name") as no:
                await other.sync()
            assert "--adopt" in no.value.hint


async def test_what_strangers_keep_there_is_no_archive(tiny: Wired) -> None:
    async with tiny.bucket.client() as client:
        for key in ("notes.txt", f"Holiday/{SIDECAR}", "Holiday/a.jpg"):
            await client.put_object(Bucket=tiny.bucket.name, Key=PREFIX + key, Body=b"{}")

    found = (await tiny.check())["prefix"]
    assert (found.grade, "would replace" in found.meaning) == (NOTE, True)
    assert (await tiny.sync()).moved == 6
    assert (await tiny.verify()).clean


async def test_archives_whose_prefixes_lie_one_within_the_other_do_not_hinder_each_other(tiny: Wired) -> None:
    await tiny.sync()
    inner = tiny.ledger
    async with jane(tiny, S3_PREFIX="/") as other:
        found = (await other.check())["prefix"]
        assert (found.grade, "'tiny' further down, at smugmug/" in found.meaning) == (NOTE, True)
        assert (await other.sync()).moved == 2
        other.ledger.unlink()
        with pytest.raises(PrefixTaken, match="of this account"):
            await other.sync()
        assert (await other.rebuild()).files == 2
        assert (await other.sync()).moved == 0
    tiny.changes = {"S3_PREFIX": "/", "LEDGER_PATH": str(tiny.home / "new.db")}
    with pytest.raises(PrefixTaken, match="another SmugMug account, 'jane'"):
        await tiny.sync()
    tiny.changes = {}
    assert inner.exists()
    assert (await tiny.verify()).clean


async def test_a_prefix_around_ones_own_archive_is_named_before_all_is_copied_twice(tiny: Wired) -> None:
    tiny.changes = {"S3_PREFIX": "a/b"}
    await tiny.sync()
    tiny.changes = {"S3_PREFIX": "a", "LEDGER_PATH": str(tiny.home / "new.db")}
    said = "contains an archive of this account further down, at a/b/; to continue that archive, set S3_PREFIX to a/b/"

    found = (await tiny.check())["prefix"]
    await tiny.sync(dry_run=True)

    assert (found.grade, found.meaning) == (NOTE, said)
    assert f"the prefix a/ {said}" in tiny.reporter.notes


async def test_of_two_that_begin_at_the_same_time_one_goes_on(tiny: Wired) -> None:
    held = StoreFault(action="hold", method="PUT", times=None)
    async with fault_proxy(tiny.bucket.server.endpoint, held) as proxy, jane(tiny) as other:
        other.changes = {"S3_ENDPOINT_URL": proxy.endpoint}
        second = asyncio.create_task(other.sync())
        async with asyncio.timeout(60):
            while not proxy.hits[held]:
                await asyncio.sleep(0.02)
        await tiny.sync()
        albums = {key: path.read_bytes() for key, path in tiny.bucket.files().items() if key.endswith(SIDECAR)}
        proxy.let_go.set()
        with pytest.raises(PrefixTaken, match="'tiny'"):
            await second
    after = {key: path.read_bytes() for key, path in tiny.bucket.files().items() if key.endswith(SIDECAR)}
    assert after == albums


async def test_the_look_costs_a_new_ledger_two_listings_and_a_bound_one_nothing(tiny: Wired) -> None:
    async with fault_proxy(tiny.bucket.server.endpoint) as proxy:
        tiny.changes = {"S3_ENDPOINT_URL": proxy.endpoint}
        await tiny.sync()
        first = [entry for entry in map(str, proxy.log) if "list-type=2" in entry]
        proxy.log.clear()
        await tiny.sync()
        second = [entry for entry in map(str, proxy.log) if "list-type=2" in entry]
    assert (len(first), len(second)) == (3, 1)


# The ledger belongs to what was really used


WRONG = {
    "bucket": {"S3_BUCKET": "no-such-bucket"},
    "store": {"S3_ENDPOINT_URL": "http://localhost:9"},
    "folder": {"S3_ENDPOINT_URL": "file:///no/such/disk", "S3_BUCKET": "photos"},
    "prefix": {"S3_PREFIX": "smugmgu"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_slip_that_stored_nothing_binds_nothing(tiny: Wired, wrong: dict[str, str]) -> None:
    unwilling = StoreFault(action="answer", method="PUT", times=None, status=403, code="AccessDenied")
    async with fault_proxy(tiny.bucket.server.endpoint, unwilling) as proxy:
        tiny.changes = {"S3_ENDPOINT_URL": proxy.endpoint, "OUTAGE_PATIENCE": "0"} | wrong
        if "S3_PREFIX" in wrong:
            assert (await tiny.sync()).failed > 0
        else:
            with pytest.raises(StoreError):
                await tiny.sync()

    tiny.changes = {}
    assert ledger_refusal(tiny.settings, "tiny") is None
    assert (await tiny.sync()).moved == 6
    assert bound_to(str(tiny.ledger))["prefix"] == PREFIX
    assert (await tiny.verify(source=True)).clean
    assert all(row["key"].startswith(PREFIX) for row in await tiny.export())


async def test_a_wrong_account_that_stored_nothing_binds_nothing(tiny: Wired) -> None:
    async with jane(tiny, LEDGER_PATH=str(tiny.ledger)) as other:
        unwilling = StoreFault(action="answer", method="PUT", times=None, status=403, code="AccessDenied")
        async with fault_proxy(tiny.bucket.server.endpoint, unwilling) as proxy:
            other.changes |= {"S3_ENDPOINT_URL": proxy.endpoint}
            assert (await other.sync()).failed == 4

    assert (await tiny.sync()).moved == 6
    assert bound_to(str(tiny.ledger))["account"] == "tiny"
    assert {row["key"] for row in await tiny.export()} == set(tiny.bucket.files())
    assert [run.summary["moved"] for run in read_status(str(tiny.ledger)).runs] == [6]


@pytest.mark.parametrize("change", [{"S3_BUCKET": "others"}, {"S3_PREFIX": "others"}], ids=str)
async def test_a_bound_ledger_that_does_not_fit_the_settings_is_named_by_check(
    tiny: Wired, change: dict[str, str]
) -> None:
    await tiny.sync()
    if "S3_BUCKET" in change:
        async with tiny.bucket.client() as client:
            await client.create_bucket(Bucket="others")
    tiny.changes = change

    found = (await tiny.check())["ledger"]

    assert (found.grade, "is for" in found.meaning, "LEDGER_PATH" in found.meaning) == (BAD, True, True)
    assert next(iter(change)) in found.meaning
    with pytest.raises(LedgerError, match="is for"):
        await tiny.sync()
    async with jane(tiny, LEDGER_PATH=str(tiny.ledger)) as other:
        other.changes.pop(next(iter(change)))
        assert "sign in as 'tiny'" in (await other.check())["ledger"].meaning


async def test_a_damaged_ledger_is_named_by_check(tiny: Wired) -> None:
    tiny.ledger.write_bytes(b"no ledger" * 1000)

    found = (await tiny.check())["ledger"]

    assert (found.grade, "not a smug2s3 ledger" in found.meaning) == (BAD, True)


async def test_without_smugmug_a_rebuild_takes_the_account_from_the_album_files(tiny: Wired) -> None:
    await tiny.sync()
    lose(tiny.ledger)
    tiny.sim.state.keyring.revoke(tiny.sim.token)

    assert (await tiny.rebuild()).files == 6

    assert bound_to(str(tiny.ledger))["account"] == "tiny"
    with pytest.raises(SourceError):
        await tiny.sync()
