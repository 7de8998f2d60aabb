"""The ledger remembers what is done, in a real SQLite file, and says plainly when it cannot."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from smug2s3.errors import LedgerError
from smug2s3.flow.together import together
from smug2s3.ledger import schema
from smug2s3.ledger.database import ledger_error
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Known, Position, Proof, StoredObject
from smug2s3.rules.evidence import Evidence, State, of_object
from smug2s3.rules.plan import Action
from smug2s3.rules.verification import Difference, Verification
from tests.unit.samples import MD5, OTHER_MD5, album, asset, receipt, step

KEY = "smugmug/Family/2019/Christmas/IMG_1.JPG"
DIRECTORY = "smugmug/Family/2019/Christmas"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[SqliteLedger]:
    async with open_ledger(str(path)) as opened:
        yield opened


def listing(*objects: StoredObject) -> AsyncIterator[list[StoredObject]]:
    async def pages() -> AsyncIterator[list[StoredObject]]:
        for one in objects:
            yield [one]
        yield []

    return pages()


async def compare(ledger: SqliteLedger, found: AsyncIterator[list[StoredObject]]) -> tuple[int, list[tuple[str, str]]]:
    """How many objects are proven by a listing, and by key what kind of difference all others are."""
    await ledger.keep_listing(found)
    right = await ledger.count_plainly_right()
    judged = [of_object(held) async for page in ledger.in_doubt() for held in page]
    right += sum(one is None for one in judged)
    wrong = [(one.key, one.kind) for one in judged if one] + [(key, "extra") for key in await ledger.strangers()]
    return right, sorted(wrong)


def listed(key: str = KEY, size: int = 1000, etag: str = MD5) -> StoredObject:
    return StoredObject(key=key, size=size, etag=etag)


# Opening


async def test_a_new_ledger_is_made_with_its_folder_and_is_empty(tmp_path: Path) -> None:
    async with open_ledger(str(tmp_path / "deep" / "er" / "ledger.db")) as ledger:
        assert await ledger.known("AlbumK") == {}
        assert await ledger.directories() == []
        assert await ledger.settled("AlbumK") is None
        assert await ledger.sidecar("AlbumK") is None
        assert await ledger.unmoved() == []
        assert [page async for page in ledger.stored()] == []


async def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        await ledger.moved(step(asset(), KEY), receipt(KEY))
    async with open_ledger(str(path)) as ledger:
        assert (await ledger.known("AlbumK"))["ImageK"].key == KEY


async def test_a_ledger_in_memory_leaves_no_file(tmp_path: Path) -> None:
    async with open_ledger(":memory:") as ledger:
        await ledger.begin("run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights in another way")
async def test_nobody_else_may_read_it(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        await ledger.begin("run")
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("ledger.db*")} == {0o600}


async def test_two_processes_may_look_at_it_at_once(path: Path) -> None:
    async with open_ledger(str(path)) as one, open_ledger(str(path)) as other:
        await one.add_directories([("Trip", "n1")])
        assert await other.directories() == [("Trip", "n1")]


def foreign(path: Path, *statements: str) -> bytes:
    """A database of another program; its bytes."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        pytest.param(["CREATE TABLE photos (x)"], "another program's database", id="with tables of its own"),
        pytest.param(["PRAGMA user_version = 1"], "another program's database", id="with a version of its own"),
        pytest.param(["PRAGMA application_id = 7"], "another program's database", id="with a mark of its own"),
        pytest.param(
            [f"PRAGMA application_id = {schema.APPLICATION_ID}", "PRAGMA user_version = 99"],
            "it was written by a newer smug2s3 (format 99",
            id="of a newer smug2s3",
        ),
    ],
)
async def test_a_database_that_is_not_ours_is_refused_and_left_byte_for_byte(
    path: Path, statements: list[str], sentence: str
) -> None:
    before = foreign(path, *statements)
    with pytest.raises(LedgerError) as refusal:
        async with open_ledger(str(path)):
            pass
    assert sentence in str(refusal.value)
    assert refusal.value.ends_the_run
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"my diary, " * 100)
    with pytest.raises(LedgerError, match="not a smug2s3 ledger"):
        async with open_ledger(str(path)):
            pass
    assert path.read_bytes() == b"my diary, " * 100


