"""What is kept beside the bytes: object metadata, and `_album.json` with everything SmugMug knows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.model import Node
from tests.support.bucket import PREFIX, SIDECAR, Bucket, md5_of
from tests.support.quick import Pair

TEXTS = {
    "german": "Größe über alles: „schöne“ Grüße",
    "japanese": "夏の思い出、海と空",
    "arabic": "صيف جميل في الجبال",
    "emoji": "🏖️ with 👨‍👩‍👧 and 🇨🇭",
    "lines": "first\nsecond\r\nthird\ttab",
    "quotes": "\"double\" 'single' \\backslash\\ =?UTF-8?B?eA==?=",
    "html": "<b>Tom &amp; Jerry</b>\r\nX-Evil: 1",
    "controls": "nul\x00 bell\x07 line\u2028sep",
    "long": "Eine lange Geschichte · 長い話 · длинная. " * 250,
}


@pytest.fixture
async def hostile(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The hostile account with a shorter long album, moved."""
    async with Simulator(worlds.hostile(long_album=120)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        await pair.sync()
        yield pair


def albums(pair: Pair) -> dict[str, dict[str, Any]]:
    """Every `_album.json` in the bucket by the key of its album."""
    documents = [
        json.loads(path.read_bytes()) for key, path in pair.bucket.files().items() if key.endswith(f"/{SIDECAR}")
    ]
    return {document["album"]["AlbumKey"]: document for document in documents}


def key_of(node: Node) -> str:
    """An album node's album key."""
    assert node.album is not None
    return node.album.key


async def test_every_album_has_a_file_that_lists_its_items_in_gallery_order_with_their_keys(hostile: Pair) -> None:
    world, documents, files = hostile.sim.world, albums(hostile), hostile.bucket.files()

    expected = {key_of(node): node for node in world.nodes.values() if node.album is not None}
    assert documents.keys() == expected.keys()
    for album_key, node in expected.items():
        document = documents[album_key]
        assert document["album"]["Name"] == node.name
        images = world.images(album_key)
        items = [item for item in document["items"] if "component" not in item]
        listed = [item["image"]["ImageKey"] for item in items]
        if node.name.startswith("Changes while"):
            assert sorted(listed) == sorted(image.key for image in images)
        else:
            assert listed == [image.key for image in images]
        for item in items:
            image = world.image(item["image"]["ImageKey"])
            assert image is not None
            assert item["image"]["Caption"] == image.caption
            assert item["image"]["FileName"] == image.file_name
            if not image.unobtainable:
                assert md5_of(files[item["key"]]) == image.content.md5


async def test_every_line_of_the_file_can_be_read_alone(hostile: Pair) -> None:
    text = hostile.bucket.path(f"Videos/{SIDECAR}").read_text("utf-8")

    items = [json.loads(line.rstrip(",")) for line in text.splitlines() if line.startswith('{"key"')]

    assert [item["image"]["FileName"] for item in items if "component" not in item] == [
        "clip.MOV", "a.mov", "a.mp4", "old.AVI", "unsized.mp4", "processing.mov", "cannot.mov",
    ]  # fmt: skip
    assert [item["component"]["FileName"] for item in items if "component" in item] == ["clip.MOV", "cannot.MOV"]
    assert "CanNotProcess" in items[-2]["unavailable"]
    assert items[-2]["key"] is None
    assert items[0]["video"]["Ext"].lower() == "mp4"


@pytest.mark.parametrize("name", TEXTS)
async def test_texts_of_every_kind_survive_in_the_albums_own_file_and_as_far_as_they_fit_at_the_object(
    bucket: Bucket, tmp_path: Path, name: str
) -> None:
    text = TEXTS[name]
    world = World("mine")
    album = world.add_album(f"Album {text[:30]}", description=text)
    world.add_image(
        album, "a.jpg", title=text[:60], caption=text, keywords=("one", text[:40].strip().replace(";", ","))
    )
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 1
        pair.assert_complete()
        (document,) = albums(pair).values()
        assert document["items"][0]["image"]["Caption"] == text
        assert document["album"]["Description"] == text
        (key,) = bucket.media()
        metadata = await bucket.metadata(key)
        if name == "long":
            assert text.startswith(metadata["caption"])
            assert len(metadata["caption"]) > 100
            assert metadata["metadata-truncated"] == "true"
        else:
            assert (metadata["caption"], metadata["title"]) == (text, text[:60])
            assert "metadata-truncated" not in metadata
        assert (await pair.sync(full=True)).described == 0


async def test_an_object_names_its_origin(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        await pair.sync()
        lake = next(one for one in sim.world.assets() if one.file_name == "IMG_0001.JPG")

        metadata = await bucket.metadata(f"{PREFIX}Family/Summer 2019/IMG_0001.JPG")

        assert metadata == {
            "caption": "The lake",
            "date": "2019-07-01T10:30:00",
            "filename": "IMG_0001.JPG",
            "format": "JPG",
            "keywords": "lake; summer",
            "watermarked": "false",
            "hidden": "false",
            "original-md5": lake.md5,
            "original-size": str(lake.size),
            "image-key": lake.image_key,
            "album-key": lake.album_key,
            "serial": "0",
            "source": "original",
            "content-type": "image/jpeg",
        }


async def test_the_folders_of_an_album_are_described_in_its_file(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    outer = world.add_folder("Outer", description="the outer one")
    world.add_album("Album", world.add_folder("Inner", outer))
    async with Simulator(world) as sim:
        await Pair(sim, bucket, tmp_path / "ledger.db").sync()

        document = bucket.album("Outer/Inner/Album")
        assert [folder["Name"] for folder in document["folders"]] == ["Outer", "Inner"]
        assert document["folders"][0]["Description"] == "the outer one"
        assert document["node"]["Name"] == "Album"


async def test_no_secret_is_kept(hostile: Pair) -> None:
    for key, path in hostile.bucket.files().items():
        if key.endswith(SIDECAR):
            text = path.read_text("utf-8")
            assert not [secret for secret in (hostile.sim.token, hostile.sim.token_secret) if secret in text]
