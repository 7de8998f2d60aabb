"""The media host: headers, ranges, addresses with hard characters, and bytes that match their digest."""

import hashlib
import io

import pytest
from PIL import Image

from smugmug_simulator import Simulator, worlds
from smugmug_simulator.clips import Clip
from smugmug_simulator.pictures import Picture

from .asker import Asker


async def test_the_archived_file_comes_with_the_headers_of_the_real_host(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    answer = await tiny.send("GET", image["ArchivedUri"], {})
    assert hashlib.md5(answer.body).hexdigest() == image["ArchivedMD5"]
    assert answer.headers["ETag"] == f'"{image["ArchivedMD5"]}"'
    assert answer.headers["Content-Length"] == str(image["ArchivedSize"])
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, s-maxage=0"
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert "Accept-Ranges" not in answer.headers
    assert "X-RateLimit-Remaining" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        pytest.param("bytes=0-99", 206, 0, 100, id="the beginning"),
        pytest.param("bytes=100-", 206, 100, None, id="from a place on"),
        pytest.param("bytes=-100", 206, -100, None, id="the end"),
        pytest.param("bytes=10-999999999", 206, 10, None, id="more than there is"),
        pytest.param("bytes=0-1,5-6", 200, 0, None, id="two ranges"),
        pytest.param("lines=1-2", 200, 0, None, id="another unit"),
    ],
)
async def test_a_range_is_206_with_exactly_those_bytes(
    tiny: Asker, asked: str, status: int, first: int, last: int | None
) -> None:
    image = await tiny.image("rose.jpg")
    whole = (await tiny.send("GET", image["ArchivedUri"], {})).body
    part = await tiny.send("GET", image["ArchivedUri"], {"Range": asked})
    assert (part.status, part.body) == (status, whole[first:last])
    if status == 206:
        start = first % len(whole)
        assert part.headers["Content-Range"] == f"bytes {start}-{start + len(part.body) - 1}/{len(whole)}"


