"""The commands of the guide into other programs: what they do to a folder that came home."""

from __future__ import annotations

import base64
import json
import shlex
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from smug2s3.rules.xmp import Naming
from smugmug_simulator import Simulator, World
from smugmug_simulator.content import Literal
from smugmug_simulator.model import Quirk
from tests.support.bucket import Bucket
from tests.support.debian import TO_GET_EXIFTOOL, installed
from tests.support.documents import DOCS, commands
from tests.support.wired import Wired

GUIDE = DOCS / "guides" / "other-programs.md"
TAKEN = datetime.fromisoformat("2019-07-01T10:30:00")
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010101004800480000ffdb004300"
    + "01" * 64
    + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009ffc40014100100000000000000000000000000000000ff"
    "da0008010100003f0054dfffd9"
)
"""The smallest picture that can be written to."""
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
FIRST_LIFE = (
    "-EXIF:Make=OLYMPUS",
    "-EXIF:ImageDescription=OLYMPUS DIGITAL CAMERA",
    "-EXIF:DateTimeOriginal=2001:01:01 00:00:00",
    "-EXIF:GPSLatitude=1",
    "-EXIF:GPSLatitudeRef=N",
    "-EXIF:GPSLongitude=2",
    "-EXIF:GPSLongitudeRef=E",
    "-IPTC:ObjectName=Old title",
    "-IPTC:Caption-Abstract=Old caption",
    "-IPTC:Keywords=old",
    "-IPTC:City=Zürich",
    "-XMP-dc:Description=Old caption",
)
"""What a camera and an older program wrote into a picture; the IPTC in Latin 1, as was usual."""
CAPTIONS = {
    "lake.jpg": "The <b>lake</b>\nat noon",
    "Ü 湖.JPG": "Größe Ελληνικά Русский עברית हिन्दी 京都 😀",
    "map.png": "Größe 😀",
    "dot.gif": "点",
}
WORDS = ["lake", "été", "京都", "😀"]


def shown(folder: Path) -> dict[str, Any]:
    """What ExifTool reads inside the pictures."""
    ran = subprocess.run(
        ["exiftool", "-j", "-r", "-struct", "-n", "-G0", "-all", "."], cwd=folder, capture_output=True, check=True
    )
    return {one["SourceFile"].removeprefix("./"): one for one in json.loads(ran.stdout)}


def embed(home: Path) -> None:
    """Type what the guide says."""
    for command in commands(GUIDE):
        if command.startswith(("cp ", "exiftool ")):
            ran = subprocess.run(shlex.split(command.replace("~", str(home))), check=True, capture_output=True)
            assert not ran.stderr


def with_a_life_before(folder: Path) -> bytes:
    """The smallest picture with texts and a place of its own."""
    picture = folder / "before.jpg"
    picture.write_bytes(JPEG)
    subprocess.run(["exiftool", "-q", "-overwrite_original", *FIRST_LIFE, picture], check=True)
    return picture.read_bytes()


async def test_embedding_puts_what_smugmug_says_into_the_pictures_wherever_an_older_text_stands(
    bucket: Bucket, tmp_path: Path
) -> None:
    if not installed("libimage-exiftool-perl", lambda: shutil.which("exiftool")):
        pytest.skip(f"no ExifTool was found: {TO_GET_EXIFTOOL}")
    world = World("mine")
    album = world.add_album("Summer 2019", world.add_folder("Family"))
    before = with_a_life_before(tmp_path)
    data = {"lake.jpg": JPEG + b"lake", "Ü 湖.JPG": before, "map.png": PNG, "dot.gif": GIF}
    for name, caption in CAPTIONS.items():
        world.add_image(
            album,
            name,
            Literal(data[name]),
            title="Ein Titel: 湖",
            caption=caption,
            keywords=WORDS,
            taken=TAKEN,
            latitude=-33.5,
            longitude=151.25,
            altitude=58,
            quirks=set() if data[name] is before else {Quirk.STALE_METADATA},
        )
    world.add_image(album, "untold.jpg", Literal(before + b"untold"))
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(tmp_path / "Pictures", xmp=Naming.FULL)
    times = {path.name: path.stat().st_mtime for path in (tmp_path / "Pictures").rglob("*.*")}

    embed(tmp_path)

    found = shown(tmp_path / "Embedded" / "Family" / "Summer 2019")
    for name, caption in CAPTIONS.items():
        wanted = expected(name, caption.replace("<b>", "").replace("</b>", ""))
        assert {tag: found[name].get(tag) for tag in wanted} == wanted
    assert found["Ü 湖.JPG"]["IPTC:City"] == "Zürich"
    assert (
        found["untold.jpg"].items()
        >= {
            "EXIF:ImageDescription": "OLYMPUS DIGITAL CAMERA",
            "IPTC:Caption-Abstract": "Old caption",
            "IPTC:Keywords": "old",
            "EXIF:GPSLatitude": 1,
        }.items()
    )
    assert {path.name: path.stat().st_mtime for path in (tmp_path / "Embedded").rglob("*.*")} == pytest.approx(times)


def expected(name: str, caption: str) -> dict[str, Any]:
    """What a picture says once SmugMug's texts are in it; a GIF has room for XMP only."""
    xmp = {
        "XMP:Title": "Ein Titel: 湖",
        "XMP:Description": caption,
        "XMP:Subject": WORDS,
        "XMP:HierarchicalSubject": [*WORDS, "SmugMug|Family|Summer 2019"],
    }
    if name == "dot.gif":
        return xmp
    return xmp | {
        "EXIF:ImageDescription": caption,
        # The camera's own date is the better one.
        "EXIF:DateTimeOriginal": "2001:01:01 00:00:00" if name == "Ü 湖.JPG" else "2019:07:01 10:30:00",
        "EXIF:GPSLatitude": 33.5,
        "EXIF:GPSLatitudeRef": "S",
        "EXIF:GPSLongitude": 151.25,
        "EXIF:GPSLongitudeRef": "E",
        "EXIF:GPSAltitude": 58,
        "IPTC:ObjectName": "Ein Titel: 湖",
        "IPTC:Caption-Abstract": caption,
        "IPTC:Keywords": WORDS,
    }
