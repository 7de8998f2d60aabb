"""Ready-made accounts: what they hold, that they are the same every time, and how they change."""

import hashlib
import io
import itertools
from collections import Counter
from collections.abc import Callable

import pytest
from PIL import Image as Pillow

from smugmug_simulator import Quirk, World, clips, worlds
from smugmug_simulator.content import Content, Literal, noise_photo, noise_video
from smugmug_simulator.flat import decode, encode


def joined(content: Content, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(bytes(piece) for piece in content.chunks(start, content.size if stop is None else stop))


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 52, 1000, 262_143, 262_144, 262_200, 1_048_576, 5_000_000])
@pytest.mark.parametrize("make", [noise_photo, noise_video])
def test_noise_has_the_length_and_digest_it_says(make: Callable[[int, int], Content], size: int) -> None:
    content = make(7, size)
    data = joined(content)
    assert (len(data), hashlib.md5(data).hexdigest()) == (size, content.md5)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 10), (5, 40), (15, 30), (4_194_290, 4_194_400), (4_999_960, 5_000_000), (3, 3)]
)
def test_any_slice_of_noise_equals_the_slice_of_the_whole(start: int, stop: int) -> None:
    content = noise_photo(60, 5_000_000)
    assert joined(content, start, stop) == joined(content)[start:stop]


def test_no_two_seeds_give_the_same_bytes() -> None:
    assert len({noise_photo(seed, 5000).md5 for seed in range(500)}) == 500
    starts = {joined(noise_photo(seed, 5000), 20, 60) for seed in range(61)}
    assert len(starts) == 61, "neighbours differ from the beginning on"


@pytest.mark.parametrize(
    ("name", "albums", "assets"),
    [
        ("tiny", 3, 6),
        ("family", 50, 5000),
        ("demo", 11, 304),
        ("bench", 8, 400),
        ("flat:7x9x100", 7, 63),
        ("flat:2x3", 2, 6),
    ],
)
def test_a_world_has_the_size_its_name_promises(name: str, albums: int, assets: int) -> None:
    world = worlds.make(name)
    assert (len(world.album_nodes()), world.asset_count()) == (albums, assets)


@pytest.mark.parametrize("name", ["tiny", "hostile", "flat:5x5"])
def test_the_same_seed_gives_the_same_world(name: str) -> None:
    assert list(worlds.make(name, 3).assets()) == list(worlds.make(name, 3).assets())


def test_another_seed_gives_other_keys() -> None:
    first, second = worlds.tiny(1), worlds.tiny(2)
    assert not {asset.image_key for asset in first.assets()} & {asset.image_key for asset in second.assets()}


@pytest.mark.parametrize("name", ["", "nowhere", "flat:", "flat:3", "flat:ax3"])
def test_an_unknown_world_is_a_helpful_error(name: str) -> None:
    with pytest.raises(ValueError, match="known are tiny, demo"):
        worlds.make(name)


def test_a_million_images_cost_nothing_until_they_are_looked_at() -> None:
    world = worlds.make("flat:1000x1000x4000000")
    assert world.asset_count() == 1_000_000
    last = world.images(world.album_nodes()[0].album.key)[-1]  # type: ignore[union-attr]
    assert (world.image(last.key), last.content.size) == (last, 4_000_000)
    assert decode(encode(123_456, 7)) == 123_456
    assert world.image("0000000") is None


def test_demo_photos_are_jpegs_that_open_and_know_when_they_were_taken() -> None:
    world = worlds.demo()
    for node in world.album_nodes()[:3]:
        assert node.album is not None
        image = world.images(node.album.key, 0, 1)[0]
        data = joined(image.content)
        picture = Pillow.open(io.BytesIO(data))
        assert picture.size == (image.width, image.height)
        assert image.taken is not None
        assert picture.getexif().get_ifd(0x8769)[0x9003] == image.taken.strftime("%Y:%m:%d %H:%M:%S")
        assert 50_000 < len(data) < 300_000
        assert hashlib.md5(data).hexdigest() == image.content.md5


def test_demo_videos_are_mp4s_that_are_the_same_each_time() -> None:
    world = worlds.demo()
    images = itertools.chain.from_iterable(world.images(node.album.key) for node in world.album_nodes() if node.album)
    videos = [image for image in images if image.is_video]
    assert len(videos) == 4
    data = joined(videos[0].content)
    assert data[4:12] == b"ftypisom"
    assert b"av01" in data
    assert b"vide" in data
    clips._mp4.cache_clear()
    assert joined(videos[0].content) == data


