"""Images: their one right address, their fields, and the ways they differ from the documentation."""

import hashlib
from typing import Any

import pytest

from .asker import Asker


@pytest.mark.parametrize("key", ["{key}", "{key}-7", "{key}-x"])
async def test_a_missing_or_wrong_serial_is_301_to_the_right_one(hostile: Asker, key: str) -> None:
    image = await hostile.image("edited.jpg")
    asked = key.format(key=image["ImageKey"])
    answer = await hostile.visit(f"/api/v2/image/{asked}", _expand="ImageMetadata")
    assert (answer.status, answer.headers["Cache-Control"]) == (301, "no-store")
    query = f"APIKey={hostile.sim.api_key}&_expand=ImageMetadata"
    assert answer.headers["Location"] == f"{hostile.sim.origin}/api/v2/image/{image['ImageKey']}-3?{query}"


async def test_an_album_image_has_one_right_address_too(hostile: Asker) -> None:
    image = await hostile.image("edited.jpg")
    album = hostile.album_key("Versions")
    answer = await hostile.get(f"/api/v2/album/{album}/image/{image['ImageKey']}-0")
    assert answer.headers["Location"] == f"{hostile.sim.origin}/api/v2/album/{album}/image/{image['ImageKey']}-3"


async def test_a_bare_key_is_good_enough_for_an_action(tiny: Asker) -> None:
    key = (await tiny.image("rose.jpg"))["ImageKey"]
    assert (await tiny.get(f"/api/v2/image/{key}!metadata")).status == 200


async def test_date_time_original_takes_the_wall_time_for_pacific_time(tiny: Asker) -> None:
    image = await tiny.image("IMG_0001.JPG")
    assert image["DateTimeOriginal"] == "2019-07-01T17:30:00+00:00"
    metadata = (await tiny.get(image["Uris"]["ImageMetadata"])).thing
    assert metadata["DateTimeCreated"] == "2019-07-01T10:30:00"
    assert "DateTimeOriginal" not in await tiny.image("IMG_0002.JPG")


async def test_winter_is_an_hour_further_from_utc(tiny: Asker) -> None:
    from datetime import datetime

    tiny.sim.world.add_image(tiny.album_key("Garden"), "snow.jpg", taken=datetime.fromisoformat("2021-01-15T12:00:00"))
    assert (await tiny.image("snow.jpg"))["DateTimeOriginal"] == "2021-01-15T20:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "present"),
    [
        pytest.param("twins", {"ArchivedUri", "ArchivedSize", "ArchivedMD5", "OriginalSize"}, id="usual"),
        pytest.param("no-md5.jpg", {"ArchivedUri", "ArchivedSize", "OriginalSize"}, id="no MD5"),
        pytest.param("no-size.jpg", {"ArchivedUri", "ArchivedMD5"}, id="no size"),
        pytest.param("no-md5-no-size.jpg", {"ArchivedUri"}, id="neither"),
        pytest.param("only-original-detail.jpg", {"OriginalSize"}, id="no ArchivedUri"),
    ],
)
async def test_what_is_known_of_the_archived_file_varies(hostile: Asker, name: str, present: set[str]) -> None:
    image = await hostile.image("placed.jpg" if name == "twins" else name)
    assert {key for key in image if key.startswith("Archived") or key == "OriginalSize"} == present


async def details(asker: Asker, name: str, *, full: bool = True) -> dict[str, Any]:
    image = await asker.image(name, full=full)
    ask = asker.get if full else asker.visit
    return dict((await ask(image["Uris"]["ImageSizeDetails"], _verbosity=1)).thing)


async def test_the_original_can_be_offered_in_the_size_details_alone(hostile: Asker) -> None:
    assert "/O/" in (await details(hostile, "only-original-detail.jpg"))["ImageSizeOriginal"]["Url"]
    assert "ImageSizeOriginal" not in await details(hostile, "no-original-detail.jpg")
    nothing = await details(hostile, "nothing-offered.jpg")
    assert "ImageSizeOriginal" not in nothing
    assert "ImageSizeX3Large" not in nothing
    assert nothing["UsableSizes"][0] == "ImageSizeTiny"