@pytest.mark.parametrize("where", [pytest.param(".", id="a folder"), pytest.param("file/ledger.db", id="below a file")])
async def test_a_place_where_no_file_can_be_is_named(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LedgerError, match="cannot be used") as refusal:
        async with open_ledger(str(tmp_path / where)):
            pass
    assert "LEDGER_PATH" in refusal.value.hint


async def test_a_ledger_that_may_not_be_written_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_ledger(str(path)):
        pass
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda _, **options: real(f"file:{path}?mode=ro", uri=True, **options))
    with pytest.raises(LedgerError, match="readonly"):
        async with open_ledger(str(path)) as ledger:
            await ledger.begin("run")


async def test_one_who_gives_up_while_it_is_opened_leaves_nothing_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[sqlite3.Connection] = []
    real = sqlite3.connect

    def connect(*where: Any, **how: Any) -> sqlite3.Connection:
        made.append(real(*where, **how))
        return made[-1]

    async def use() -> None:
        async with open_ledger(str(path)) as ledger:
            await ledger.directories()

    monkeypatch.setattr(sqlite3, "connect", connect)
    for moment in range(40):
        task = asyncio.create_task(use())
        for _ in range(moment):
            await asyncio.sleep(0.0005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            connection.execute("SELECT 1")


async def test_a_full_disk_is_named_and_nothing_half_written_stays(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        await ledger.add_directories([("before", "n0")])
        await ledger.read("PRAGMA max_page_count = 1")
        many = [(f"{number:05}" * 40, "n") for number in range(2000)]
        with pytest.raises(LedgerError, match="the disk is full") as refusal:
            await ledger.add_directories(many)
        assert "disk space" in refusal.value.hint
        assert await ledger.directories() == [("before", "n0")]


async def test_after_room_was_made_it_goes_on(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        await ledger.read("PRAGMA max_page_count = 1")
        with pytest.raises(LedgerError):
            await ledger.add_directories([(f"{number:05}" * 40, "n") for number in range(2000)])
        await ledger.read("PRAGMA max_page_count = 1000000")
        await ledger.add_directories([("after", "n1")])
        assert await ledger.directories() == [("after", "n1")]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(sqlite3.OperationalError("database or disk is full"), "the disk is full", id="SQLite"),
        pytest.param(OSError(28, "No space left on device"), "the disk is full", id="the system"),
        pytest.param(
            PermissionError(13, "Permission denied", "/fullmoon/x"), "Permission denied", id="a path with full"
        ),
        pytest.param(sqlite3.OperationalError("database is locked"), "locked by another program", id="a browser"),
        pytest.param(sqlite3.DatabaseError("file is not a database"), "not a smug2s3 ledger", id="no database"),
        pytest.param(sqlite3.DatabaseError("database disk image is malformed"), "malformed", id="broken"),
    ],
)
def test_whatever_fails_is_one_sentence_with_a_way_out(error: Exception, sentence: str) -> None:
    failure = ledger_error("x.db", error)
    assert sentence in str(failure)
    assert "x.db" in str(failure)
    assert failure.hint


@pytest.mark.parametrize(("free", "sentence"), [(4_096, "the disk is full"), (10**9, "cannot be used: disk I/O error")])
def test_an_io_error_of_sqlite_is_a_full_disk_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, free: int, sentence: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    assert sentence in str(ledger_error("x.db", sqlite3.OperationalError("disk I/O error")))


async def test_what_sqlite_cannot_hold_fails_and_does_not_hang(ledger: SqliteLedger) -> None:
    async with asyncio.timeout(2):
        with pytest.raises(LedgerError):
            await ledger.moved(step(asset(), KEY), receipt(KEY, size=2**80))
        await ledger.add_directories([("after", "n1")])
    assert await ledger.directories() == [("after", "n1")]


async def test_a_ledger_belongs_to_one_account_and_one_store_from_the_first_object_on(ledger: SqliteLedger) -> None:
    john, jane = ({"account": name, "bucket": "photos"} for name in ("john", "jane"))
    assert not await ledger.belongs_to(jane, keep=False)
    assert not await ledger.belongs_to(john, keep=True)
    assert await ledger.belongs_to({"account": "john"}, keep=True)
    assert not await ledger.is_bound()

    await ledger.moved(step(asset(), KEY), receipt(KEY))

    assert await ledger.is_bound()
    assert await ledger.belongs_to(john, keep=True)
    with pytest.raises(LedgerError, match="is for account 'john', not 'jane'"):
        await ledger.belongs_to(jane, keep=True)


async def test_until_something_is_stored_a_ledger_forgets_what_it_knew_of_another_account_or_place(
    ledger: SqliteLedger,
) -> None:
    typo, right = ({"account": "jane", "bucket": name} for name in ("photso", "photos"))
    await ledger.begin("first")
    await ledger.belongs_to(typo, keep=True)
    await ledger.add_directories([("Garden", "n1")])
    await ledger.plan(album(), [step(asset(), KEY)], ["ImageK"], whole=True)
    await ledger.failed(step(asset(), KEY), "failed", "store: no such bucket")
    await ledger.end("first", {"part": False, "failed": 1})
    await ledger.begin("second")

    assert not await ledger.belongs_to(right, keep=False)
    assert await ledger.known("AlbumK") != {}
    assert not await ledger.belongs_to(right, keep=True)

    assert await ledger.belongs_to(right, keep=False)
    assert (await ledger.known("AlbumK"), await ledger.directories(), await ledger.unmoved()) == ({}, [], [])
    assert [run for (run,) in await ledger.read("SELECT run FROM runs")] == ["second"]


# What is done


async def test_a_planned_file_is_moving_until_it_is_copied(ledger: SqliteLedger) -> None:
    one = step(asset(), KEY)
    await ledger.plan(album(), [one], ["ImageK"], whole=True)
    assert (await ledger.known("AlbumK"))["ImageK"].state is Known.MOVING
    assert await ledger.taken("AlbumK", DIRECTORY) == {}
    await ledger.moved(one, receipt(KEY))
    entry = (await ledger.known("AlbumK"))["ImageK"]
    assert (entry.state, entry.key, entry.name_wanted) == (Known.MOVED, KEY, KEY)
    assert entry.identity == asset().identity
    assert await ledger.taken("AlbumK", DIRECTORY) == {"img_1.jpg": "ImageK"}


async def test_only_files_to_copy_become_moving(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    await ledger.plan(album(), [step(asset(), KEY, action=Action.SKIP)], ["ImageK"], whole=True)
    assert (await ledger.known("AlbumK"))["ImageK"].state is Known.MOVED


@pytest.mark.parametrize("excluded", [False, True])
async def test_outdated_metadata_is_recorded_as_such_until_it_is_updated(ledger: SqliteLedger, excluded: bool) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    update = step(asset(), KEY, action=Action.DESCRIBE)
    todo, left_out = ([], [update]) if excluded else ([update], [])
    await ledger.plan(album(), todo, ["ImageK"], whole=True, excluded=left_out)
    entry = (await ledger.known("AlbumK"))["ImageK"]
    assert (entry.state, bool(entry.reason)) == (Known.MOVED, True)

    await ledger.described(update, receipt(KEY))
    assert (await ledger.known("AlbumK"))["ImageK"].reason == ""


FACTS = "SELECT image_key, taken, uploaded, is_video FROM assets ORDER BY image_key"


async def test_when_it_was_taken_and_whether_it_is_a_video_is_remembered(ledger: SqliteLedger) -> None:
    photo = asset(image_key="a", date="2019-12-24T18:00:00")
    clip = asset(image_key="b", is_video=True, date="", uploaded="2021-01-02T03:04:05+00:00")
    await ledger.plan(album(), [step(photo, KEY)], [], whole=False)
    await ledger.failed(step(clip, "other"), "failed", "busy")

    assert await ledger.read(FACTS) == [
        ("a", "2019-12-24T18:00:00", "2020-01-02T03:04:05+00:00", 0),
        ("b", "", "2021-01-02T03:04:05+00:00", 1),
    ]


async def test_what_an_older_ledger_did_not_keep_is_filled_in_when_its_album_is_listed_again(
    ledger: SqliteLedger,
) -> None:
    photo = asset(date="2019-12-24T18:00:00")
    await ledger.moved(step(photo, KEY), receipt(KEY))
    await ledger.write(("UPDATE assets SET taken = '', uploaded = '', is_video = NULL", ()))
    before = await ledger.known("AlbumK")

    await ledger.plan(album(), [step(photo, KEY, action=Action.SKIP)], ["ImageK"], whole=True)

    assert await ledger.read(FACTS) == [("ImageK", "2019-12-24T18:00:00", "2020-01-02T03:04:05+00:00", 0)]
    assert await ledger.known("AlbumK") == before


async def test_how_the_last_verification_ended_is_remembered(path: Path) -> None:
    first = Verification(began="2026-01-01", ended="2026-01-02", levels=("ledger",), clean=True, counts={"ok": 1})
    last = Verification(
        began="2026-01-03",
        ended="2026-01-04",
        levels=("listing", "deep:5", "source"),
        clean=False,
        safe=False,
        verdict="Not safe to cancel yet: 1 missing.",
        counts={"checked": 2, "missing": 1},
        differences=(Difference(kind="missing", key="a\ud800", detail="not in the bucket"),),
    )
    async with open_ledger(str(path)) as ledger:
        assert await ledger.last_verification() is None
        await ledger.verified(first)
        await ledger.verified(last)
    async with open_ledger(str(path)) as ledger:
        named = replace(last.differences[0], key="a?")
        assert await ledger.last_verification() == replace(last, differences=(named,))


async def test_albums_do_not_see_each_others_files(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    other = "smugmug/Other/IMG_1.JPG"
    await ledger.moved(step(asset(album_key="Other"), other), receipt(other))
    assert (await ledger.known("AlbumK"))["ImageK"].key == KEY
    assert (await ledger.known("Other"))["ImageK"].key == other
    assert await ledger.taken("AlbumK", "smugmug/Third") == {}


async def test_files_in_an_albums_directory_keep_their_names_whichever_album_they_belong_to(
    ledger: SqliteLedger,
) -> None:
    await ledger.moved(step(asset(album_key="Other"), KEY), receipt(KEY))
    assert await ledger.taken("AlbumK", DIRECTORY) == {"img_1.jpg": "ImageK"}


async def test_names_taken_are_those_of_the_one_directory(ledger: SqliteLedger) -> None:
    for image, key in (("a", f"{DIRECTORY}/A.JPG"), ("b", "smugmug/Old/B.JPG"), ("c", f"{DIRECTORY}2/C.JPG")):
        await ledger.moved(step(asset(image_key=image), key), receipt(key))
    assert await ledger.taken("AlbumK", DIRECTORY.upper()) == {"a.jpg": "a"}


async def test_the_albums_own_file_is_known_and_takes_no_images_name(ledger: SqliteLedger) -> None:
    await ledger.plan(album(), [], [], whole=True)
    key = f"{DIRECTORY}/_album.json"
    await ledger.sidecar_stored(album(), receipt(key, md5=OTHER_MD5))
    assert await ledger.sidecar("AlbumK") == (key, OTHER_MD5)
    assert await ledger.taken("AlbumK", DIRECTORY) == {}
    await ledger.forget(key)
    assert await ledger.sidecar("AlbumK") is None


async def test_an_album_files_digest_is_unknown_from_when_it_is_written_until_the_album_is_settled(
    ledger: SqliteLedger,
) -> None:
    key = f"{DIRECTORY}/_album.json"
    await ledger.keep_listing(listing())
    await ledger.plan(album(), [], [], whole=True)
    await ledger.sidecar_stored(album(), receipt(key))
    await ledger.settle(album(), complete=True, fingerprint="f", references={}, digest="as it was")
    assert (await ledger.album_file("AlbumK"))[0] == "as it was"

    await ledger.sidecar_stored(album(), receipt(key, md5=OTHER_MD5))  # and then the run was killed

    assert (await ledger.album_file("AlbumK"))[0] == ""


async def test_what_was_looked_at_before_a_run_replaced_it_says_nothing_of_what_is_there_now(
    ledger: SqliteLedger,
) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY, etag="opaque-1", proof=Proof.NONE))
    await ledger.keep_listing(listing(listed(etag="opaque-1")))
    ((before,),) = [page async for page in ledger.there()]
    replaced = receipt(KEY, md5=OTHER_MD5, etag="opaque-2", proof=Proof.NONE)
    await ledger.moved(step(asset(serial=1, md5=OTHER_MD5), KEY), replaced)

    await ledger.seen_bytes(before, Proof.READ)
    await ledger.looked(before, Evidence(State.PROVEN, "read back and hashed"))

    assert await ledger.recorded(KEY) == replaced
    assert (await ledger.held("AlbumK"))["ImageK"].evidence.state is State.UNPROVEN


async def test_a_new_description_may_come_with_another_etag_and_its_own_proof(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY, etag="opaque-1", proof=Proof.CHECKED))
    described = step(asset(title="New"), KEY)
    await ledger.described(described, receipt(KEY, etag="opaque-2", proof=Proof.READ))
    assert await ledger.recorded(KEY) == receipt(KEY, etag="opaque-2", proof=Proof.READ)
    assert (await compare(ledger, listing(listed(etag="opaque-2"))))[0] == 1


