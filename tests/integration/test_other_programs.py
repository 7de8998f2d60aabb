"""The commands of the guide into other programs: what they do to a folder that came home."""

from __future__ import annotations

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


def shown(folder: Path) -> dict[str, Any]:
    """What ExifTool reads inside the pictures."""
    ran = subprocess.run(
        ["exiftool", "-j", "-r", "-struct", "-G0", "-all", "."], cwd=folder, capture_output=True, check=True
    )
    return {one["SourceFile"].removeprefix("./"): one for one in json.loads(ran.stdout)}


def embed(home: Path) -> None:
    """Type what the guide says."""
    for command in commands(GUIDE):
        if command.startswith(("cp ", "exiftool ")):
            subprocess.run(shlex.split(command.replace("~", str(home))), check=True, capture_output=True)


async def test_embedding_puts_title_caption_keywords_and_album_into_the_pictures(
    bucket: Bucket, tmp_path: Path
) -> None:
    if not installed("libimage-exiftool-perl", lambda: shutil.which("exiftool")):
        pytest.skip(f"no ExifTool was found: {TO_GET_EXIFTOOL}")
    world = World("mine")
    album = world.add_album("Summer 2019", world.add_folder("Family"))
    for name, caption in (("lake.jpg", "The <b>lake</b>\nat noon"), ("Ü 湖.JPG", "Größe 😀")):
        data = Literal(JPEG + name.encode())
        world.add_image(album, name, data, title="A title", caption=caption, keywords=("lake", "été"), taken=TAKEN)
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(tmp_path / "Pictures", xmp=Naming.FULL)
    times = {path.name: path.stat().st_mtime for path in (tmp_path / "Pictures").rglob("*.[jJ]*")}

    embed(tmp_path)

    found = shown(tmp_path / "Embedded")
    for name, caption in (("lake.jpg", "The lake\nat noon"), ("Ü 湖.JPG", "Größe 😀")):
        picture = found[f"Family/Summer 2019/{name}"]
        assert picture.items() >= {
            "XMP:Title": "A title",
            "XMP:Description": caption,
            "XMP:Subject": ["lake", "été"],
            "XMP:HierarchicalSubject": ["lake", "été", "SmugMug|Family|Summer 2019"],
        }.items()  # fmt: skip
    assert {path.name: path.stat().st_mtime for path in (tmp_path / "Embedded").rglob("*.[jJ]*")} == pytest.approx(
        times
    )
