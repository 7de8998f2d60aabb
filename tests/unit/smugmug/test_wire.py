"""SmugMug's JSON becomes our records, whatever is missing, old, or written another way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.errors import SourceBroken
from smug2s3.smugmug import wire
from tests.unit.samples import MD5, texts

Json = dict[str, Any]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def body(response: Any, **rest: Any) -> bytes:
    return json.dumps({"Response": response, "Code": 200, "Message": "Ok", **rest}).encode()


def photo(**differences: Any) -> Json:
    plain = {
        "ImageKey": "ImageK",
        "Serial": 0,
        "FileName": "IMG_1.JPG",
        "Format": "JPG",
        "IsVideo": False,
        "DateTimeUploaded": "2020-01-02T03:04:05+00:00",
        "ArchivedUri": "https://photos.smugmug.com/photos/i-ImageK/0/abc/D/i-ImageK-D.jpg",
        "ArchivedSize": 1000,
        "ArchivedMD5": MD5,
        "Uris": {
            "ImageSizeDetails": "/api/v2/image/ImageK-0!sizedetails",
            "LargestVideo": "/api/v2/image/ImageK-0!largestvideo",
        },
    }
    return plain | differences


def asset_of(entry: Json, *, metadata: Json | None = None, video: Json | None = None) -> Any:
    return wire.read_asset(entry, album_key="AlbumK", metadata=metadata, video=video)


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer stands in Tokyo, where the system lets a program say so."""
    if not hasattr(time, "tzset"):
        yield
        return
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


# The envelope


def test_a_list_is_found_under_the_name_its_locator_gives() -> None:
    pages = {"Total": 250, "Start": 101, "Count": 2, "RequestedCount": 100}
    page = wire.read_page(body({"Locator": "AlbumImage", "AlbumImage": [{"a": 1}, {"a": 2}], "Pages": pages}), "it")
    assert (page.objects, page.count, page.total) == ([{"a": 1}, {"a": 2}], 2, 250)


