"""Ledgers of every earlier format open as they are, keep what they knew, and a damaged one is refused."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from smug2s3.errors import LedgerError
from smug2s3.flow.together import together
from smug2s3.ledger import schema, search_index
from smug2s3.ledger.held import ignore
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.lookup import found, is_current
from smug2s3.models import Known, Proof
from smug2s3.rules.search import parse
from tests.unit.samples import MD5, OTHER_MD5, album, asset, receipt, step

DIRECTORY = "smugmug/Family/2019/Christmas"
SIDECAR = f"{DIRECTORY}/_album.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A ledger as some version of smug2s3 left it; a new migration adds a row with a copy of what came before.

    ``formats/N.sql`` is what ``.dump`` writes of it. All copies tell the same story, so that one test fits all.
    """

    number: int
    settled: str = "f1"
    """The fingerprint the migrated ledger must still know; empty where a migration has every album listed again."""


FORMATS = (
    Format(number=1, settled=""),
    Format(number=2, settled=""),
    Format(number=3, settled=""),
    Format(number=4, settled=""),
    Format(number=5, settled=""),
    Format(number=6),
    Format(number=7),
    Format(number=8),
)


def stored_copy(number: int, path: Path) -> None:
    """Lay the copy of that format at ``path``."""
    dump = (Path(__file__).parent / "formats" / f"{number}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump)


def schema_of(path: Path) -> dict[str, str]:
    """Every table and index by name, as it was made, whatever its line breaks."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    return {name: re.sub(r"\s+", " ", sql) for name, sql in made} | {"format": str(version)}


def test_there_is_a_copy_of_every_format() -> None:
    assert [one.number for one in FORMATS] == list(range(1, len(schema.MIGRATIONS) + 1))


@pytest.mark.parametrize("old", FORMATS, ids=lambda old: f"format {old.number}")
async def test_an_older_ledger_is_brought_up_to_date_and_knows_what_it_knew(old: Format, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(old.number, path)

    for _ in range(2):  # the second time there is nothing left to do
        async with open_ledger(str(path), alone=True) as ledger:
            owner = {"store": "s3.example", "bucket": "photos", "prefix": "smugmug/", "account": "jane"}
            await ledger.belongs_to(owner, keep=False)
            with pytest.raises(LedgerError, match="is for account 'jane'"):
                await ledger.belongs_to({"account": "john"}, keep=False)
            known = await ledger.known("AlbumK")
            assert {name: entry.state for name, entry in known.items()} == {
                "moved": Known.MOVED,
                "gone": Known.GONE,
                "failed": Known.FAILED,
                "lost": Known.UNAVAILABLE,
                "moving": Known.MOVING,
            }
            assert known["moved"].identity == asset().identity
            assert known["moved"].key == known["moved"].name_wanted == f"{DIRECTORY}/moved.JPG"
            assert dict(await ledger.directories()) == {
                "Family": "n1",
                "Family/2019": "n2",
                "Family/2019/Christmas": "NodeK",
            }
            assert ((await ledger.settled("AlbumK")) or ("",))[0] == old.settled
            assert await ledger.settled("Open") is None
            assert await ledger.sidecar("AlbumK") == (SIDECAR, OTHER_MD5)
            assert await ledger.taken("AlbumK", DIRECTORY) == {"gone.jpg": "gone", "moved.jpg": "moved"}
            assert await ledger.unmoved() == [
                (f"{DIRECTORY}/failed.JPG", "failed", "SmugMug: it's busy"),
                (f"{DIRECTORY}/lost.JPG", "unavailable", "still processing"),
                (f"{DIRECTORY}/moving.JPG", "moving", ""),
            ]
            (page,) = [page async for page in ledger.stored()]
            assert [(one.key, one.md5) for one in page] == [
                (SIDECAR, OTHER_MD5),
                (f"{DIRECTORY}/gone.JPG", MD5),
                (f"{DIRECTORY}/moved.JPG", MD5),
                ("smugmug/manifest-md5.txt", MD5),
            ]
            assert {row["key"] for row in [row async for row in ledger.export()] if row["gone_at"]} == {
                f"{DIRECTORY}/gone.JPG"
            }


@pytest.mark.parametrize("old", FORMATS, ids=lambda old: f"format {old.number}")
async def test_an_older_ledger_ends_with_the_tables_of_a_new_one(old: Format, tmp_path: Path) -> None:
    stored_copy(old.number, tmp_path / "old.db")
    for name in ("old.db", "new.db"):
        async with open_ledger(str(tmp_path / name)):
            pass

    assert schema_of(tmp_path / "old.db") == schema_of(tmp_path / "new.db")


async def test_what_only_the_third_format_keeps_is_there_too(tmp_path: Path) -> None:
    stored_copy(3, tmp_path / "ledger.db")
    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        found = await ledger.last_verification()
        assert found is not None
        assert (found.levels, found.clean, found.safe) == (("listing", "source"), False, False)
        assert found.verdict == "Not safe to cancel yet: 1 missing."
        assert found.counts == {"checked": 5, "ok": 4, "missing": 1}
        assert [one.kind for one in found.differences] == ["missing"]
        assert await ledger.read("SELECT image_key, taken FROM assets WHERE is_video = 0") == [
            ("failed", "2019-12-24T18:00:00"),
            ("moved", "2019-12-24T18:00:00"),
        ]


async def test_what_only_the_sixth_format_keeps_is_there_too(tmp_path: Path) -> None:
    stored_copy(6, tmp_path / "ledger.db")
    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        (row,) = [row async for row in ledger.export() if row["image_key"] == "moved"]
    assert row.items() >= {
        "title": "Tree", "caption": "Grandma's tree", "keywords": ["tree", "snow"], "taken": "2019-12-24T18:00:00",
        "latitude": 60.7, "longitude": -43.9, "altitude": 12.0, "privacy": "Unlisted", "hidden": False,
    }.items()  # fmt: skip


async def test_of_an_earlier_format_the_albums_stay_complete_and_are_listed_again(tmp_path: Path) -> None:
    stored_copy(5, tmp_path / "ledger.db")
    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        assert await ledger.read("SELECT complete, fingerprint FROM albums WHERE album_key = 'AlbumK'") == [(1, "")]
        (row,) = [row async for row in ledger.export() if row["image_key"] == "moved"]
    assert (row["filename"], row["title"], row["hidden"]) == ("moved.JPG", "", None)


@pytest.mark.parametrize("number", [1, 5, 6, 7])
async def test_whatever_format_a_ledger_had_its_files_are_found(number: int, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(number, path)
    async with open_ledger(str(path)):
        pass

    def names(words: str) -> list[str]:
        return [file["image_key"] for file in found(str(path), ignore, parse(words))]

    assert names("moved.jpg christmas") == ["moved"]
    assert names("grandma*") == (["moved"] if number >= 6 else [])
    assert names("*oved") == ["moved"]


@pytest.mark.parametrize("number", [6, 7])
async def test_without_full_text_search_everything_but_find_works_and_find_works_again_with_it(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(number, path)
    notes: list[str] = []
    monkeypatch.setattr(schema, "LARGE", 1)
    with monkeypatch.context() as old:
        old.setattr(search_index, "is_possible", lambda _: False)
        async with open_ledger(str(path)) as ledger:
            await ledger.plan(album(), [step(asset(image_key="new", title="Unicorn"), "k")], ["new"], whole=False)
        with closing(sqlite3.connect(path)) as connection:
            assert not search_index.is_current(connection)
        with pytest.raises(LedgerError, match=r"find needs full-text search \(FTS5\)"):
            list(found(str(path), ignore, parse("unicorn")))
        assert [row["image_key"] for row in found(str(path), ignore, parse("*nicor*"))] == ["new"]

    assert not is_current(str(path), ignore)
    async with open_ledger(str(path), notify=notes.append):
        pass
    assert [row["image_key"] for row in found(str(path), ignore, parse("unicorn"))] == ["new"]
    assert notes == ["updating the ledger for this version, and its index for `smug2s3 find`; this happens once"]
    async with open_ledger(str(path), notify=notes.append):
        assert len(notes) == 1


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_what_was_called_gone_without_ever_having_come_is_forgotten_and_looked_for_again(
    number: int, tmp_path: Path
) -> None:
    stored_copy(number, tmp_path / "ledger.db")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as older, older:
        older.execute("UPDATE assets SET gone_at = '2026-01-02T03:04:05+00:00' WHERE image_key = 'failed'")

    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        assert "failed" not in await ledger.known("AlbumK")
        assert await ledger.settled("AlbumK") is None


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_of_an_earlier_format_only_an_etag_that_is_the_md5_proves_an_object(number: int, tmp_path: Path) -> None:
    stored_copy(number, tmp_path / "ledger.db")

    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        gone, moved = [await ledger.recorded(f"{DIRECTORY}/{name}.JPG") for name in ("gone", "moved")]
    assert gone is not None
    assert moved is not None
    assert (gone.etag, gone.proof) == ("opaque-7", Proof.NONE)
    assert (moved.etag, moved.proof) == (MD5, Proof.ETAG)


async def test_a_further_migration_keeps_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored_copy(FORMATS[-1].number, tmp_path / "ledger.db")
    more = "ALTER TABLE albums ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))

    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        assert len(await ledger.known("AlbumK")) == 5
        assert await ledger.read("SELECT DISTINCT colour FROM albums") == [("red",)]

    assert schema_of(tmp_path / "ledger.db")["format"] == str(len(schema.MIGRATIONS))


async def test_a_migration_that_breaks_off_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(FORMATS[-1].number, path)
    before = schema_of(path)
    with monkeypatch.context() as patched:
        broken = "ALTER TABLE albums ADD COLUMN colour TEXT; DROP TABLE nowhere;"
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(LedgerError, match="nowhere"):
            async with open_ledger(str(path)):
                pass

    assert schema_of(path) == before
    async with open_ledger(str(path)) as ledger:
        assert len(await ledger.known("AlbumK")) == 5


# Damage


PAGE = 4096


def turned(path: Path, page: int) -> None:
    """Turn every bit of one page over."""
    content = bytearray(path.read_bytes())
    start = (page % (len(content) // PAGE)) * PAGE
    content[start : start + PAGE] = bytes(byte ^ 0xFF for byte in content[start : start + PAGE])
    path.write_bytes(content)


def zeroed(path: Path) -> None:
    """A page in the middle was never written, as after a power cut."""
    content = bytearray(path.read_bytes())
    middle = len(content) // PAGE // 2 * PAGE
    content[middle : middle + PAGE] = bytes(PAGE)
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Only the first half was restored from somewhere."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // PAGE // 2 * PAGE])


DAMAGES: dict[str, Callable[[Path], None]] = {
    "the first page": lambda path: turned(path, 0),
    "the second page": lambda path: turned(path, 1),
    "a page in the middle": lambda path: turned(path, 40),
    "the last page": lambda path: turned(path, -1),
    "a page of zeros": zeroed,
    "cut in half": cut,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_ledger_is_refused_in_one_sentence_and_left_as_it_is(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.db"
    async with open_ledger(str(path)) as ledger:
        keys = [f"{DIRECTORY}/{number:04}.JPG" for number in range(1500)]
        await together(ledger.moved(step(asset(image_key=key[-8:-4]), key), receipt(key)) for key in keys)
    assert path.stat().st_size > 80 * PAGE
    damage(path)
    before = path.read_bytes()

    with pytest.raises(LedgerError) as refusal:
        async with open_ledger(str(path), alone=True):
            pass

    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.hint
    if damage is not DAMAGES["the first page"]:  # without which nobody can tell whose it was
        assert "is damaged" in str(refusal.value)
        assert "smug2s3 ledger rebuild" in refusal.value.hint
    assert path.read_bytes() == before
    assert not Path(f"{path}.lock").exists()


def test_of_several_that_open_a_new_ledger_at_one_moment_each_finds_it_whole(tmp_path: Path) -> None:
    def opened(number: int) -> int:
        with closing(sqlite3.connect(tmp_path / f"{number // 4}.db", isolation_level=None)) as connection:
            schema.prepare(connection)
            return schema.format_of(connection)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(opened, range(40))) == {len(schema.MIGRATIONS)}
