"""Every tile gets the picture that costs least, the right way up; what cannot be shown costs little."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from smug2s3.viewer import making
from smugmug_simulator import Simulator, worlds
from tests.support.browsing import Answer, Archive, Visitor, browsing, drawn
from tests.support.bucket import Bucket
from tests.support.wired import Wired


def seen(answer: Answer) -> tuple[tuple[int, int], int]:
    """Width and height of a picture, and which way up it says it is."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.text
    with Image.open(io.BytesIO(answer.body)) as picture:
        picture.load()
        return picture.size, picture.getexif().get(0x112, 1)


async def test_what_is_not_small_in_the_archive_is_made_small(archive: Archive, visitor: Visitor) -> None:
    found = {
        name: seen(await visitor.get(archive.to("small", name)))
        for name in ("camera.jpg", "tiny inside.jpg", "large.jpg", "drawing.png", "phone.heic", "scan.tif")
    }
    assert found == {
        "camera.jpg": ((160, 120), 6),  # its own preview, turned as the photo
        "tiny inside.jpg": ((48, 64), 1),  # made, since its own preview is too small
        "large.jpg": ((320, 480), 1),
        "drawing.png": ((480, 320), 1),
        "phone.heic": ((64, 48), 1),
        "scan.tif": ((373, 480), 1),
    }
    assert seen(await visitor.get(archive.to("large", "large.jpg"))) == ((1067, 1600), 1)
    assert (await visitor.get(archive.to("large", "camera.jpg"))).body == archive.bucket.path("camera.jpg").read_bytes()
    with Image.open(io.BytesIO((await visitor.get(archive.to("small", "drawing.png"))).body)) as picture:
        red, green, blue = picture.getpixel((10, 10))  # type: ignore[misc]
    assert (red > 200, green > 100, blue > 100) == (True, True, True)  # half transparent on white, not on black


async def test_what_cannot_be_made_is_the_file_itself_or_nothing(archive: Archive, visitor: Visitor) -> None:
    noise = await visitor.get(archive.to("small", "noise.jpg"))
    assert noise.body == archive.bucket.path("noise.jpg").read_bytes()
    for name in ("broken.tif", "film.mp4"):
        assert (await visitor.get(archive.to("small", name))).status == 404
        assert (await visitor.get(archive.to("large", name))).status == 404


async def test_without_pillow_the_file_itself_is_shown_where_browsers_can(
    archive: Archive, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "find_spec", lambda _name: None)
    assert (await visitor.get(archive.to("small", "drawing.png"))).body.startswith(b"\x89PNG")
    assert (await visitor.get(archive.to("large", "large.jpg"))).body.startswith(b"\xff\xd8")
    assert (await visitor.get(archive.to("small", "phone.heic"))).status == 404


