"""What is chosen comes as a ZIP while it is read; whatever is wrong in the bucket is not in it, and is named."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smug2s3.viewer import zipping
from tests.support.browsing import FILM, Answer, Archive, Visitor, browsing
from tests.support.home import md5


async def zipped(visitor: Visitor, *fields: tuple[str, str]) -> Answer:
    """What the form is answered with."""
    return await visitor.get("/zip", "POST", data=fields)


def inside(answer: Answer, tmp_path: Path) -> dict[str, bytes]:
    """Every file by its name; `unzip` agrees, where it can be had."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip"), answer.text
    path = tmp_path / "found.zip"
    path.write_bytes(answer.body)
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", path], check=True)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        return {name: archive.read(name) for name in archive.namelist()}


async def test_an_album_comes_whole_with_names_and_times(archive: Archive, visitor: Visitor, tmp_path: Path) -> None:
    answer = await zipped(visitor, ("all", archive.album("camera.jpg")), ("item", "else/where"))
    found = inside(answer, tmp_path)

    stored = (archive.bucket.folder / archive.settings.prefix / "To look at" / "Pictures").iterdir()
    assert found == {path.name: path.read_bytes() for path in stored if path.name != "_album.json"}
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Pictures.zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as opened:
        assert all(len(entry.extra) >= 9 for entry in opened.infolist())


async def test_a_choice_from_several_albums_keeps_them_apart_whatever_they_are_called(
    archive: Archive, visitor: Visitor, tmp_path: Path
) -> None:
    albums = {one.album_key for one in archive.world.assets()}
    pages = [await visitor.page(f"/album/{key}") for key in sorted(albums)]
    chosen = [value for page in pages for value in page.split('name="item" value="')[1:]]
    fields = [("item", value.partition('"')[0]) for value in chosen]
    found = inside(await zipped(visitor, *fields, fields[0]), tmp_path)

    media = archive.bucket.media()
    assert len(found) == len(fields)
    assert {md5(body) for body in found.values()} <= set(media.values())
    assert len({name.casefold() for name in found}) == len(found)
    assert not any(name.startswith("/") or ".." in name.split("/") or "\\" in name for name in found)
    assert all("/" in name for name in found)


@contextmanager
def changed(path: Path, body: bytes | None) -> Iterator[None]:
    """Another program's doing, which is undone."""
    before = path.read_bytes()
    path.unlink() if body is None else path.write_bytes(body)
    try:
        yield
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("whole", [10**9, 0])
async def test_what_is_wrong_or_gone_in_the_bucket_is_named_instead(
    whole: int, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipping, "WHOLE", whole)
    monkeypatch.setattr("smug2s3.viewer.reading.FIRST_WAIT", 0.001)
    flipped = bytearray(archive.bucket.path("scan.tif").read_bytes())
    flipped[-1] ^= 1
    short = archive.bucket.path("large.jpg").read_bytes()[:-9]
    async with browsing(archive.settings, changes=archive.in_a_folder) as one:
        with (
            changed(archive.bucket.path("scan.tif"), bytes(flipped)),
            changed(archive.bucket.path("large.jpg"), short),
            changed(archive.bucket.path("phone.heic"), None),
        ):
            found = inside(await zipped(one, ("all", archive.album("camera.jpg"))), tmp_path)

    said = found.pop("not-complete.txt").decode()
    assert {"scan.tif", "large.jpg", "phone.heic"}.isdisjoint(found)
    assert {"camera.jpg", "drawing.png", FILM} <= found.keys()
    assert [name for name in ("scan.tif: ", "large.jpg: ", "phone.heic: ") if name not in said] == []
    assert "camera.jpg" not in said


async def test_odd_forms_are_refused_and_large_ones_are_not_read(visitor: Visitor) -> None:
    for fields in ([], [("item", "a/b")], [("item", "")], [("all", "nothing")], [("all", "")]):
        assert (await zipped(visitor, *fields)).status == 404
    too_many = [("item", f"a/{number}") for number in range(1001)]
    assert (await zipped(visitor, *too_many)).status in (404, 413)
    huge = await visitor.get("/zip", "POST", data={"item": "x" * 300_000})
    assert huge.status == 413
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        assert (await visitor.get("/zip", "POST", data=b"--x--", headers={"Content-Type": kind})).status == 415


async def test_more_zips_than_two_wait_for_their_turn(archive: Archive, visitor: Visitor) -> None:
    album = archive.album("camera.jpg")
    answers = await asyncio.gather(*(zipped(visitor, ("all", album)) for _ in range(5)))
    assert len({answer.body for answer in answers}) == 1