def test_a_single_object_is_a_list_of_one() -> None:
    page = wire.read_page(body({"Locator": "User", "User": {"NickName": "jane"}}), "it")
    assert page.one == {"NickName": "jane"}
    assert (page.count, page.total) == (1, None)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({"Locator": "AlbumImage", "Pages": {"Total": 0, "Start": 1, "Count": 0}}, id="the key is missing"),
        pytest.param({"Locator": "AlbumImage", "AlbumImage": [], "Pages": {"Total": 0}}, id="the list is empty"),
        pytest.param({"Locator": "AlbumImage", "AlbumImage": None, "Pages": {"Total": 0}}, id="the list is null"),
    ],
)
def test_an_empty_list_is_empty_however_it_is_written(response: Json) -> None:
    page = wire.read_page(body(response), "it")
    assert (page.objects, page.one, page.count, page.total) == ([], None, 0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"<html>busy</html>", id="HTML"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"Response": {"Locator": "User", "Us', id="shortened or hidden"),
        pytest.param(b'{"Code": 200, "Message": "Ok"}', id="no Response, as for count=5000"),
        pytest.param(b'{"Response": {}}', id="no Locator"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_what_is_not_the_promised_json_is_named_and_may_be_tried_again(answer: bytes) -> None:
    with pytest.raises(SourceBroken, match="album Sea was not valid JSON") as failure:
        wire.read_page(answer, "album Sea")
    assert failure.value.retryable


@given(anything, st.sampled_from(["Response", "Expansions", "Pages", "Locator"]))
def test_whatever_json_comes_it_is_a_page_or_named_as_broken(value: Any, where: str) -> None:
    response: Json = {"Locator": "X", "X": [{"Uris": {"Y": "/y"}}]}
    answer: Json = {"Response": response, "Expansions": {}}
    (answer if where in ("Response", "Expansions") else response)[where] = value
    try:
        page = wire.read_page(json.dumps(answer).encode(), "it")
    except SourceBroken:
        return
    for entry in page.objects:
        page.expansion(entry, "Y")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(
            b'{"Code":401,"Message":"oauth_problem=nonce_used"}', "oauth_problem=nonce_used", id="as documented"
        ),
        pytest.param(b'{"Code":500}', "", id="without a message"),
        pytest.param(b"<html>", "", id="HTML"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"[]", "", id="a list"),
    ],
)
def test_an_error_says_what_it_can(answer: bytes, message: str) -> None:
    assert wire.error_message(answer) == message


# Addresses and expansions


@pytest.mark.parametrize(
    ("uris", "address"),
    [
        pytest.param({"Album": "/api/v2/album/K"}, "/api/v2/album/K", id="a string, with _verbosity=1"),
        pytest.param({"Album": {"Uri": "/api/v2/album/K", "Locator": "Album"}}, "/api/v2/album/K", id="an object"),
        pytest.param({"Album": {}}, None, id="an object without an address"),
        pytest.param({}, None, id="not there"),
        pytest.param([], None, id="an empty list, as PHP writes an empty object"),
        pytest.param(None, None, id="null"),
    ],
)
def test_an_address_is_read_at_every_verbosity(uris: Any, address: str | None) -> None:
    assert wire.uri({"Uris": uris}, "Album") == address


def expanded(key: str, value: Any) -> wire.Page:
    return wire.read_page(body({"Locator": "Node", "Node": []}, Expansions={key: value}), "it")


def test_an_expansion_is_looked_up_by_the_very_string_in_uris() -> None:
    address = "/api/v2/image/K-1!metadata?_shorturis="
    page = expanded(address, {"Locator": "ImageMetadata", "ImageMetadata": {"ISO": 100}})
    assert page.expansion({"Uris": {"ImageMetadata": address}}, "ImageMetadata") == {"ISO": 100}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"Locator": "LargestVideo"}, id="without its object"),
        pytest.param({"Code": 404, "Message": "Not Found"}, id="an error in its place"),
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
    ],
)
def test_an_expansion_that_came_without_its_object_is_missing(value: Any) -> None:
    page = expanded("/v", value)
    assert page.expansion({"Uris": {"LargestVideo": "/v"}}, "LargestVideo") is None


def test_an_expansion_that_did_not_come_is_missing() -> None:
    page = expanded("/v", {})
    assert page.expansion({"Uris": {"LargestVideo": "/else"}}, "LargestVideo") is None
    assert page.expansion({}, "LargestVideo") is None


# Users, nodes, albums


def test_the_owner_sees_everything_and_the_root() -> None:
    user = {
        "NickName": "jane",
        "Name": "Jane",
        "ResponseLevel": "Full",
        "ImageCount": 7,
        "Uris": {"Node": "/api/v2/node/R"},
    }
    account = wire.read_account(user)
    assert (account.nickname, account.name, account.root_uri) == ("jane", "Jane", "/api/v2/node/R")
    assert (account.full, account.image_count) == (True, 7)


def test_a_sign_in_with_public_access_is_known_by_its_response_level() -> None:
    assert not wire.read_account({"ResponseLevel": "Public", "Uris": {"Node": "/n"}}).full


def test_an_account_without_a_root_cannot_be_walked() -> None:
    with pytest.raises(SourceBroken, match="where this account's folders are"):
        wire.read_account({"NickName": "jane"})


def test_a_node_is_known_by_its_display_name() -> None:
    entry = {
        "NodeID": "N",
        "Type": "Album",
        "Name": "A/B & C",
        "UrlName": "A-B-C",
        "Uris": {"Album": "/api/v2/album/K"},
    }
    found = wire.read_node(entry)
    assert (found.node_id, found.kind, found.name, found.album_uri) == ("N", "Album", "A/B & C", "/api/v2/album/K")
    assert found.children_uri is None


def test_a_node_without_a_display_name_goes_by_its_url_name() -> None:
    assert wire.read_node({"Name": "", "UrlName": "Sea"}).name == "Sea"


