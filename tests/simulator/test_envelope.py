"""The dress of an answer: verbosity, Locator, filters, expansions, configuration, and the page for browsers."""

import html
import json
import re

import pytest

from .asker import Asker


async def test_full_verbosity_has_request_options_and_links_as_objects(tiny: Asker) -> None:
    body = (await tiny.get("/api/v2!authuser", _pretty="")).json()
    assert list(body) == ["Request", "Options", "Response", "Code", "Message"]
    assert body["Request"] == {"Version": "v2", "Method": "GET", "Uri": "/api/v2!authuser?_pretty="}
    assert body["Response"]["EndpointType"] == "AuthUser"
    assert body["Response"]["User"]["Uris"]["Node"]["Locator"] == "Node"


async def test_verbosity_1_keeps_the_locator_and_shortens_links(tiny: Asker) -> None:
    body = (await tiny.get("/api/v2!authuser", _verbosity=1)).json()
    assert list(body) == ["Response", "Code", "Message"]
    assert list(body["Response"]) == ["Uri", "Locator", "LocatorType", "User"]
    assert body["Response"]["User"]["Uris"]["UserAlbums"] == "/api/v2/user/tiny!albums"


async def test_an_empty_list_has_no_key_and_a_last_page_before_the_first(hostile: Asker) -> None:
    key = hostile.album_key("Empty album")
    answer = await hostile.get(f"/api/v2/album/{key}!images", _verbosity=1, count=100)
    assert "AlbumImage" not in answer.response
    assert answer.response["Pages"] == {
        "Total": 0,
        "Start": 1,
        "Count": 0,
        "RequestedCount": 100,
        "FirstPage": f"/api/v2/album/{key}!images?count=100&start=1",
        "LastPage": f"/api/v2/album/{key}!images?count=100&start=-99",
    }


@pytest.mark.parametrize(
    ("path", "locator", "kind"),
    [
        ("/api/v2/user/tiny", "User", "Object"),
        ("/api/v2/user/tiny!albums", "Album", "Objects"),
        ("/api/v2/node/{root}", "Node", "Object"),
        ("/api/v2/node/{root}!children", "Node", "Objects"),
        ("/api/v2/node/{root}!parents", "Node", "Objects"),
        ("/api/v2/album/{album}", "Album", "Object"),
        ("/api/v2/album/{album}!images", "AlbumImage", "Objects"),
        ("/api/v2/album/{album}!download", "Download", "Objects"),
        ("/api/v2/album/{album}/image/{image}-0", "AlbumImage", "Object"),
        ("/api/v2/album/{album}/image/{image}-0!metadata", "AlbumImageMetadata", "Object"),
        ("/api/v2/album/{album}/image/{image}-0!download", "AlbumImageDownload", "Object"),
        ("/api/v2/image/{image}-0", "Image", "Object"),
        ("/api/v2/image/{image}-0!sizes", "ImageSizes", "Object"),
        ("/api/v2/image/{image}!sizedetails", "ImageSizeDetails", "Object"),
        ("/api/v2/image/{image}-0!largestimage", "LargestImage", "Object"),
        ("/api/v2/image/{image}-0!download", "ImageDownload", "Object"),
        ("/api/v2/image/{image}!metadata", "ImageMetadata", "Object"),
        ("/api/v2/image/{image}-0!albums", "Album", "Objects"),
        ("/api/v2/highlight/node/{root}", "Image", "Object"),
        ("/api/v2/folder/user/tiny", "Folder", "Object"),
        ("/api/v2/folder/user/tiny/Family", "Folder", "Object"),
        ("/api/v2/folder/user/tiny/Family!albums", "Album", "Objects"),
        ("/api/v2/folder/user/tiny!folders", "Folder", "Objects"),
        ("/api/v2/folder/user/tiny!albumlist", "AlbumList", "Objects"),
        ("/api/v2/folder/id/{root}", "Folder", "Object"),
        ("/api/v2/library/asset/{image}!components", "Component", "Objects"),
        ("/api/v2/user/tiny!urlpathlookup?urlpath=%2FGarden", "Album", "Object"),
        ("/api/v2/user/tiny!urlpathlookup?urlpath=%2FFamily", "Folder", "Object"),
    ],
)
async def test_every_endpoint_names_its_data_by_the_locator(tiny: Asker, path: str, locator: str, kind: str) -> None:
    image = (await tiny.image("rose.jpg"))["ImageKey"]
    target = path.format(root=tiny.sim.world.root, album=tiny.album_key("Garden"), image=image)
    answer = await tiny.get(target, _verbosity=1)
    assert (answer.status, answer.response["Locator"], answer.response["LocatorType"]) == (200, locator, kind)
    assert locator in answer.response or path.endswith("album}!download")
    assert answer.response["Uri"] == target