async def test_a_renamed_file_is_known_at_its_new_key_alone(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    new = f"{DIRECTORY}/New.JPG"
    await ledger.renamed(step(asset(filename="New.JPG"), new, former_key=KEY), receipt(new))
    assert (await ledger.known("AlbumK"))["ImageK"].key == new
    assert await compare(ledger, listing(listed(new))) == (1, [])


async def test_what_is_copied_is_counted_by_album_without_what_smugmug_no_longer_lists(
    ledger: SqliteLedger,
) -> None:
    for number, home in enumerate(("A", "A", "B")):
        one = step(asset(album_key=home, image_key=str(number)), f"{home}/{number}.jpg")
        await ledger.plan(album(key=home), [one], [], whole=False)
        await ledger.moved(one, receipt(one.key))
    await ledger.plan(
        album(key="A"), [step(asset(album_key="A", image_key="left"), "A/left.jpg")], ["0", "left"], whole=True
    )
    assert await ledger.moved_by_album() == {"A": (1, 1000), "B": (1, 1000)}


@pytest.mark.parametrize("state", [Known.FAILED, Known.UNAVAILABLE])
async def test_what_did_not_arrive_is_named_with_its_reason(ledger: SqliteLedger, state: Known) -> None:
    await ledger.plan(album(), [], ["ImageK"], whole=True)
    await ledger.failed(step(asset(), KEY), state, "because \ud800")
    ((label, said, reason),) = await ledger.unmoved()
    assert label.endswith("Family/2019/Christmas/IMG_1.JPG")
    assert (said, reason) == (state, "because ?")


async def test_names_no_encoding_can_carry_are_remembered_all_the_same(ledger: SqliteLedger) -> None:
    await ledger.plan(album(name="\ud800"), [step(asset(filename="\udfff"), KEY)], ["ImageK"], whole=True)
    assert len(await ledger.unmoved()) == 1


async def test_a_failed_file_that_is_then_not_listed_is_forgotten_and_copied_later(ledger: SqliteLedger) -> None:
    await ledger.plan(album(), [step(asset(), KEY)], ["ImageK"], whole=True)
    await ledger.failed(step(asset(), KEY), Known.FAILED, "refused")
    await ledger.plan(album(), [], [], whole=True)
    assert (await ledger.unmoved(), await ledger.known("AlbumK")) == ([], {})
    await ledger.plan(album(), [step(asset(), KEY)], ["ImageK"], whole=True)
    assert [state for _, state, _ in await ledger.unmoved()] == [Known.MOVING]


async def test_what_is_stored_and_no_longer_listed_is_gone_until_it_is_listed_again(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    await ledger.plan(album(), [], [], whole=True)
    gone = (await ledger.known("AlbumK"))["ImageK"]
    assert (gone.state, gone.stored, gone.identity) == (Known.GONE, True, asset().identity)
    await ledger.plan(album(), [step(asset(), KEY, action=Action.SKIP)], ["ImageK"], whole=False)
    assert (await ledger.known("AlbumK"))["ImageK"].state is Known.MOVED


async def test_of_a_photo_whose_newer_bytes_never_came_only_the_former_ones_are_kept(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    await ledger.failed(step(asset(serial=1, md5=OTHER_MD5), KEY), Known.FAILED, "refused")
    await ledger.plan(album(), [], [], whole=True)
    gone = (await ledger.known("AlbumK"))["ImageK"]
    assert (gone.state, gone.identity, gone.reason) == (Known.GONE, "", "")
    assert [one.image_key for one in await ledger.former("AlbumK")] == ["ImageK"]


async def test_gone_cannot_be_written_down_beside_another_state(ledger: SqliteLedger) -> None:
    await ledger.failed(step(asset(), KEY), Known.FAILED, "refused")
    with pytest.raises(LedgerError, match="CHECK"):
        await ledger.write(("UPDATE assets SET gone_at = '2026-01-01'", ()))


async def test_an_incomplete_listing_says_nothing_of_what_is_gone(ledger: SqliteLedger) -> None:
    await ledger.plan(album(), [step(asset(), KEY)], ["ImageK"], whole=True)
    await ledger.plan(album(), [], [], whole=False)
    assert len(await ledger.unmoved()) == 1


async def test_an_album_is_settled_only_when_it_is_complete_and_until_it_is_seen_again(ledger: SqliteLedger) -> None:
    await ledger.plan(album(), [], [], whole=True)
    await ledger.settle(album(), complete=False, fingerprint="f1", references={}, digest="")
    assert await ledger.settled("AlbumK") is None
    await ledger.settle(album(), complete=True, fingerprint="f2", references={}, digest="")
    settled = await ledger.settled("AlbumK")
    assert settled is not None
    assert settled[0] == "f2"
    await ledger.plan(album(), [], [], whole=True)
    assert await ledger.settled("AlbumK") is None


async def test_a_directory_given_once_is_never_given_to_another(ledger: SqliteLedger) -> None:
    await ledger.add_directories([("Trip", "n1")])
    await ledger.add_directories([("Trip", "n2"), ("Other", "n2")])
    assert dict(await ledger.directories()) == {"Trip": "n1", "Other": "n2"}


# Against the store


@pytest.mark.parametrize(
    ("recorded", "found", "kind"),
    [
        pytest.param({}, listed(), None, id="as recorded"),
        pytest.param(
            {"etag": "opaque-2", "proof": Proof.READ},
            listed(etag="opaque-2"),
            None,
            id="an opaque ETag that did not change since the bytes were proven",
        ),
        pytest.param(
            {"etag": "opaque-2", "proof": Proof.NONE},
            listed(etag="opaque-2"),
            "unverifiable",
            id="an ETag nothing was proven by",
        ),
        pytest.param({"proof": Proof.WRONG}, listed(), "different", id="other bytes were read under the same ETag"),
        pytest.param({"etag": "opaque-2"}, listed(), None, id="the MD5 itself"),
        pytest.param({}, listed(size=999), "different", id="another size"),
        pytest.param({}, listed(etag=OTHER_MD5), "different", id="another MD5"),
        pytest.param({}, listed(etag="opaque-2"), "unverifiable", id="an ETag that says nothing"),
        pytest.param({"etag": ""}, listed(etag=""), "unverifiable", id="no ETag at all proves nothing"),
        pytest.param({}, listed(key="smugmug/else"), "missing", id="not there"),
    ],
)
async def test_the_stores_listing_is_compared_object_by_object(
    ledger: SqliteLedger, recorded: dict[str, Any], found: StoredObject, kind: str | None
) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY, **recorded))
    same, differences = await compare(ledger, listing(found))
    assert same == (kind is None)
    assert [said for key, said in differences if key == KEY] == ([kind] if kind else [])


async def test_what_nobody_put_there_is_extra_and_differences_come_in_key_order(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), "b"), receipt("b"))
    _, differences = await compare(ledger, listing(listed("c"), listed("a")))
    assert differences == [("a", "extra"), ("b", "missing"), ("c", "extra")]