def test_an_albums_counts_come_as_numbers_or_as_text() -> None:
    found = wire.read_album({"AlbumKey": "K", "ImageCount": 3, "OriginalSizes": "4000"})
    assert (found.key, found.image_count, found.original_sizes, found.locked) == ("K", 3, 4000, False)
    assert found.images_uri == "/api/v2/album/K!images"


def test_a_locked_album_has_a_key_and_no_count() -> None:
    found = wire.read_album({"AlbumKey": "K", "ResponseLevel": "Password"})
    assert (found.locked, found.image_count) == (True, None)


# Photos and videos


def test_a_photo_is_its_archived_file() -> None:
    found = asset_of(photo())
    assert found.url == "https://photos.smugmug.com/photos/i-ImageK/0/abc/D/i-ImageK-D.jpg"
    assert (found.size, found.md5, found.original, found.is_video) == (1000, MD5, True, False)
    assert found.resolve_uri == "/api/v2/image/ImageK-0!sizedetails"


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param({"ArchivedUri": None, "ArchivedSize": None, "ArchivedMD5": None}, id="null"),
        pytest.param({"ArchivedUri": "", "ArchivedSize": "", "ArchivedMD5": ""}, id="empty"),
    ],
)
def test_a_photo_whose_original_is_not_given_has_no_address(missing: Json) -> None:
    found = asset_of(photo(**missing))
    assert (found.url, found.size, found.md5) == (None, None, None)


def test_a_video_is_its_largest_rendition_and_never_the_still() -> None:
    video = {"Url": "https://photos.smugmug.com/v.mp4", "Size": 5000, "MD5": MD5.upper(), "Ext": "mp4"}
    found = asset_of(photo(IsVideo=True, FileName="clip.MOV", Format="MP4"), video=video)
    assert (found.url, found.size, found.md5) == ("https://photos.smugmug.com/v.mp4", 5000, MD5)
    assert (found.original, found.is_video, found.format) == (False, True, "mp4")


def test_a_video_whose_rendition_did_not_come_has_no_address_and_a_place_to_ask() -> None:
    found = asset_of(photo(IsVideo=True), video=None)
    assert (found.url, found.size, found.md5) == (None, None, None)
    assert found.resolve_uri == "/api/v2/image/ImageK-0!largestvideo"


def test_a_rendition_made_on_the_fly_names_no_size() -> None:
    found = asset_of(photo(IsVideo=True), video={"Url": "https://photos.smugmug.com/v.mp4"})
    assert (found.url, found.size, found.md5) == ("https://photos.smugmug.com/v.mp4", None, None)


def test_the_original_is_never_taken_from_a_smaller_size() -> None:
    details = {"ImageSizeX5Large": {"Url": "https://photos.smugmug.com/x5.jpg"}}
    assert wire.read_original(details)["url"] is None
    assert wire.read_original({"ImageSizeOriginal": {"Url": "https://o"}})["url"] == "https://o"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        pytest.param({"KeywordArray": ["a", "b"], "Keywords": "a; b"}, ("a", "b"), id="both"),
        pytest.param(
            {"KeywordArray": ["a"], "Keywords": "a; b; c"}, ("a", "b", "c"), id="the array holds only the first"
        ),
        pytest.param({"KeywordArray": ["a", "b"], "Keywords": ""}, ("a", "b"), id="no text"),
        pytest.param({"Keywords": " a ;; b; "}, ("a", "b"), id="no array, and empty words"),
        pytest.param({"KeywordArray": None, "Keywords": None}, (), id="none"),
        pytest.param({}, (), id="not there"),
    ],
)
def test_keywords_come_from_whichever_field_has_more(entry: Json, words: tuple[str, ...]) -> None:
    assert asset_of(photo(**entry)).keywords == words