async def test_pictures_are_made_once_and_kept_within_their_limit(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(f"{archive.settings.ledger_path}.previews")
    for file in folder.glob("*") if folder.exists() else ():
        file.unlink()
    count = 0

    def counted(file: io.BytesIO, edge: int) -> bytes | None:
        nonlocal count
        count += 1
        return making.made(file, edge)

    monkeypatch.setattr("smug2s3.viewer.pictures.made", counted)
    for run in (1, 2):
        async with browsing(archive.settings) as one:
            together = [one.get(archive.to("small", "large.jpg")) for _ in range(5)]
            found = await asyncio.gather(*together, one.get(archive.to("small", "broken.tif")))
            again = await one.get(archive.to("small", "broken.tif"))
            assert (len({answer.body for answer in found[:5]}), again.status) == (1, 404)
            tag = {"If-None-Match": found[0].headers["ETag"]}
            assert (await one.get(archive.to("small", "large.jpg"), headers=tag)).status == 304
        assert count == 1 + run  # the large one once, the broken one once a run
    assert [file.stat().st_mode & 0o777 for file in (folder, *folder.iterdir())] == [0o700, 0o600]


@pytest.mark.parametrize("cache", [0, 10**9])
async def test_without_a_cache_it_goes_on(cache: int, archive: Archive, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes(Path(archive.settings.ledger_path).read_bytes())
    Path(f"{ledger}.previews").write_text("a file where the folder is to be")
    async with browsing(archive.settings, changes={"ledger_path": str(ledger)}, cache=cache) as one:
        for name in ("large.jpg", "drawing.png"):
            seen(await one.get(archive.to("small", name)))
        assert len(one.notes) == bool(cache)
        assert all("pictures are not kept in" in note for note in one.notes)


async def test_smugmugs_own_previews_come_first_and_one_that_is_gone_is_no_loss(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path, {"PREVIEWS": "S,X2"})
        await wired.sync()
    there = Archive(sim.world, bucket, wired.settings)
    small, large = (bucket.path(f"_gallery/Garden/thumbnails/rose.jpg-{size}.jpg") for size in ("S", "X2"))
    still = bucket.path("MVI_0003.mp4-S.jpg")
    async with browsing(wired.settings) as one:
        assert (await one.get(there.to("small", "rose.jpg"))).body == small.read_bytes()
        assert (await one.get(there.to("large", "rose.jpg"))).body == large.read_bytes()
        assert (await one.get(there.to("small", "MVI_0003.MOV"))).body == still.read_bytes()
        small.unlink()
        await bucket.changed_from_outside()
        assert (await one.get(there.to("small", "rose.jpg"))).body == large.read_bytes()


def resized(picture: bytes, width: int, height: int) -> bytes:
    """The same file, that says to be of another size."""
    if picture.startswith(b"\x89PNG"):
        header = b"IHDR" + struct.pack(">II", width, height) + picture[24:29]
        return picture[:12] + header + struct.pack(">I", zlib.crc32(header)) + picture[33:]
    frame = max(picture.find(b"\xff\xc0"), picture.find(b"\xff\xc2"))
    return picture[: frame + 5] + struct.pack(">HH", height, width) + picture[frame + 9 :]


@pytest.mark.parametrize(
    ("picture", "size", "fits"),
    [
        (drawn("JPEG", 64, 48), (8688, 5792), True),
        (drawn("JPEG", 64, 48), (65_000, 65_000), False),
        (drawn("JPEG", 64, 48, progressive=True), (6000, 4000), True),
        (drawn("JPEG", 64, 48, progressive=True), (8688, 5792), False),
        (drawn("JPEG", 64, 48), (5792, 8688), True),
        (drawn("PNG", 64, 48), (5000, 4000), True),
        (drawn("PNG", 64, 48), (8000, 6000), False),
        (drawn("PNG", 64, 48), (200_000, 200_000), False),
    ],
)
def test_what_a_picture_will_take_is_known_before_it_is_decoded(
    picture: bytes, size: tuple[int, int], *, fits: bool
) -> None:
    for edge in (480, 1600):
        with Image.open(io.BytesIO(resized(picture, *size))) as opened:
            assert opened.size == size
            assert (making._cost(opened, edge) <= making.MOST) is fits
    if not fits:
        assert making.made(io.BytesIO(resized(picture, *size)), 480) is None


@pytest.mark.parametrize(
    ("picture", "mode"),
    [
        (drawn("JPEG", 64, 48, mode="CMYK", colour=(0, 0, 0, 255)), "RGB"),
        (drawn("GIF", 64, 48, mode="P", colour=3), "RGB"),
        (drawn("PNG", 64, 48, mode="I;16", colour=40_000), "L"),
        (drawn("PNG", 64, 48, mode="LA", colour=(10, 200)), "RGB"),
        (drawn("PNG", 64, 48, mode="1", colour=1), "RGB"),
        (drawn("WEBP", 64, 48), "RGB"),
        (drawn("TIFF", 64, 48, mode="F", colour=0.5), "RGB"),
    ],
)
def test_every_kind_of_colour_becomes_one_that_browsers_show(picture: bytes, mode: str) -> None:
    found = making.made(io.BytesIO(picture), 480)
    assert found
    with Image.open(io.BytesIO(found)) as opened:
        assert (opened.format, opened.mode, opened.size) == ("JPEG", mode, (64, 48))


def test_a_profile_of_colours_is_kept_and_one_for_print_is_not() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode, kept in (("RGB", profile), ("CMYK", None)):
        found = making.made(io.BytesIO(drawn("JPEG", 64, 48, mode=mode, colour=None, icc_profile=profile)), 480)
        assert found
        with Image.open(io.BytesIO(found)) as opened:
            assert opened.info.get("icc_profile") == kept