async def test_each_comparison_starts_afresh(ledger: SqliteLedger) -> None:
    await ledger.moved(step(asset(), KEY), receipt(KEY))
    assert (await compare(ledger, listing(listed())))[0] == 1
    assert await compare(ledger, listing()) == (0, [(KEY, "missing")])


async def test_all_stored_objects_come_once_in_key_order_however_many(ledger: SqliteLedger) -> None:
    count = 2500
    await together(
        ledger.moved(step(asset(image_key=f"i{number:04}"), f"k{number:04}"), receipt(f"k{number:04}"))
        for number in range(count)
    )
    pages = [page async for page in ledger.stored()]
    assert [len(page) for page in pages] == [1000, 1000, 500]
    assert [one.key for page in pages for one in page] == [f"k{number:04}" for number in range(count)]


# Many at once


async def test_writes_of_one_moment_share_a_commit_and_all_of_them_last(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        commits = 0
        real = ledger._commit

        async def counted(writes: list[tuple[str, tuple[object, ...]]]) -> None:
            nonlocal commits
            commits += 1
            await real(writes)

        ledger._commit = counted  # type: ignore[method-assign]
        await together(ledger.add_directories([(f"d{number}", "n")]) for number in range(500))
        assert commits <= 3
    async with open_ledger(str(path)) as ledger:
        assert len(await ledger.directories()) == 500


async def test_a_write_is_committed_when_its_call_returns(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        await ledger.add_directories([("d", "n")])
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM directories").fetchone() == (1,)


async def test_writes_of_one_call_are_committed_together_or_not_at_all(ledger: SqliteLedger) -> None:
    with pytest.raises(LedgerError):
        await ledger.write(
            ("INSERT INTO directories VALUES (?, ?)", ("x", "y")), ("INSERT INTO nowhere VALUES (1)", ())
        )
    assert ("x", "y") not in await ledger.directories()


async def test_one_who_gives_up_waiting_does_not_stop_the_others(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        writes = [asyncio.create_task(ledger.add_directories([(f"d{number}", "n")])) for number in range(10)]
        await asyncio.sleep(0)
        writes[0].cancel()
        await asyncio.gather(*writes, return_exceptions=True)
        assert len(await ledger.directories()) >= 9


async def test_what_is_being_written_when_it_closes_is_written(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        writing = asyncio.create_task(ledger.add_directories([("d", "n")]))
        await asyncio.sleep(0)
    await writing
    async with open_ledger(str(path)) as ledger:
        assert await ledger.directories() == [("d", "n")]


@pytest.mark.parametrize("step_of_cancelling", range(8))
async def test_who_is_cancelled_counts_what_is_recorded_all_the_same(
    ledger: SqliteLedger, step_of_cancelling: int
) -> None:
    counted = 0

    async def file(number: int) -> None:
        nonlocal counted
        await ledger.moved(step(asset(image_key=str(number)), f"{number}.jpg"), receipt(f"{number}.jpg"))
        counted += 1
        await asyncio.sleep(60)

    await ledger.plan(album(), [], [], whole=False)
    files = [asyncio.create_task(file(number)) for number in range(3)]
    for _ in range(step_of_cancelling):
        await asyncio.sleep(0)
    for task in files:
        task.cancel()
    await asyncio.wait(files)

    assert [task.cancelled() for task in files] == [True] * 3
    assert sum([len(page) async for page in ledger.stored()]) == counted
    assert counted == (3 if step_of_cancelling else 0)


# What SmugMug says of each file


ROSE = asset(
    title="Rose", caption="Grandma's\nrose", keywords=("red", "sea; sun"), taken="2019-12-24T18:00:00",
    position=Position(-33.8568, 151.2153, None), hidden=True,
)  # fmt: skip
PRIVATE = album(record=b'{"Privacy":"Private","SecurityType":"None"}')


async def exported(ledger: SqliteLedger) -> dict[str, Any]:
    (row,) = [row async for row in ledger.export()]
    return row


async def test_an_export_has_what_smugmug_says_of_a_file_and_its_album(ledger: SqliteLedger) -> None:
    await ledger.belongs_to({"prefix": "smugmug/"}, keep=True)
    await ledger.plan(PRIVATE, [step(ROSE, KEY)], ["ImageK"], whole=True)

    assert (await exported(ledger)).items() >= {
        "path": "Family/2019/Christmas/IMG_1.JPG", "title": "Rose", "caption": "Grandma's\nrose",
        "keywords": ["red", "sea; sun"], "taken": "2019-12-24T18:00:00", "uploaded": "2020-01-02T03:04:05+00:00",
        "latitude": -33.8568, "longitude": 151.2153, "altitude": None, "privacy": "Private", "hidden": True,
    }.items()  # fmt: skip


async def test_what_changes_there_is_known_from_the_next_listing_on_and_forgotten_with_the_file(
    ledger: SqliteLedger,
) -> None:
    await ledger.plan(PRIVATE, [step(ROSE, KEY)], ["ImageK"], whole=True)
    await ledger.moved(step(ROSE, KEY), receipt(KEY))

    renamed = replace(ROSE, title="Tulip", position=None, keywords=())
    await ledger.plan(album(), [step(renamed, KEY, action=Action.DESCRIBE)], ["ImageK"], whole=True)

    row = await exported(ledger)
    assert (row["title"], row["latitude"], row["keywords"], row["privacy"]) == ("Tulip", None, [], "")

    await ledger.forget(KEY)
    await ledger.plan(album(), [], [], whole=True)
    assert await ledger.read("SELECT * FROM details") == []