@pytest.mark.parametrize(
    ("original", "taken"),
    [
        pytest.param("2019-08-04T18:28:12+00:00", "2019-08-04T11:28:12", id="summer: seven hours"),
        pytest.param("2019-01-04T19:28:12+00:00", "2019-01-04T11:28:12", id="winter: eight hours"),
        pytest.param("2019-01-04T19:28:12Z", "2019-01-04T11:28:12", id="Z"),
        pytest.param("2019-01-04T19:28:12", "2019-01-04T11:28:12", id="no zone: UTC all the same"),
        pytest.param("0001-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00", id="before time begins"),
        pytest.param("0000-00-00T00:00:00+00:00", "2020-01-02T00:00:00+00:00", id="a date of noughts"),
        pytest.param("", "2020-01-02T00:00:00+00:00", id="empty"),
        pytest.param(None, "2020-01-02T00:00:00+00:00", id="not there: when it was uploaded"),
    ],
)
@pytest.mark.usefixtures("far_east")
def test_the_date_is_the_cameras_own_clock(original: str | None, taken: str) -> None:
    entry = photo(Date="2020-01-02T00:00:00+00:00", DateTimeOriginal=original)
    assert asset_of(entry).date == taken


def test_the_exact_date_of_the_camera_data_goes_before() -> None:
    entry = photo(DateTimeOriginal="2019-01-04T19:28:12+00:00")
    assert asset_of(entry, metadata={"DateTimeCreated": "2019-08-04T11:28:12"}).date == "2019-08-04T11:28:12"
    assert asset_of(entry, metadata={"DateTimeCreated": ""}).date == "2019-01-04T11:28:12"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_no_date_however_odd_ends_the_run(text: str) -> None:
    assert isinstance(asset_of(photo(DateTimeOriginal=text)).date, str)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            photo() | {"Keywords": 0, "KeywordArray": 0, "Hidden": 0, "Date": 0, "DateTimeOriginal": 0}, anything
        ),
    )
)
def test_whatever_the_fields_hold_an_asset_comes_of_it(fields: Json) -> None:
    found = asset_of(fields)
    assert isinstance(found.filename, str)
    assert found.size is None or isinstance(found.size, int)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        pytest.param({}, "the original of this photo", id="a photo"),
        pytest.param({"IsVideo": True, "SubStatus": "CanNotProcess"}, "could not process", id="a video given up"),
        pytest.param({"IsVideo": True, "Processing": True}, "still processing", id="a video at work"),
        pytest.param({"IsVideo": True, "Status": "Preprocess"}, "still processing", id="a video waiting"),
        pytest.param({"IsVideo": True}, "no file for this video", id="a video without a reason"),
    ],
)
def test_what_cannot_be_had_has_its_reason(entry: Json, sentence: str) -> None:
    assert sentence in wire.problem(entry)


# Records


def test_a_record_keeps_what_the_user_made_and_drops_where_the_api_lives() -> None:
    entry = photo(Caption="x", UriDescription="d", EndpointType="AlbumImage", DocUri="u", ResponseLevel="Full")
    kept = json.loads(wire.record(entry))
    assert kept == {name: value for name, value in photo(Caption="x").items() if name != "Uris"}


def test_an_items_line_holds_image_camera_data_and_rendition_as_far_as_they_came() -> None:
    line = wire.item_record({"ImageKey": "K"}, metadata={"ISO": "100"}, video=None)
    assert json.loads(line) == {"image": {"ImageKey": "K"}, "metadata": {"ISO": "100"}}


@given(st.dictionaries(texts, anything, min_size=1, max_size=4))
def test_a_record_is_one_line_and_lossless(entry: Json) -> None:
    line = wire.record(entry)
    assert b"\n" not in line
    assert {**entry, **json.loads(line)} == entry


