"""What is in the archive, listed and found in the ledger alone: as lines, as JSON, and as keys for other tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from smug2s3.cli.main import app
from smug2s3.ledger.ledger import open_ledger
from smug2s3.models import Album, Asset
from tests.unit.samples import MD5, album, asset, receipt, step

CHRISTMAS = album()
GARDEN = album(key="Garden", node_id="n", name="Garten & Bäume", folder=(), directory="Garten & Bäume")
FILES: dict[Album, list[Asset]] = {
    CHRISTMAS: [
        asset(image_key="tree", filename="IMG_1234.JPG", title="The tree", keywords=("tree", "Grandma's house")),
        asset(
            image_key="kyoto",
            filename="kyoto.jpg",
            caption="京都の桜\nwith 😀",
            keywords=("Straße",),
            taken="2019-04-01T10:00:00",
        ),
        asset(image_key="evil", filename="evil.jpg", title="\x1b[2Jevil\u202e", keywords=("Grossmutter",)),
    ],
    GARDEN: [asset(album_key="Garden", image_key="rose", filename="Rosé.jpg", caption="Müllers Rose")],
}


def key_of(one: Album, file: Asset) -> str:
    return f"smugmug/{one.directory}/{file.filename}"


async def fill(albums: dict[Album, list[Asset]]) -> None:
    async with open_ledger("transfer_log.db") as ledger:
        await ledger.belongs_to({"account": "jane", "prefix": "smugmug/"}, keep=True)
        for one, files in albums.items():
            steps = [step(file, key_of(one, file)) for file in files]
            await ledger.plan(one, steps, [file.image_key for file in files], whole=True)
            for each in steps:
                await ledger.moved(each, receipt(each.key))


@pytest.fixture(autouse=True)
def archive() -> None:
    asyncio.run(fill(FILES))


def typed(*words: str, code: int = 0) -> Any:
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == code, ran.stderr
    return ran


def images(*words: str) -> list[str]:
    return [file["image_key"] for file in json.loads(typed("find", *words, "--json").stdout)["files"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tree"], ["tree"]),
        (["TREE", "house"], ["tree"]),
        (["grandma*"], ["tree"]),
        (["grandma's house"], ["tree"]),
        (["IMG_12*"], ["tree"]),
        (["*1234*"], ["tree"]),
        (["christmas"], ["tree", "evil", "kyoto"]),
        (["christmas", "kyoto"], ["kyoto"]),
        (["京都"], ["kyoto"]),
        (["桜", "😀"], ["kyoto"]),
        (["muller*"], ["rose"]),
        (["*ÜLLERS"], ["rose"]),
        (["rose", "baume"], ["rose"]),
        (['"the tree"'], ["tree"]),
        (['"tree the"'], []),
        (["100%"], []),
        (["strasse"], ["kyoto"]),
        (["STRASSE*"], ["kyoto"]),
        (["*trasse*"], ["kyoto"]),
        (["straße"], ["kyoto"]),
        (["GROßMUTTER"], ["evil"]),
    ],
)
def test_files_are_found_by_all_that_is_said_of_them(words: list[str], expected: list[str]) -> None:
    assert images(*words) == expected


def test_what_is_found_is_a_line_each_and_drives_no_terminal() -> None:
    ran = typed("find", "christmas")
    assert ran.stdout.splitlines() == [
        "2020-01-02     1.0 kB  Family/2019/Christmas/IMG_1234.JPG  The tree",
        "2020-01-02     1.0 kB  Family/2019/Christmas/evil.jpg  \ufffd[2Jevil\ufffd",
        "2019-04-01     1.0 kB  Family/2019/Christmas/kyoto.jpg  京都の桜 with 😀",
    ]
    assert ran.stderr == "3 files, 3.0 kB.\n"
    wider = "hint: This finds whole words. For beginnings: `smug2s3 find 'tre*' 'hous*'`\n"
    assert typed("find", "tre", "hous").stderr == f"0 files, 0 B.\n{wider}"
    assert typed("find", "nothing*").stderr == "0 files, 0 B.\n"


def test_a_word_may_begin_with_a_dash() -> None:
    assert "find -- -rose`" in typed("find", "-rose", code=2).stderr
    assert "-- -rose" not in typed("status", "-rose", code=2).stderr
    assert typed("find", "--", "-rose").stdout.endswith("Rosé.jpg  Müllers Rose\n")


def test_other_tools_get_the_keys_of_what_is_stored() -> None:
    async def unfinished() -> None:
        async with open_ledger("transfer_log.db") as ledger:
            await ledger.failed(step(FILES[CHRISTMAS][0], "smugmug/Family/2019/Christmas/IMG_1234.JPG"), "failed", "x")

    asyncio.run(unfinished())
    expected = "smugmug/Family/2019/Christmas/evil.jpg\nsmugmug/Family/2019/Christmas/kyoto.jpg\n"
    assert typed("find", "christmas", "--keys").stdout == expected
    assert typed("ls", "family", "--keys").stdout == expected
    failed = typed("find", "*1234*")
    assert failed.stdout.endswith("IMG_1234.JPG  (failed) The tree\n")
    assert failed.stderr == "0 files, 0 B. Not in the bucket: 1 file.\n"


@pytest.mark.parametrize(
    "command",
    [("find", "tree"), ("ls",), ("status",), ("report",), ("ledger", "export"), ("verify", "--offline")],
    ids=" ".join,
)
def test_an_empty_file_stays_empty(command: tuple[str, ...]) -> None:
    ledger = Path("transfer_log.db")
    ledger.write_bytes(b"")
    assert "no ledger at transfer_log.db, only an empty file" in typed(*command, code=2).stderr
    assert (ledger.stat().st_size, len(list(Path.cwd().iterdir()))) == (0, 1)


def test_folders_and_albums_are_listed_with_what_is_stored_of_them() -> None:
    ran = typed("ls")
    assert ran.stdout.splitlines() == [
        "3 files        3.0 kB  Family/  1 album",
        "1 file         1.0 kB  Garten & Bäume",
    ]
    assert ran.stderr == "4 files, 4.0 kB.\n"
    assert typed("ls", "Family/2019").stdout == "3 files        3.0 kB  Family/2019/Christmas\n"
    document = json.loads(typed("ls", "Family", "--json").stdout)
    assert document == {
        "schema": 1,
        "path": "Family",
        "folders": [{"path": "Family/2019", "albums": 1, "files": 3, "bytes": 3000}],
        "albums": [],
        "files": [],
    }


def test_of_an_album_its_files_are_listed() -> None:
    assert typed("ls", "garten & bäume/").stdout == "2020-01-02     1.0 kB  Garten & Bäume/Rosé.jpg  Müllers Rose\n"
    (file,) = json.loads(typed("ls", "Garten & Bäume", "--json").stdout)["files"]
    assert (file["key"], file["md5"], file["caption"]) == ("smugmug/Garten & Bäume/Rosé.jpg", MD5, "Müllers Rose")


@pytest.mark.parametrize("path", ["Garten & Bäume/rosé.JPG", "smugmug/Garten & Bäume/Rosé.jpg"])
def test_a_file_is_listed_by_its_path_and_by_its_key(path: str) -> None:
    ran = typed("ls", path)
    assert ran.stdout == "2020-01-02     1.0 kB  Garten & Bäume/Rosé.jpg  Müllers Rose\n"
    assert ran.stderr == "1 file, 1.0 kB.\n"
    assert [file["image_key"] for file in json.loads(typed("ls", path, "--json").stdout)["files"]] == ["rose"]
    assert typed("ls", path, "--keys").stdout == "smugmug/Garten & Bäume/Rosé.jpg\n"


def test_what_is_not_there_is_an_error_with_what_is_similar() -> None:
    ran = typed("ls", "Family/2018", code=2)
    assert "error: the archive has no folder or album 'Family/2018'\n" in ran.stderr
    assert "Did you mean 'Family/2019'" in ran.stderr
    assert json.loads(typed("ls", "Family/2018", "--json", code=2).stdout)["exit_code"] == 2
    missing = typed("ls", "smugmug/Garten & Bäume/tulip.jpg", code=2)
    assert "the album has no file 'tulip.jpg'" in missing.stderr
    assert "`smug2s3 ls 'smugmug/Garten & Bäume'` lists its files" in missing.stderr
    assert "cannot be combined" in typed("ls", "--keys", "--json", code=2).stderr
    assert "there is no word" in typed("find", "*", code=2).stderr


def test_a_caption_that_changes_is_found_by_its_new_words_alone_and_a_forgotten_file_by_none() -> None:
    async def change(files: Iterable[Asset]) -> None:
        await fill({GARDEN: list(files)})

    asyncio.run(change([replace(FILES[GARDEN][0], caption="Tulip")]))
    assert (images("tulip"), images("müllers")) == (["rose"], [])


def test_a_run_at_work_is_not_disturbed() -> None:
    async def during_a_run() -> list[str]:
        async with open_ledger("transfer_log.db", alone=True):
            return await asyncio.to_thread(images, "tree")

    assert asyncio.run(during_a_run()) == ["tree"]