async def test_strangers_get_no_original_where_downloads_are_off(hostile: Asker) -> None:
    image = await hostile.image("look-only.jpg", full=False)
    assert "ArchivedUri" not in image
    assert "ImageSizeOriginal" not in await details(hostile, "look-only.jpg", full=False)
    key = hostile.album_key("No downloads")
    answer = await hostile.visit(f"/api/v2/album/{key}/image/{image['ImageKey']}-0!download", _verbosity=1)
    assert (answer.status, answer.thing) == (200, None)
    assert answer.response["Locator"] == "AlbumImageDownload"


async def test_a_video_shows_a_still_as_its_archived_file(hostile: Asker) -> None:
    video = await hostile.image("clip.MOV")
    assert (video["IsVideo"], video["Format"]) == (True, "MP4")
    assert video["ArchivedUri"].endswith("-D.jpg")
    largest = (await hostile.get(video["Uris"]["LargestVideo"])).thing
    truth = next(asset for asset in hostile.sim.world.assets() if asset.file_name == "clip.MOV")
    assert (largest["Size"], largest["MD5"], largest["Ext"]) == (truth.size, truth.md5, "mp4")
    assert video["ArchivedSize"] != truth.size


@pytest.mark.parametrize(
    ("name", "absent"),
    [("old.AVI", {"MD5"}), ("unsized.mp4", {"MD5", "Size"}), ("a.mp4", set())],
)
async def test_a_rendition_may_lack_size_or_md5(hostile: Asker, name: str, absent: set[str]) -> None:
    video = await hostile.image(name)
    largest = (await hostile.get(video["Uris"]["LargestVideo"])).thing
    assert {"MD5", "Size"} - set(largest) == absent


async def test_largest_video_honours_max_size_and_each_width_has_its_address(hostile: Asker) -> None:
    video = await hostile.image("clip.MOV")
    small = (await hostile.get(video["Uris"]["LargestVideo"], MaxSize=700)).thing
    assert small["Width"] == 640
    sized = await hostile.get(f"/api/v2/video/{video['ImageKey']}-0!size640")
    assert (sized.response["Locator"], sized.thing["Url"]) == ("VideoSize640", small["Url"])
    assert (await hostile.get(f"/api/v2/video/{video['ImageKey']}-0!size1920")).thing is None


@pytest.mark.parametrize(("name", "sub_status"), [("processing.mov", "NFS"), ("cannot.mov", "CanNotProcess")])
async def test_a_video_without_rendition_is_404_and_leaves_no_expansion(
    hostile: Asker, name: str, sub_status: str
) -> None:
    video = await hostile.image(name)
    assert (video["Processing"], video["Status"], video["SubStatus"]) == (True, "Preprocess", sub_status)
    assert (await hostile.get(video["Uris"]["LargestVideo"])).status == 404
    body = (
        await hostile.get(f"/api/v2/album/{hostile.album_key('Videos')}!images", _expand="LargestVideo", _verbosity=1)
    ).json()
    assert video["Uris"]["LargestVideo"] not in body["Expansions"]
    assert len(body["Expansions"]) == 5


async def test_fresh_metadata_looks_empty_through_expand_only(hostile: Asker) -> None:
    image = await hostile.image("stale-metadata.jpg")
    body = (
        await hostile.get(
            f"/api/v2/album/{hostile.album_key('Half-known')}!images", _expand="ImageMetadata", _verbosity=1
        )
    ).json()
    uri = image["Uris"]["ImageMetadata"]
    assert body["Expansions"][uri]["ImageMetadata"]["Make"] == ""
    assert (await hostile.get(uri)).thing["Make"] == "Example"


async def test_types_wobble(hostile: Asker) -> None:
    wobbly, plain = await hostile.image("iso-as-text.jpg"), await hostile.image("placed.jpg")
    assert (await hostile.get(wobbly["Uris"]["ImageMetadata"])).thing["ISO"] == "100"
    assert (await hostile.get(plain["Uris"]["ImageMetadata"])).thing["ISO"] == 100
    assert (plain["Latitude"], wobbly["Latitude"]) == ("-33.8568", "0.00000000000000")
    assert plain["ComponentFileTypes"] == []
    assert (await hostile.image("components-as-object.jpg"))["ComponentFileTypes"] == {"Image": ["jpg"]}
    assert (await hostile.get(f"/api/v2/album/{hostile.album_key('Half-known')}")).thing["WorldSearchable"] == 3