@pytest.mark.parametrize(
    ("entry", "path", "folder", "assets", "size", "locked"),
    [
        (
            {"AlbumKey": "k", "Name": "Paris été", "UrlPath": "/My-Trips/Paris", "ImageCount": 3, "OriginalSizes": 70},
            "My-Trips/Paris été", "My-Trips", 3, 70, False,
        ),
        ({"AlbumKey": "k", "Name": "Top", "UrlPath": "/Top", "ImageCount": "3"}, "Top", "", 3, None, False),
        ({"AlbumKey": "k", "Name": "", "UrlPath": "/A/B-1", "ImageCount": 0, "OriginalSizes": 0}, "A/B-1", "A", 0, 0, False),
        ({"AlbumKey": "k", "ResponseLevel": "Password"}, "(locked album k)", "", None, None, True),
    ],
    ids=["owner", "public", "nameless", "locked"],
)  # fmt: skip
def test_an_album_of_the_flat_list_is_read_with_what_there_is(
    entry: Json, path: str, folder: str, assets: int | None, size: int | None, *, locked: bool
) -> None:
    found = wire.read_totals(entry)

    assert (found.key, found.path, found.folder) == ("k", path, folder)
    assert (found.assets, found.bytes, found.locked) == (assets, size, locked)


@given(st.dictionaries(st.sampled_from(wire.TOTALS), anything))
def test_whatever_an_album_of_the_flat_list_holds_it_is_read(entry: Json) -> None:
    assert wire.read_totals(entry).path


# What is not there, or not understood


@pytest.mark.parametrize(
    ("types", "components"),
    [
        pytest.param({"Image": ["jpg"]}, (), id="the image itself"),
        pytest.param({"Image": ["jpeg"]}, (), id="by another name"),
        pytest.param([], (), id="an empty list, as the public sees it"),
        pytest.param({}, (), id="an empty object"),
        pytest.param(None, (), id="null"),
        pytest.param({"Image": ["jpg"], "Raw": ["rw2"]}, ("Raw: rw2",), id="a group of its own"),
        pytest.param({"Image": ["jpg"], "Raw": ["RW2", "xmp"]}, ("Raw: rw2", "Raw: xmp"), id="of several"),
        pytest.param({"Raw": "dng"}, ("Raw: dng",), id="a word in place of a list"),
        pytest.param({"Image": ["jpg", "dng"]}, ("Image: dng",), id="another kind of image"),
        pytest.param(["jpg", "dng"], ("Image: dng",), id="a list alone"),
        pytest.param({"Image": ["jpg"], "Raw": []}, (), id="an empty group"),
    ],
)
def test_what_smugmug_source_keeps_besides_is_named(types: Any, components: tuple[str, ...]) -> None:
    entry = photo(ComponentFileTypes=types)
    assert asset_of(entry).components == components
    line = {"image": {key: value for key, value in entry.items() if key != "Uris"}}
    assert wire.read_record(line, "AlbumK").components == components


@pytest.mark.parametrize(("kinds", "components"), [(["mp4"], ()), (["mov"], ("Video: mov",))])
def test_of_a_video_its_own_rendition_is_nothing_besides(kinds: list[str], components: tuple[str, ...]) -> None:
    found = asset_of(photo(IsVideo=True, Format="MP4", ComponentFileTypes={"Image": ["jpg"], "Video": kinds}))
    assert found.components == components


def test_a_component_shares_the_words_of_its_image_and_survives_in_its_line() -> None:
    image = asset_of(photo(Title="Lake"))
    said = {
        "ComponentType": "svi", "ComponentKey": "k1", "DownloadUrl": "https://www.smugmug.com/smugvault/1", "Url": "u",
        "Extension": "RW2", "FileName": "IMG_1.RW2", "FileSize": "7", "MD5": "0" * 32, "Uri": "/api/v2/x", "New": [1],
    }  # fmt: skip
    found = wire.read_component(said, image)
    assert (found.image_key, found.component_of, found.title) == (f"{image.image_key}+k1", image.image_key, "Lake")
    assert (found.filename, found.format, found.size, found.md5, found.serial) == ("IMG_1.RW2", "rw2", 7, "0" * 32, 0)
    assert found.url == said["DownloadUrl"]
    entry = {key: value for key, value in photo(Title="Lake").items() if key != "Uris"}
    again = wire.read_record({"image": entry, "component": wire.component_record(said)}, "AlbumK")
    assert (again.image_key, again.identity, again.url) == (found.image_key, found.identity, None)
    assert wire.component_record(said)["New"] == [1]