def test_the_hostile_world_has_every_trap() -> None:
    world = worlds.hostile()
    assets = [asset for asset in world.assets() if not asset.component]
    names = [asset.file_name for asset in assets]
    assert {"", "..", "_album.json", "CON.jpg", "cafe\u0301.jpg", "caf\u00e9.jpg", "a.mov", "a.mp4"} <= set(names)
    assert max(len(name.encode()) for name in names) > 300
    assert Counter((asset.album_key, asset.file_name) for asset in assets).most_common(1)[0][1] == 2
    assert (
        Counter((asset.folders, asset.album) for asset in assets if asset.folders == ("Same",))[("Same",), "Duplicate"]
        == 4
    )
    assert max(len(asset.folders) for asset in assets) == 7
    assert {asset.reason for asset in assets if not asset.obtainable} == {
        "deleted", "no original offered", "Preprocess", "CanNotProcess",
    }  # fmt: skip
    assert sum(asset.file_name == "collected.jpg" for asset in assets) == 2
    assert {node.type for node in world.nodes.values()} == {"Folder", "Album", "Page", "System Album"}
    quirks = {
        quirk
        for node in world.album_nodes()
        if node.album
        for image in world.images(node.album.key)
        for quirk in image.quirks
    }
    assert quirks >= set(Quirk) - {Quirk.NO_VIDEO_MD5, Quirk.NO_VIDEO_SIZE}


def test_the_long_album_can_be_as_long_as_the_longest_seen() -> None:
    world = worlds.hostile(long_album=5001)
    key = next(node.album.key for node in world.album_nodes() if node.album and node.name == "Long album")
    assert world.image_count(key) == 5001


@pytest.fixture
def small() -> tuple[World, str, str]:
    world = World("mine")
    album = world.add_album("One", world.add_folder("Shelf"))
    return world, album, world.add_image(album, "a.jpg", Literal(b"first"))


def test_a_replaced_image_has_new_bytes_and_the_next_serial(small: tuple[World, str, str]) -> None:
    world, album, key = small
    before, noticed = world.image(key), world.album(album)
    after = world.replace_image(key, Literal(b"second"))
    assert before is not None
    assert (after.serial, after.uploaded, after.content.size) == (1, before.uploaded, 6)
    assert after.content.md5 != before.content.md5
    assert world.album(album) == noticed, "whether the album notices is unknown, so by default it does not"
    assert [asset.serial for asset in world.assets()] == [1]


def test_whether_the_album_notices_a_replacement_is_a_switch(small: tuple[World, str, str]) -> None:
    world, album, key = small
    world.clock = worlds.tiny().clock
    moment = world.clock()
    world.clock = lambda: moment.replace(year=2030)
    world.replace_image(key, touch_album=True)
    node = world.album(album)
    assert node is not None
    assert node.album is not None
    assert (node.album.images_updated.year, node.modified.year != 2030) == (2030, True)


def test_a_caption_changes_words_only(small: tuple[World, str, str]) -> None:
    world, _, key = small
    before = world.image(key)
    world.set_caption(key, "new")
    after = world.image(key)
    assert before is not None
    assert after is not None
    assert (after.caption, after.serial, after.content) == ("new", 0, before.content)


def test_renaming_and_moving_change_paths_and_keys_stay(small: tuple[World, str, str]) -> None:
    world, album, key = small
    world.rename_album(album, "Zwei & mehr")
    node = world.album(album)
    assert node is not None
    assert (node.name, world.url_path(node)) == ("Zwei & mehr", "/Shelf/Zwei-mehr")
    world.rename_folder(str(node.parent), "Rack")
    assert next(world.assets()).folders == ("Rack",)
    world.move_album(album, world.root)
    moved = world.album(album)
    assert moved is not None
    assert (world.url_path(moved), next(world.assets()).image_key) == ("/Zwei-mehr", key)


def test_deleting_an_image_takes_it_out_of_every_album(small: tuple[World, str, str]) -> None:
    world, _, key = small
    world.collect_image(world.add_album("Two"), key)
    assert len(list(world.assets())) == 2
    world.delete_image(key)
    assert (list(world.assets()), world.image(key)) == ([], None)


def test_siblings_get_url_names_of_their_own(small: tuple[World, str, str]) -> None:
    world, _, _ = small
    paths = []
    for name in ("Same", "Same", "same", "写真", ""):
        node = world.album(world.add_album(name))
        assert node is not None
        paths.append(world.url_path(node))
    assert paths == ["/Same", "/Same-2", "/Same-3", "/Gallery", "/Gallery-2"]


def test_a_computed_image_can_be_changed_like_any_other() -> None:
    world = worlds.flat(2, 3, 100)
    first, *rest = [asset.image_key for asset in world.assets()]
    world.set_caption(first, "kept now")
    world.delete_image(rest[0])
    assert [asset.image_key for asset in world.assets()] == [first, *rest[1:]]
    image = world.image(first)
    assert image is not None
    assert (image.caption, world.image(rest[0])) == ("kept now", None)