@pytest.mark.parametrize(
    "path",
    ["/api/v2/user/nobody", "/api/v2/user/nobody!albums", "/api/v2/album/nope", "/api/v2/album/nope!images", "/api/v2/image/nope-0",
     "/api/v2/node/nope!children", "/api/v2/nothing", "/api/v2/user/tiny!nothing", "/api/v2/folder/user/tiny/Nowhere"],
)  # fmt: skip
async def test_what_is_not_there_is_404_with_two_keys(tiny: Asker, path: str) -> None:
    answer = await tiny.get(path)
    assert (answer.status, list(answer.json()), answer.json()["Code"]) == (404, ["Code", "Message"], 404)


async def test_who_does_not_ask_for_json_gets_a_page_with_json_in_its_last_pre(tiny: Asker) -> None:
    page = await tiny.get("/api/v2!authuser", headers={"Accept": "*/*"}, _verbosity=1)
    assert page.headers["Content-Type"].startswith("text/html")
    inside = re.findall(r"<pre>(.*?)</pre>", page.body.decode(), re.DOTALL)[-1]
    assert json.loads(html.unescape(inside))["Response"]["User"]["NickName"] == "tiny"


async def test_accept_can_be_given_in_the_query(tiny: Asker) -> None:
    answer = await tiny.get("/api/v2!authuser", headers={"Accept": "text/html"}, _accept="application/json")
    assert answer.headers["Content-Type"] == "application/json"


async def test_filters_leave_the_response_level_and_know_two_kinds_of_nothing(tiny: Asker) -> None:
    key = tiny.album_key("Garden")
    some = (await tiny.get(f"/api/v2/album/{key}", _verbosity=1, _filter="Name,Nonsense", _filteruri="Node")).thing
    assert list(some) == ["Name", "Uris", "ResponseLevel"]
    assert list(some["Uris"]) == ["Node"]
    assert (await tiny.get(f"/api/v2/album/{key}?_filter=&_filteruri=")).thing == {"ResponseLevel": "Full"}


async def test_the_uri_echoes_only_what_the_server_understood(tiny: Asker) -> None:
    key = tiny.album_key("Garden")
    query = "_expand=Album&_filter=FileName%2CUri&bogus=1&count=1&_verbosity=1&_pretty="
    answer = await tiny.visit(f"/api/v2/album/{key}!images?{query}")
    assert answer.response["Uri"] == f"/api/v2/album/{key}!images?_filter=FileName%2CUri&count=1&_pretty="


@pytest.mark.parametrize("names", ["ImageMetadata,LargestVideo,Album,Nonsense", "ImageMetadata%2CLargestVideo%2CAlbum"])
async def test_expansions_are_keyed_by_the_text_in_uris(tiny: Asker, names: str) -> None:
    body = (await tiny.get(f"/api/v2/album/{tiny.album_key('Summer 2019')}!images?_expand={names}&_verbosity=1")).json()
    images = body["Response"]["AlbumImage"]
    expected = {image["Uris"]["ImageMetadata"] for image in images} | {
        images[2]["Uris"]["LargestVideo"],
        images[0]["Uris"]["Album"],
    }
    assert set(body["Expansions"]) == expected
    assert body["Expansions"][images[2]["Uris"]["LargestVideo"]]["LargestVideo"]["Ext"] == "mp4"


async def test_expansions_can_be_nested(tiny: Asker) -> None:
    body = (await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}", _verbosity=1, _expand="Node.ParentNode")).json()
    node = body["Expansions"][body["Response"]["Album"]["Uris"]["Node"]]["Node"]
    assert body["Expansions"][node["Uris"]["ParentNode"]]["Node"]["IsRoot"] is True


async def test_with_shorturis_the_expanded_links_gain_a_query(tiny: Asker) -> None:
    body = (await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}!images?_shorturis=&_expand=ImageMetadata")).json()
    uri = body["Response"]["AlbumImage"][0]["Uris"]["ImageMetadata"]
    assert uri.endswith("!metadata?_shorturis=")
    assert uri in body["Expansions"]