@given(st.dictionaries(st.sampled_from(["ComponentKey", "FileName", "MD5", "FileSize", "Extension", "Url"]), anything))
def test_whatever_a_component_holds_it_is_read(entry: Json) -> None:
    assert wire.read_component(entry, asset_of(photo())).component_of


@given(anything)
def test_whatever_stands_for_the_components_is_read(value: Any) -> None:
    asset_of(photo(ComponentFileTypes=value))


@pytest.mark.parametrize(
    ("entry", "node_id"),
    [
        ({"NodeID": "N", "Uri": "/api/v2/node/M"}, "N"),
        ({"Uri": "/api/v2/node/M"}, "M"),
        ({"NodeID": "", "Uri": "/api/v2/node/M?_shorturis="}, "M"),
        ({"Uri": "/api/v2/node/M!children"}, ""),
        ({"Uri": "/api/v2/folder/user/jane/M"}, ""),
        ({"NodeID": None}, ""),
        ({}, ""),
    ],
)
def test_a_node_without_its_id_is_known_by_its_own_address(entry: Json, node_id: str) -> None:
    assert wire.read_node(entry).node_id == node_id


@pytest.mark.parametrize(
    ("entry", "has_children"),
    [
        ({"HasChildren": True, "ResponseLevel": "Full"}, True),
        ({"HasChildren": False, "ResponseLevel": "Full"}, False),
        ({"HasChildren": True, "ResponseLevel": "Public"}, None),
        ({"ResponseLevel": "Full"}, None),
        ({"HasChildren": "", "ResponseLevel": "Full"}, None),
    ],
)
def test_whether_a_node_has_children_is_relied_on_only_for_its_owner(entry: Json, has_children: bool | None) -> None:
    assert wire.read_node(entry).has_children is has_children


@pytest.mark.parametrize("total", [-1, "x", None, 3.5, [], True])
def test_a_total_that_is_no_number_of_entries_is_none(total: Any) -> None:
    assert wire.read_page(body({"Locator": "N", "Pages": {"Total": total}}), "it").total is None


@pytest.mark.parametrize(
    ("value", "odd", "objects"),
    [([{}, None, "x", 3], 3, 1), ("text", 1, 0), (None, 0, 0), ({"a": 1}, 0, 1), ([[]], 1, 0)],
)
def test_entries_that_are_no_objects_are_counted(value: Any, odd: int, objects: int) -> None:
    page = wire.read_page(body({"Locator": "Node", "Node": value}), "it")
    assert (page.odd, len(page.objects), page.count) == (odd, objects, odd + objects)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("/api/v2/user/jane", "jane"),
        ({"Uri": "/api/v2/user/ja%20ne?x=1"}, "ja ne"),
        ("/api/v2/node/abc", ""),
        (None, ""),
    ],
)
def test_an_album_says_whose_it_is(user: Json, expected: str) -> None:
    assert wire.read_owner({"Uris": {"User": user}}) == expected
    assert wire.read_owner({}) == ""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("47.973777777778", "-123.48731944444", 1519), (47.973777777778, -123.48731944444, 1519)),
        (("0.00000000000000", "0.00000000000000", 0), None),
        (("0", "0", 12), None),
        (("0", "32.5", 0), (0, 32.5, None)),  # on the equator
        (("-33.8568", "0", -3), (-33.8568, 0, -3)),
        (("91", "10", 0), None),
        (("nan", "inf", 0), None),
        ((None, "", "high"), None),
    ],
)
def test_a_place_is_known_unless_it_is_zero_or_no_place_on_earth(fields: tuple[Any, ...], expected: Any) -> None:
    entry = photo(**dict(zip(("Latitude", "Longitude", "Altitude"), fields, strict=True)))
    assert wire.read_asset(entry, album_key="AlbumK", metadata=None, video=None).position == expected