async def test_a_collected_image_is_listed_in_both_albums_under_one_key(hostile: Asker) -> None:
    key = (await hostile.image("collected.jpg"))["ImageKey"]
    albums = (await hostile.get(f"/api/v2/image/{key}-0!albums")).thing
    assert {album["Name"] for album in albums} == {"Versions", "Favourites"}
    favourites = (await hostile.get(f"/api/v2/album/{hostile.album_key('Favourites')}!images")).thing
    found = next(image for image in favourites if image["ImageKey"] == key)
    assert found["Uri"] == f"/api/v2/album/{hostile.album_key('Favourites')}/image/{key}-0"


async def test_a_deleted_image_may_still_be_listed_but_is_404_everywhere(hostile: Asker) -> None:
    image = await hostile.image("already-deleted.jpg")
    assert (await hostile.get(image["Uris"]["Image"])).status == 404
    assert (await hostile.get(image["ArchivedUri"])).status == 404
    album = (await hostile.get(f"/api/v2/album/{hostile.album_key('Lagging')}")).thing
    assert album["ImageCount"] == 1


async def test_the_count_of_an_album_may_be_wrong(hostile: Asker) -> None:
    key = hostile.album_key("Miscounted")
    assert (await hostile.get(f"/api/v2/album/{key}")).thing["ImageCount"] == 3
    assert len((await hostile.get(f"/api/v2/album/{key}!images")).thing) == 1


async def test_a_raw_file_is_listed_with_the_fields_that_a_customer_published(hostile: Asker) -> None:
    key = (await hostile.image("raw.jpg"))["ImageKey"]
    answer = await hostile.get(f"/api/v2/library/asset/{key}!components", _verbosity=1)
    preview, raw = answer.thing
    assert {name: raw[name] for name in ("ComponentType", "Extension", "FileName", "FileSize")} == {
        "ComponentType": "svi",
        "Extension": "RW2",
        "FileName": "raw.RW2",
        "FileSize": 5000,
    }
    assert raw["Uri"].startswith(f"/api/v2/library/asset/{key}/component/svi/")
    assert "//localhost:" in raw["DownloadUrl"]
    assert "/smugvault/" in raw["Url"]
    content = await hostile.get(raw["DownloadUrl"])
    assert (content.status, hashlib.md5(content.body).hexdigest()) == (200, raw["MD5"])
    assert preview["FileName"] == "raw.jpg"
    assert (await hostile.get(raw["DownloadUrl"].replace("smugvault/", "smugvault/x"))).status == 404


async def test_a_key_may_get_no_files_of_smugmug_source_and_no_bytes_from_its_vault(hostile: Asker) -> None:
    key = (await hostile.image("raw.jpg"))["ImageKey"]
    address = (await hostile.get(f"/api/v2/library/asset/{key}!components", _verbosity=1)).thing[1]["DownloadUrl"]
    for how in ("404", "403", "401"):
        await hostile.order("configure", components=how)
        assert (await hostile.get(f"/api/v2/library/asset/{key}!components")).status == int(how)
    await hostile.order("configure", components="web page", vault="forbidden")
    assert (await hostile.get(f"/api/v2/library/asset/{key}!components")).body.startswith(b"<!DOCTYPE html>")
    assert (await hostile.get(address)).status == 403


async def test_an_album_node_says_it_has_no_children(tiny: Asker) -> None:
    nodes = (await tiny.get(f"/api/v2/node/{tiny.sim.world.root}!children", _verbosity=1)).thing
    assert {(node["Type"], node["HasChildren"]) for node in nodes} == {("Folder", True), ("Album", False)}
    assert isinstance(nodes[0]["Keywords"], list)


async def test_sizes_of_the_account_are_texts_and_the_root_has_no_sort_index(tiny: Asker) -> None:
    user = (await tiny.get("/api/v2!authuser", _verbosity=1)).thing
    assert isinstance(user["TotalAccountSize"], str)
    root = (await tiny.get(user["Uris"]["Node"], _verbosity=1)).thing
    assert (root["IsRoot"], root["UrlPath"], "SortIndex" in root, "ParentNode" in root["Uris"]) == (
        True,
        "/",
        False,
        False,
    )
