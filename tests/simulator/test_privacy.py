"""What strangers see of what is private, locked, unlisted or hidden."""

from urllib.parse import urlencode

import aiohttp
import pytest

from smugmug_simulator import Simulator, worlds

from .asker import Asker

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def listed(asker: Asker, *, full: bool) -> set[str]:
    ask = asker.get if full else asker.visit
    albums = (await ask("/api/v2/user/hostile!albums", count=100, _verbosity=1)).thing
    return {album.get("Name", "?") for album in albums}


async def test_strangers_find_neither_private_nor_unlisted_albums_in_lists(hostile: Asker) -> None:
    hidden = {"Inside private", "Unlisted"}
    assert hidden <= await listed(hostile, full=True)
    assert not hidden & await listed(hostile, full=False)


async def test_an_unlisted_album_opens_by_its_key_and_a_private_one_does_not(hostile: Asker) -> None:
    assert (await hostile.visit(f"/api/v2/album/{hostile.album_key('Unlisted')}")).thing["ResponseLevel"] == "Public"
    private = hostile.album_key("Inside private")
    assert (await hostile.visit(f"/api/v2/album/{private}")).status == 404
    owned = (await hostile.get(f"/api/v2/album/{private}")).thing
    assert (owned["ResponseLevel"], owned["Privacy"]) == ("Full", "Private")


async def test_a_locked_album_shows_next_to_nothing(hostile: Asker) -> None:
    key = hostile.album_key("Locked")
    answer = await hostile.visit(f"/api/v2/album/{key}", _verbosity=1)
    assert set(answer.thing) == {"SecurityType", "AlbumKey", "Uri", "Uris", "ResponseLevel"}
    assert (answer.thing["ResponseLevel"], answer.thing["Uris"]["UnlockAlbum"]) == (
        "Password",
        f"/api/v2/album/{key}!unlock",
    )
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_images_of_a_locked_album_are_an_empty_list_and_their_metadata_401(hostile: Asker) -> None:
    page = await hostile.visit(f"/api/v2/album/{hostile.album_key('Locked')}!images", count=500)
    assert (page.status, page.response["Pages"]["Total"], page.thing) == (200, 0, None)
    assert page.response["Pages"]["LastPage"].endswith("start=-499")
    image = await hostile.image("locked.jpg")
    assert (await hostile.visit(f"/api/v2/image/{image['ImageKey']}-0!metadata")).status == 401


async def test_the_children_of_a_locked_folder_are_404(hostile: Asker) -> None:
    folder = next(node for node in hostile.sim.world.nodes.values() if node.name == "Locked folder")
    node = (await hostile.visit(f"/api/v2/node/{folder.id}", _verbosity=1)).thing
    assert (node["ResponseLevel"], node["EffectiveSecurityType"]) == ("Password", "Password")
    assert "UnlockNode" in node["Uris"]
    assert (await hostile.visit(f"/api/v2/node/{folder.id}!children")).status == 404
    assert (await hostile.get(f"/api/v2/node/{folder.id}!children")).status == 200


async def unlock(asker: Asker, key: str, password: str) -> int:
    url = f"{asker.sim.origin}/api/v2/album/{key}!unlock?APIKey={asker.sim.api_key}"
    return (await asker.send("POST", url, FORM, urlencode({"Password": password}))).status


async def test_the_password_opens_the_album_for_the_session(hostile: Asker) -> None:
    key = hostile.album_key("Locked")
    assert await unlock(hostile, key, "wrong") == 401
    assert await unlock(hostile, key, "open sesame") == 200
    assert [image["FileName"] for image in (await hostile.visit(f"/api/v2/album/{key}!images")).thing] == ["locked.jpg"]


async def test_after_many_wrong_passwords_the_right_one_does_not_help(hostile: Asker) -> None:
    key = hostile.album_key("Locked")
    for _ in range(10):
        assert await unlock(hostile, key, "wrong") == 401
    assert await unlock(hostile, key, "open sesame") == 401


async def test_hidden_images_are_the_owners_alone(hostile: Asker) -> None:
    key = hostile.album_key("Half-known")
    everything = {image["FileName"] for image in (await hostile.get(f"/api/v2/album/{key}!images")).thing}
    shown = {image["FileName"] for image in (await hostile.visit(f"/api/v2/album/{key}!images")).thing}
    assert everything - shown == {"hidden.jpg"}


async def test_the_owner_sees_fields_and_links_strangers_do_not(tiny: Asker) -> None:
    path = f"/api/v2/album/{tiny.album_key('Garden')}"
    owned, shown = (await tiny.get(path)).thing, (await tiny.visit(path)).thing
    assert {"OriginalSizes", "TotalSizes", "Privacy", "WorldSearchable"} <= set(owned) - set(shown)
    key = (await tiny.image("rose.jpg"))["ImageKey"]
    owned, shown = (await tiny.get(f"/api/v2/image/{key}-0")).thing, (await tiny.visit(f"/api/v2/image/{key}-0")).thing
    assert {"ImageDownload", "ImageAlbum", "ImageOwner", "ImageAlbums"} == set(owned["Uris"]) - set(shown["Uris"])
    assert shown["Uris"]["ImageMetadata"]["Uri"] == f"/api/v2/image/{key}!metadata"
    assert owned["Uris"]["ImageMetadata"]["Uri"] == f"/api/v2/image/{key}-0!metadata"


@pytest.mark.parametrize(
    ("policy", "status", "length"),
    [("open", 200, None), ("empty", 200, 0), ("login", 200, -1), ("forbidden", 403, -1)],
)
async def test_private_media_without_a_signature_get_what_the_world_says(
    hostile: Asker, policy: str, status: int, length: int | None
) -> None:
    await hostile.order("configure", unsigned_private_media=policy)
    image = await hostile.image("private.jpg")
    bare = await hostile.send("GET", image["ArchivedUri"], {})
    assert bare.status == status
    assert len(bare.body) == image["ArchivedSize"] if length is None else len(bare.body) != image["ArchivedSize"]
    assert (len(bare.body) == 0) == (length == 0)
    signed = await hostile.get(image["ArchivedUri"])
    assert (signed.status, len(signed.body)) == (200, image["ArchivedSize"])


async def test_a_public_token_is_a_stranger_to_private_media(session: aiohttp.ClientSession) -> None:
    async with Simulator(worlds.hostile()) as sim:
        asker = Asker(sim, session)
        url = (await asker.image("private.jpg"))["ArchivedUri"]
        fresh = await asker.order("issue_token", consumer_key=sim.consumer_key, Access="Public")
        asker.token, asker.token_secret = fresh["token"], fresh["token_secret"]
        assert (await asker.get(url)).body == b""