async def test_under_verbosity_1_highlights_gain_it_too(tiny: Asker) -> None:
    body = (await tiny.get("/api/v2/user/tiny!albums", _verbosity=1, _expand="HighlightImage,Node")).json()
    links = body["Response"]["Album"][0]["Uris"]
    assert links["HighlightImage"].endswith("?_shorturis=")
    assert "?" not in links["Node"]
    assert {links["HighlightImage"], links["Node"]} <= set(body["Expansions"])


async def test_a_filtered_out_link_is_not_expanded(tiny: Asker) -> None:
    body = (await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}", _expand="Node", _filteruri="User")).json()
    assert "Expansions" not in body


async def test_inline_expansions_stand_in_the_link(tiny: Asker) -> None:
    body = (await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}", _expand="Node", _expandmethod="inline")).json()
    assert body["Response"]["Album"]["Uris"]["Node"]["Node"]["Type"] == "Album"
    assert "Expansions" not in body


async def test_config_filters_each_level_for_itself(tiny: Asker) -> None:
    config = {
        "filter": ["FileName"],
        "filteruri": ["LargestVideo"],
        "expand": {"LargestVideo": {"filter": ["Url"], "filteruri": []}},
    }
    path = f"/api/v2/album/{tiny.album_key('Summer 2019')}!images"
    body = (await tiny.get(path, _config=json.dumps(config), _verbosity=1)).json()
    assert [list(image) for image in body["Response"]["AlbumImage"]] == [
        ["FileName"],
        ["FileName"],
        ["FileName", "Uris"],
    ]
    (video,) = body["Expansions"].values()
    assert list(video["LargestVideo"]) == ["Url"]


async def test_config_arguments_reach_the_expansion(tiny: Asker) -> None:
    config = {"expand": {"AlbumImages": {"args": {"count": 1}}}}
    body = (
        await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}", _config=json.dumps(config), _verbosity=1)
    ).json()
    page = body["Expansions"][body["Response"]["Album"]["Uris"]["AlbumImages"]]
    assert len(page["AlbumImage"]) == 1


@pytest.mark.parametrize("config", ["nonsense", "[]", '{"expand":{"Node":{"args":{},"multiargs":[]}}}'])
async def test_a_bad_config_is_400(tiny: Asker, config: str) -> None:
    assert (await tiny.get("/api/v2!authuser", _config=config)).status == 400


async def test_several_keys_with_commas_give_one_list(tiny: Asker) -> None:
    keys = ",".join(node.album.key for node in tiny.sim.world.album_nodes() if node.album)
    answer = await tiny.get(f"/api/v2/album/{keys},nonsense", _verbosity=1)
    assert (answer.response["LocatorType"], len(answer.thing)) == ("Objects", 3)


async def test_an_over_long_path_is_refused_by_the_web_server(tiny: Asker) -> None:
    answer = await tiny.get("/api/v2/image/" + ",".join(["AbCdEfG"] * 792))
    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html; charset=UTF-8")


async def test_options_lists_methods_and_parameters(tiny: Asker) -> None:
    url = f"{tiny.sim.origin}/api/v2/node/{tiny.sim.world.root}!children?APIKey={tiny.sim.api_key}"
    answer = (await tiny.send("OPTIONS", url, {})).json()
    assert [item["Name"] for item in answer["Options"]["Parameters"]["GET"]] == ["Type", "SortMethod", "SortDirection"]


async def test_api_responses_have_no_etag_but_the_quota(tiny: Asker) -> None:
    headers = (await tiny.get("/api/v2!authuser")).headers
    assert "ETag" not in headers
    assert "Last-Modified" not in headers
    assert (headers["Vary"], headers["X-RateLimit-Remaining"]) == ("Accept-Encoding", "99999")


@pytest.mark.parametrize("full", [True, False], ids=["owner", "stranger"])
async def test_every_link_an_answer_offers_leads_somewhere(tiny: Asker, full: bool) -> None:
    ask = tiny.get if full else tiny.visit
    todo, seen = ["/api/v2/user/tiny"], set[str]()
    while todo:
        answer = await ask(todo.pop(), _verbosity=1)
        assert answer.status == 200, answer.body
        things = answer.thing if isinstance(answer.thing, list) else [answer.thing or {}]
        links = {uri for thing in things for uri in thing.get("Uris", {}).values()} - seen
        seen |= links
        todo += links
    assert len(seen) > 100
