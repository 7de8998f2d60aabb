"""A difficult account goes to a bucket and comes home: every name, byte, time and caption is that of the source."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smug2s3.rules.xmp import Naming
from smugmug_simulator import Simulator, World
from smugmug_simulator.hostile import hostile
from smugmug_simulator.model import Image
from tests.support.bucket import PREFIX, SIDECAR, Bucket
from tests.support.debian import TO_GET_EXIFTOOL, installed
from tests.support.home import files, seconds, stored, zipped, zipped_seconds
from tests.support.wired import Wired

PLAIN = re.compile(r"(?!con\b|aux\b)[a-z0-9]([\w -]*\w)?(\.jpe?g)?", re.ASCII | re.IGNORECASE)
"""A name that every disk takes as it is."""
SHARED = {"Both"}
"""The name of a folder and of an album beside it."""


@dataclass(frozen=True, slots=True)
class Original:
    """One file as SmugMug has it, to be found at home."""

    names: tuple[str, ...]
    """Its folders, its album and its own, on SmugMug."""
    md5: str
    second: int
    words: tuple[str, str, frozenset[str]]
    """Title, caption and keywords, bare; SmugMug's own list of them separates them by semicolons."""


def originals(world: World) -> Iterator[tuple[str, Original]]:
    """Everything that can be had, each with its album's and its own keys."""
    for asset in world.assets():
        image = world.image(asset.image_key)
        if image is not None and asset.obtainable:
            names = (*asset.folders, asset.album, asset.file_name)
            words = (
                bare(image.title),
                bare(image.caption),
                frozenset(filter(None, map(bare, ";".join(image.keywords).split(";")))),
            )
            yield f"{asset.album_key} {image.key} {asset.component}", Original(names, asset.md5, _second(image), words)


def plain(source: Mapping[str, Original]) -> dict[str, str]:
    """The paths of those whose names nothing else has, and nothing forbids."""
    albums = Counter(
        tuple(map(str.casefold, one.names[:-1])) for one in {key[:6]: one for key, one in source.items()}.values()
    )
    files = Counter("/".join(one.names).casefold() for one in source.values())
    return {
        key: path
        for key, one in source.items()
        if files[(path := "/".join(one.names)).casefold()] == 1 == albums[tuple(map(str.casefold, one.names[:-1]))]
        if all(map(PLAIN.fullmatch, one.names)) and SHARED.isdisjoint(one.names)
    }


def _second(image: Image) -> int:
    """A camera's clock shows the time of where it was; a video's is UTC, as are uploads."""
    if image.taken is None or image.is_video:
        return int((image.taken or image.uploaded).timestamp())
    return int(image.taken.replace(tzinfo=None).timestamp())


def bare(text: str) -> str:
    """What is left of a text in any form: no tags, no spaces, nothing invisible."""
    visible = "".join(sign for sign in html.unescape(re.sub(r"</?\w[^<>]*>", "", text)) if sign.isprintable())
    return "".join(visible.split())


def places(bucket: Bucket) -> dict[str, str]:
    """The path of each file in the bucket by its album's and its own key."""
    found: dict[str, str] = {}
    for key, path in bucket.files().items():
        if key.endswith(f"/{SIDECAR}"):
            document = json.loads(path.read_bytes())
            for item in document["items"]:
                if item["key"]:
                    component = item.get("component", {}).get("ComponentKey", "")
                    name = f"{document['album']['AlbumKey']} {item['image']['ImageKey']} {component}"
                    found[name] = item["key"].removeprefix(PREFIX)
    return found


def spoken(home: Path, described: Collection[str]) -> dict[str, tuple[str, str, frozenset[str]]]:
    """What ExifTool reads of the sidecar of each of these files; it must find nothing wrong with any."""
    if not installed("libimage-exiftool-perl", lambda: shutil.which("exiftool")):
        pytest.skip(f"no ExifTool was found: {TO_GET_EXIFTOOL}")
    options = ("-m", "-validate", "-warning", "-a", "-j", "-Title", "-Description", "-Subject")
    listed = "".join(f"./{path}.xmp\n" for path in described).encode()
    ran = subprocess.run(["exiftool", *options, "-@", "-"], cwd=home, input=listed, capture_output=True, check=True)
    found: dict[str, tuple[str, str, frozenset[str]]] = {}
    for one in json.loads(ran.stdout):
        assert (one["Validate"], one.get("Warning")) == ("OK", None)
        path = one["SourceFile"].removeprefix("./").removesuffix(".xmp")
        found[path] = bare(_text(one, "Title")), bare(_text(one, "Description")), _words(one.get("Subject", []))
    return found


def _text(one: Mapping[str, Any], name: str) -> str:
    return str(one.get(name, ""))


def _words(found: Any) -> frozenset[str]:
    """ExifTool gives a single keyword, or one that looks like a number, as such."""
    return frozenset(bare(str(word)) for word in (found if isinstance(found, list) else [found]))


def unpacked(zips: Path, to: Path) -> Path:
    """The sidecars in every ZIP, as files."""
    for path in zips.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            directory = to / path.relative_to(zips).with_suffix("")
            archive.extractall(directory, [name for name in archive.namelist() if name.endswith(".xmp")])
    return to


def without(described: Collection[str], found: Mapping[str, str]) -> dict[str, str]:
    """What was found but for sidecars; an XMP file in SmugMug Source is none."""
    sidecars = {f"{path}.xmp" for path in described}
    return {path: md5 for path, md5 in found.items() if path not in sidecars}


def is_xmp(original: Original) -> bool:
    """Whether it is a sidecar of the owner's own, which has none."""
    return original.names[-1].endswith(".xmp")


async def test_everything_comes_home_with_the_ledger_without_it_and_as_zips(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(hostile(long_album=12)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
    source, where, whole = dict(originals(sim.world)), places(bucket), stored(bucket)
    by_ledger, alone, zips = tmp_path / "by ledger", tmp_path / "alone", tmp_path / "zips"

    first = await wired.get(by_ledger)
    assert (first.copied, first.failed, first.renamed, first.problems) == (len(source), 0, 0, [])
    assert first.bytes == sum(path.stat().st_size for path in by_ledger.rglob("*") if path.is_file())
    again = await wired.get(by_ledger)
    assert (again.copied, again.skipped) == (0, first.copied)
    archives = await wired.get(zips, zip=True, xmp=Naming.FULL)
    assert archives.zips == len({path.rpartition("/")[0] for path in whole})
    assert (await wired.get(zips, zip=True, xmp=Naming.FULL)).zips == 0

    wired.ledger.unlink()
    second = await wired.get(alone, xmp=Naming.FULL)
    words = {where[key]: original.words for key, original in source.items() if not is_xmp(original)}
    assert (second.copied, second.lacking, second.sidecars) == (first.copied, first.lacking, len(words))
    last = await wired.get(alone, xmp=Naming.FULL)
    assert (last.copied, last.skipped, last.sidecars) == (0, len(source), 0)

    # Names and bytes.
    expected = {where[key]: original.md5 for key, original in source.items()}
    assert files(by_ledger) == without(words, files(alone)) == without(words, zipped(zips)) == expected == whole
    assert len(plain(source)) > 150
    assert {key: where[key] for key in plain(source)} == plain(source)
    # Times.
    times = {where[key]: original.second for key, original in source.items()}
    for found in (seconds(by_ledger), seconds(alone), zipped_seconds(zips)):
        assert {path: found[path] for path in times} == times
    # Words.
    assert spoken(alone, words) == spoken(unpacked(zips, tmp_path / "unpacked"), words) == words