async def test_a_range_beyond_the_end_is_416(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    answer = await tiny.send("GET", image["ArchivedUri"], {"Range": "bytes=99999999-"})
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{image['ArchivedSize']}")


async def test_if_none_match_is_ignored(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    answer = await tiny.send("GET", image["ArchivedUri"], {"If-None-Match": f'"{image["ArchivedMD5"]}"'})
    assert (answer.status, len(answer.body)) == (200, image["ArchivedSize"])


async def test_the_hash_in_the_path_is_not_checked(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    parts = image["ArchivedUri"].split("/")
    parts[-3] = "x" * 40
    answer = await tiny.send("GET", "/".join(parts), {})
    assert hashlib.md5(answer.body).hexdigest() == image["ArchivedMD5"]


async def test_an_unknown_key_is_404_in_html(tiny: Asker) -> None:
    answer = await tiny.send("GET", f"{tiny.sim.origin}/Garden/i-nobody/0/hash/D/rose-D.jpg", {})
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_hard_characters_stay_escaped_and_are_covered_by_the_signature(tiny: Asker) -> None:
    url = (await tiny.image("scan & copy 'A'~é!.jpg"))["ArchivedUri"]
    assert url.endswith("/D/scan%20%26%20copy%20%27A%27%7E%C3%A9%21-D.jpg")
    assert (await tiny.get(url)).status == 200
    requoted = url.replace("%21", "!").replace("%27", "'").replace("%7E", "~")
    answer = await tiny.send("GET", requoted, {"Authorization": tiny.authorization("GET", url)})
    assert (answer.status, answer.body) == (401, b"oauth_problem=signature_invalid")


async def test_parentheses_are_escaped_too(tiny: Asker) -> None:
    assert (await tiny.image("tulip (2).jpg"))["ArchivedUri"].endswith("/tulip%20%282%29-D.jpg")


async def test_albums_that_are_not_public_do_not_name_the_file(hostile: Asker) -> None:
    image = await hostile.image("unlisted.jpg")
    assert "/photos/i-" in image["ArchivedUri"]
    assert "unlisted" not in image["ArchivedUri"]


async def test_a_video_is_its_still_at_archived_uri_and_itself_at_largest_video(hostile: Asker) -> None:
    video = await hostile.image("clip.MOV")
    largest = (await hostile.get(video["Uris"]["LargestVideo"])).thing
    still = await hostile.get(video["ArchivedUri"])
    assert still.body.startswith(b"\xff\xd8\xff")
    assert len(still.body) == video["ArchivedSize"]
    movie = await hostile.get(largest["Url"])
    assert movie.body[4:8] == b"ftyp"
    assert hashlib.md5(movie.body).hexdigest() == largest["MD5"]
    assert (movie.headers["Content-Type"], movie.headers["Cache-Control"].split(",")[0]) == ("video/mp4", "public")
    assert (await hostile.get(largest["Url"], headers={"Range": "bytes=5-9"})).body == movie.body[5:10]


async def test_every_size_of_the_details_can_be_fetched(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    sizes = (await tiny.get(image["Uris"]["ImageSizeDetails"])).thing
    assert sizes["UsableSizes"][-1] == "ImageSizeOriginal"
    for name in sizes["UsableSizes"]:
        answer = await tiny.get(sizes[name]["Url"])
        assert answer.status == 200
        assert sizes[name].get("Size", len(answer.body)) == len(answer.body)


async def test_reduced_pictures_are_made_from_the_original_and_never_larger(tiny: Asker) -> None:
    world = tiny.sim.world
    world.add_image(
        tiny.album_key("Garden"), "painted.jpg", Picture(3, "Painted", None, 900, 600), width=900, height=600
    )
    clip = Clip(4, "Clip", frames=2, width=320, height=180)
    world.add_image(tiny.album_key("Garden"), "clip.mp4", clip, is_video=True, format="MP4", width=320, height=180)
    found = dict[str, dict[str, tuple[int, int]]]()
    for name in ("painted.jpg", "clip.mp4"):
        sizes = (await tiny.get((await tiny.image(name))["Uris"]["ImageSizeDetails"])).thing
        reduced = [
            size for size in sizes["UsableSizes"] if size.startswith("ImageSize") and size != "ImageSizeOriginal"
        ]
        found[name] = {}
        for size in reduced:
            with Image.open(io.BytesIO((await tiny.get(sizes[size]["Url"])).body)) as image:
                assert (image.format, image.size) == ("JPEG", (sizes[size]["Width"], sizes[size]["Height"]))
                found[name][size.removeprefix("ImageSize")] = image.size
    square = {"Tiny": (100, 100), "Thumb": (150, 150)}
    assert found["painted.jpg"] == square | {"Small": (400, 267), "Medium": (600, 400), "Large": (800, 533)}
    assert found["clip.mp4"] == square


async def test_zero_and_one_byte_files_arrive(hostile: Asker) -> None:
    for name, body in (("zero-bytes.jpg", b""), ("one-byte.jpg", b"\xff")):
        answer = await hostile.get((await hostile.image(name))["ArchivedUri"])
        assert (answer.status, answer.body) == (200, body)


async def test_all_that_is_obtainable_is_served_byte_for_byte(hostile: Asker) -> None:
    truth = {asset.image_key: asset for asset in hostile.sim.world.assets() if asset.obtainable and not asset.component}
    for node in hostile.sim.world.album_nodes():
        assert node.album is not None
        query = "_expand=LargestVideo,ImageSizeDetails&_verbosity=1&count=1000"
        body = (await hostile.get(f"/api/v2/album/{node.album.key}!images?{query}")).json()
        for image in body["Response"].get("AlbumImage", ()):
            uris, expansions = image["Uris"], body.get("Expansions", {})
            if image["IsVideo"]:
                url = expansions.get(uris["LargestVideo"], {}).get("LargestVideo", {}).get("Url")
            else:
                original = (
                    expansions.get(uris["ImageSizeDetails"], {})
                    .get("ImageSizeDetails", {})
                    .get("ImageSizeOriginal", {})
                )
                url = image.get("ArchivedUri") or original.get("Url")
            if asset := truth.pop(image["ImageKey"], None):
                assert hashlib.md5((await hostile.get(url)).body).hexdigest() == asset.md5, asset
    assert not truth


async def test_head_has_the_length_but_no_body(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    answer = await tiny.send("HEAD", image["ArchivedUri"], {})
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, str(image["ArchivedSize"]), b"")


async def test_large_files_are_streamed(session: object) -> None:
    import aiohttp

    assert isinstance(session, aiohttp.ClientSession)
    async with Simulator(worlds.video(size=20_000_000)) as sim:
        asker = Asker(sim, session)
        video = await asker.image("wedding.mov")
        largest = (await asker.get(video["Uris"]["LargestVideo"])).thing
        answer = await asker.get(largest["Url"])
        assert hashlib.md5(answer.body).hexdigest() == largest["MD5"]
        assert len(answer.body) == 20_000_000
        tail = await asker.get(largest["Url"], headers={"Range": "bytes=19999990-"})
        assert tail.body == answer.body[-10:]
