"""What takes the bytes of a small file places it with the last of them, and only if they are the right ones."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.errors import TargetError
from smug2s3.rules.homecoming import PART, HomeFile
from smug2s3.stores.local.home import RESUMED, open_home

RIGHT = b"the right bytes"
MOMENT = 1_000_000_000.0


def file(content: bytes = RIGHT, *, size: int | None = len(RIGHT), md5: bool = True) -> HomeFile:
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest() if md5 else None
    path = "Album/a.jpg"
    return HomeFile(key="k", path=path, wanted=path, size=size, md5=digest, moment=MOMENT, reference=False)


def nobody(_path: str, _name: str) -> None:
    """Nothing had the name of another."""


class Failed(Exception):
    """The fetch failed after all."""


def fail_if(fails: bool) -> None:
    if fails:
        raise Failed


@pytest.mark.parametrize(
    ("wanted", "pieces", "at_once"),
    [
        (file(), [RIGHT], True),
        (file(), [RIGHT[:3], RIGHT[3:]], True),
        (file(), [RIGHT[:3]], False),
        (file(), [RIGHT[::-1]], False),
        (file(), [RIGHT, b"more"], True),
        (file(size=None), [RIGHT], False),
        (file(md5=False), [RIGHT], False),
        (file(RIGHT * 1_000_000, size=RESUMED), [(RIGHT * 1_000_000)[:RESUMED]], False),
    ],
    ids=["whole", "in pieces", "too few", "wrong", "too many", "of unknown size", "of unknown md5", "large"],
)
@pytest.mark.parametrize("fails", [False, True])
async def test_it_is_there_with_its_last_bytes_or_at_the_end(
    wanted: HomeFile, pieces: list[bytes], at_once: bool, fails: bool, tmp_path: Path
) -> None:
    target, large = tmp_path / wanted.path, wanted.size == RESUMED
    async with open_home(tmp_path, nobody) as home:
        with pytest.raises(Failed) if fails else nullcontext():
            async with home.part(wanted) as sink:
                for piece in pieces:
                    sink.take(piece)
                assert target.exists() == at_once
                fail_if(fails)
    assert target.exists() == (at_once or not fails)
    assert target.with_name(f"a.jpg{PART}").exists() == (fails and large)
    if target.exists():
        assert target.read_bytes() == (RIGHT if at_once else b"".join(pieces))
        assert target.stat().st_mtime == MOMENT


async def test_bytes_that_were_wrong_are_forgotten_and_the_right_ones_placed(tmp_path: Path) -> None:
    async with open_home(tmp_path, nobody) as home, home.part(file()) as sink:
        sink.take(RIGHT)
        sink.take(b"more")
        await sink.restart()
        sink.take(RIGHT)
        assert sink.count == len(RIGHT)
        assert [path.name for path in (tmp_path / "Album").iterdir()] == ["a.jpg"]
    assert (tmp_path / "Album" / "a.jpg").read_bytes() == RIGHT


@pytest.mark.parametrize("fails", [False, True])
async def test_another_file_of_its_name_makes_way_and_is_named(fails: bool, tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    target = tmp_path / "Album" / "a.jpg"
    target.parent.mkdir()
    target.write_bytes(b"edited")

    with pytest.raises(Failed) if fails else nullcontext():
        async with open_home(tmp_path, lambda *what: said.append(what)) as home, home.part(file()) as sink:
            sink.take(RIGHT)
            fail_if(fails)

    assert target.read_bytes() == RIGHT
    assert target.with_name("a-before.jpg").read_bytes() == b"edited"
    assert said == [("Album/a.jpg", "a-before.jpg")]


async def test_a_disk_that_refuses_the_name_says_so_and_keeps_no_part(tmp_path: Path) -> None:
    (tmp_path / "Album" / "a.jpg").mkdir(parents=True)
    async with open_home(tmp_path, nobody) as home:
        with pytest.raises(TargetError, match="there is a folder of that name"):
            async with home.part(file()) as sink:
                sink.take(RIGHT)
    assert [path.name for path in (tmp_path / "Album").iterdir()] == ["a.jpg"]


@pytest.mark.parametrize("fails", [False, True])
async def test_the_names_of_new_files_are_synced_once_for_each_folder_at_the_end(
    fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        "smug2s3.stores.local.home.keep_folder", lambda path: synced.append(str(path.relative_to(tmp_path)))
    )
    with pytest.raises(Failed) if fails else nullcontext():
        async with open_home(tmp_path, nobody) as home:
            for name in ("a.jpg", "b.jpg", "Trip/c.jpg"):
                async with home.part(replace(file(), path=f"Family/2019/{name}")) as sink:
                    sink.take(RIGHT)
            assert synced == []
            fail_if(fails)
    assert sorted(synced) == [".", "Family", "Family/2019", "Family/2019/Trip"]
