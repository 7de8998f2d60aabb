"""Sidecars are read whole by ExifTool and by Exiv2, which most programs use: every property, in every script."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import exiv2
import pytest

from smug2s3.models import Asset, Position
from smug2s3.rules.xmp import render
from tests.support.debian import TO_GET_EXIFTOOL, installed
from tests.unit.samples import asset

ALBUM = ("Famille & Freunde", "2019/20")
SCRIPTS = "Ünïcode Ελληνικά Русский עברית العربية हिन्दी ไทย 京都の桜 한국어 😀👨‍👩‍👧 ]]> <&>'\""
FILES: dict[str, Asset] = {
    "plain": asset(title="Tree", caption="Grandma's tree", keywords=("tree", "snow"), taken="2019-12-24T18:00:00"),
    "scripts": asset(title=SCRIPTS, caption=f"{SCRIPTS}\nsecond line", keywords=tuple(SCRIPTS.split())),
    "html": asset(caption="<p>5 &lt; 6</p><b>bold</b>"),
    "control": asset(title="\x00a\x1b[2Jb\ufffe\ud800", caption="one\r\ntwo\rthree", keywords=("\x07", "bell\x07")),
    "many": asset(keywords=tuple(f"keyword {number}" for number in range(5_000))),
    "nowhere": asset(),
    "equator": asset(position=Position(0, 32.5, None)),
    "south": asset(position=Position(-33.8568, -151.2153, -4.0)),
    "mountain": asset(position=Position(60.731941666, 179.9999999999, 641.0)),
    "video": asset(is_video=True, taken="2019-12-24T18:00:00", title="Sea"),
}
TITLES = {"plain": "Tree", "scripts": SCRIPTS, "control": "a[2Jb", "video": "Sea"}
CAPTIONS = {
    "plain": "Grandma's tree",
    "scripts": f"{SCRIPTS}\nsecond line",
    "html": "5 < 6\nbold",
    "control": "one\ntwo\nthree",
}
WORDS = {
    "plain": ["tree", "snow"],
    "scripts": list(dict.fromkeys(SCRIPTS.split())),
    "control": ["bell"],
    "many": [f"keyword {number}" for number in range(5_000)],
}
PLACES = {
    "equator": (0, 32.5, None),
    "south": (-33.8568, -151.2153, -4),
    "mountain": (60.731941666, 180, 641),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sidecars")
    for name, one in FILES.items():
        (folder / f"{name}.jpg.xmp").write_bytes(render(one, album=ALBUM, suffix="jpg", camera=False))
    return folder


@pytest.fixture(scope="module")
def exiftool(folder: Path) -> dict[str, dict[str, Any]]:
    """What ExifTool reads of each. Where there is none and none can be installed, the run says so in red."""
    if not installed("libimage-exiftool-perl", lambda: shutil.which("exiftool")):
        pytest.skip(f"no ExifTool was found: {TO_GET_EXIFTOOL}")
    options = ("-m", "-validate", "-warning", "-a", "-G0", "-j", "-struct", "-n", "-all", "-ext", "xmp")
    ran = subprocess.run(["exiftool", *options, folder], capture_output=True, check=True)
    return {Path(one["SourceFile"]).name.partition(".")[0]: one for one in json.loads(ran.stdout)}


def tags(words: list[str], separator: str, instead: str) -> list[str]:
    """As expected of a hierarchy, where a name's own separator is another character."""
    place = separator.join(name.replace(separator, instead) for name in ("SmugMug", *ALBUM))
    return [*(word.replace(separator, instead) for word in words), place]


@pytest.mark.parametrize("name", FILES)
def test_exiftool_finds_nothing_wrong_and_reads_every_property(exiftool: dict[str, dict[str, Any]], name: str) -> None:
    found, words = exiftool[name], WORDS.get(name, [])
    assert found["ExifTool:Validate"] in (0, "0 0 0", "OK")
    assert "ExifTool:Warning" not in found
    assert found.get("XMP:Title") == TITLES.get(name)
    assert found.get("XMP:Description") == found.get("XMP:ImageDescription") == CAPTIONS.get(name)
    assert found.get("XMP:Subject", []) == (words or [])
    assert found["XMP:HierarchicalSubject"] == tags(words, "|", "/")
    assert found["XMP:TagsList"] == tags(words, "/", "|")
    assert found["XMP:SidecarForExtension"] == "jpg"
    assert found.get("XMP:DateTimeOriginal") == ("2019:12:24 18:00:00" if name == "plain" else None)


@pytest.mark.parametrize("name", FILES)
def test_exiftool_reads_the_place_within_a_few_centimetres(exiftool: dict[str, dict[str, Any]], name: str) -> None:
    found, place = exiftool[name], PLACES.get(name)
    if place is None:
        assert not [tag for tag in found if "GPS" in tag]
        return
    latitude, longitude, altitude = place
    read = [float(found[f"XMP:GPS{part}"]) for part in ("Latitude", "Longitude")]
    assert read == pytest.approx([latitude, longitude], abs=1e-6)
    heights = [abs(float(found[name])) for name in ("XMP:GPSAltitude",) if name in found]
    assert heights == ([] if altitude is None else [abs(altitude)])
    assert found.get("XMP:GPSAltitudeRef") == (None if altitude is None else int(altitude < 0))


@pytest.mark.parametrize("name", FILES)
def test_exiv2_reads_every_property(folder: Path, name: str) -> None:
    image = exiv2.ImageFactory.open(str(folder / f"{name}.jpg.xmp"))
    image.readMetadata()
    found = {one.key(): one for one in image.xmpData()}
    words = WORDS.get(name, [])

    def text(key: str) -> str | None:
        return found[key].toString().removeprefix('lang="x-default" ') if key in found else None

    def items(key: str) -> list[str]:
        return [found[key].toString(number) for number in range(found[key].count())] if key in found else []

    assert text("Xmp.dc.title") == TITLES.get(name)
    assert text("Xmp.dc.description") == text("Xmp.tiff.ImageDescription") == CAPTIONS.get(name)
    assert items("Xmp.dc.subject") == words
    assert items("Xmp.lr.hierarchicalSubject") == tags(words, "|", "/")
    assert items("Xmp.digiKam.TagsList") == tags(words, "/", "|")
    assert ("Xmp.exif.GPSLatitude" in found) is (name in PLACES)
    assert text("Xmp.exif.DateTimeOriginal") == ("2019-12-24T18:00:00" if name == "plain" else None)
