"""`_album.json` holds all that SmugMug knows of an album, one line an item, lossless."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.models import Contents, Entry, Known
from smug2s3.rules import sidecar
from tests.unit.samples import MD5, album, asset, entry, texts

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def rendered(items: Sequence[tuple[str, str, bytes] | sidecar.Item], former: list[bytes], **differences: Any) -> bytes:
    return b"".join(sidecar.render(album(**differences), [sidecar.Item(*item) for item in items], former))


@given(anything)
def test_whatever_smugmug_says_is_kept_in_one_line_and_comes_back_the_same(value: Any) -> None:
    line = sidecar.compact(value)
    assert b"\n" not in line
    assert json.loads(line) == value


def test_text_is_kept_readable() -> None:
    assert sidecar.compact({"Title": "Fähre 😀"}) == '{"Title":"Fähre 😀"}'.encode()


@given(st.binary())
def test_a_packed_line_comes_back(line: bytes) -> None:
    assert sidecar.unpack(sidecar.pack(line)) == line


def test_the_whole_file_is_json_with_album_folders_and_items_in_gallery_order() -> None:
    items = [
        ("smugmug/b.jpg", "", b'{"image":{"ImageKey":"b"}}'),
        ("", "still processing", b'{"image":{"ImageKey":"a"}}'),
    ]
    ancestors = (b'{"Name":"Family"}', b'{"Name":"2019"}', b'{"Name":"Christmas"}')
    found = json.loads(rendered(items, [], record=b'{"AlbumKey":"AlbumK"}', ancestors=ancestors))
    assert found == {
        "smug2s3": sidecar.FORMAT,
        "album": {"AlbumKey": "AlbumK"},
        "node": {"Name": "Christmas"},
        "folders": [{"Name": "Family"}, {"Name": "2019"}],
        "items": [
            {"key": "smugmug/b.jpg", "image": {"ImageKey": "b"}},
            {"key": None, "unavailable": "still processing", "image": {"ImageKey": "a"}},
        ],
        "former_items": [],
    }


def test_an_empty_album_is_valid_too() -> None:
    found = json.loads(rendered([], []))
    assert (found["items"], found["former_items"], found["folders"], found["node"]) == ([], [], [], {})


@given(st.lists(st.tuples(texts, texts, st.dictionaries(texts, texts, min_size=1)), max_size=4))
def test_the_file_is_json_whatever_the_names(items: list[tuple[str, str, dict[str, str]]]) -> None:
    lines = [(key, reason, b'{"image":' + sidecar.compact(record) + b"}") for key, reason, record in items]
    found = json.loads(rendered(lines, []))
    assert [entry["image"] for entry in found["items"]] == [record for _, _, record in items]
    assert [entry["key"] for entry in found["items"]] == [key or None for key, _, _ in items]


def test_the_same_album_is_the_same_file_byte_for_byte() -> None:
    items = [("k", "", b'{"image":{"ImageKey":"b"}}')]
    assert rendered(items, [b'{"key":"x"}']) == rendered(items, [b'{"key":"x"}'])


def test_what_is_no_longer_listed_is_kept_among_the_former() -> None:
    lines = rendered([("k1", "", b'{"image":{"ImageKey":"one"}}'), ("k2", "", b'{"image":{"ImageKey":"two"}}')], [])
    former = [
        line.rstrip(b",") for line in lines.split(b"\n") if sidecar.is_former(line.rstrip(b","), frozenset({"two"}))
    ]
    found = json.loads(rendered([("k2", "", b'{"image":{"ImageKey":"two"}}')], former))
    assert [entry["key"] for entry in found["items"]] == ["k2"]
    assert found["former_items"] == [{"key": "k1", "image": {"ImageKey": "one"}}]


@pytest.mark.parametrize(
    ("line", "former"),
    [
        pytest.param(b'{"key":"k","image":{"ImageKey":"gone"}}', True, id="an image no longer listed"),
        pytest.param(b'{"key":"k","image":{"ImageKey":"here"}}', False, id="an image still listed"),
        pytest.param(b'"album":{"key":"k"},', False, id="another line of the file"),
        pytest.param(b"]}", False, id="its end"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_only_items_no_longer_listed_are_former(line: bytes, former: bool) -> None:
    assert sidecar.is_former(line, frozenset({"here"})) is former


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(Known.MOVED, {"key": "k", "not_updated": "no such file"}, id="moved, and not described since"),
        pytest.param(Known.UNAVAILABLE, {"key": None, "unavailable": "no such file"}, id="SmugMug has no file"),
        pytest.param(Known.FAILED, {"key": None, "not_moved": "failed; the next run tries again"}, id="failed"),
        pytest.param(Known.MOVING, {"key": None, "not_moved": "not copied yet; a later run will"}, id="not begun"),
        pytest.param(None, {"key": None, "not_moved": "excluded by the filters of the last run"}, id="never planned"),
    ],
)
def test_only_copied_files_have_a_key_and_the_rest_say_why(state: Known | None, said: dict[str, Any]) -> None:
    known = entry(asset(), "k", state=state, reason="no such file") if state else None
    item = sidecar.item_of(known, b'{"image":{"ImageKey":"a"}}')
    (found,) = json.loads(rendered([item], []))["items"]
    assert found == said | {"image": {"ImageKey": "a"}}


def test_a_copied_and_current_file_has_its_key_alone() -> None:
    item = sidecar.item_of(entry(asset(), "k"), b'{"image":{"ImageKey":"a"}}')
    assert rendered([item], []).count(b'{"key":"k","image":{"ImageKey":"a"}}') == 1


def test_what_proves_a_file_is_beside_its_key() -> None:
    item = sidecar.item_of(entry(asset(), "k", size=9, md5="m"), b'{"image":{"ImageKey":"a"}}')
    assert rendered([item], []).count(b'{"key":"k","size":9,"md5":"m","image":{"ImageKey":"a"}}') == 1


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"size": 9, "md5": MD5}, (9, MD5)),
        ({}, (1000, "of SmugMug")),
        ({"size": "9", "md5": "m"}, (1000, "of SmugMug")),
    ],
)
def test_what_proves_a_file_is_what_was_stored_else_what_smugmug_says(
    line: dict[str, Any], found: tuple[int, str]
) -> None:
    assert sidecar.stored_as(line, asset(size=1000, md5="of SmugMug")) == found


def test_a_reference_says_so_beside_the_key() -> None:
    item = sidecar.item_of(entry(asset(), "other/k", reference=True, size=9, md5="m"), b'{"image":{"ImageKey":"a"}}')
    assert rendered([item], []).count(b'{"key":"other/k","reference":true,"image":{"ImageKey":"a"}}') == 1


OWN = b'{"key":"k","image":{"ImageKey":"a","Title":"T"}}'
PROVEN = b'{"key":"k","size":9,"md5":"m","image":{"ImageKey":"a","Title":"T"}}'
REFERENCE = b'{"key":"k","reference":true,"image":{"ImageKey":"a","Title":"T"}}'


def former(**differences: Any) -> sidecar.Former:
    """What the ledger has of the image that the lines are about."""
    return sidecar.Former("k", "a", "a.jpg", 9, "m", reference=True)._replace(**differences)


@pytest.mark.parametrize(
    ("kept", "known", "lines"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([OWN], [former(reference=False)], [OWN], id="its own, as an earlier file has it"),
        pytest.param([OWN], [], [OWN], id="its own, which the ledger does not know"),
        pytest.param([PROVEN], [former(reference=False, md5="m")], [PROVEN], id="its own, with what proves it"),
        pytest.param(
            [PROVEN],
            [former(reference=False, md5="n")],
            [PROVEN.replace(b'"m"', b'"n"')],
            id="its own, stored again with other bytes",
        ),
        pytest.param([REFERENCE], [former()], [REFERENCE], id="a reference"),
        pytest.param(
            [REFERENCE], [former(key="n")], [REFERENCE.replace(b'"k"', b'"n"')], id="a reference to what was renamed"
        ),
        pytest.param([REFERENCE], [], [], id="a reference to what was replaced"),
        pytest.param(
            [],
            [former()],
            [
                (
                    b'{"key":"k","reference":true,'
                    b'"image":{"ImageKey":"a","FileName":"a.jpg","ArchivedSize":9,"ArchivedMD5":"m"}}'
                )
            ],
            id="a reference, and no earlier file",
        ),
    ],
)
def test_a_former_reference_goes_where_its_object_goes(
    kept: list[bytes], known: list[sidecar.Former], lines: list[bytes]
) -> None:
    assert list(sidecar.former_lines(kept, known)) == lines


def contents(*items: tuple[str, dict[str, Any]], **record: Any) -> Contents:
    """An album of these items, by image key."""
    lines = tuple(
        (image, sidecar.pack(sidecar.compact({"image": {"ImageKey": image, **item}}))) for image, item in items
    )
    return Contents(album=album(record=sidecar.compact(record)), items=lines)


TOLD = contents(("a", {"Caption": "one"}), ("b", {"Caption": "two"}), Name="Garden")
KNOWN = {one: entry(asset(image_key=one), f"smugmug/{one}.jpg") for one in "ab"}


@pytest.mark.parametrize(
    ("now", "known", "same"),
    [
        pytest.param(TOLD, KNOWN, True, id="nothing changed"),
        pytest.param(contents(*reversed([("a", {"Caption": "one"}), ("b", {"Caption": "two"})]), Name="Garden"), KNOWN, True, id="another order"),
        pytest.param(contents(("a", {"Caption": "one", "ArchivedUri": "https://x", "ThumbnailUrl": "y"}), ("b", {"Caption": "two"}), Name="Garden", WebUri="z"), KNOWN, True, id="other addresses"),
        pytest.param(contents(("a", {"Caption": "new"}), ("b", {"Caption": "two"}), Name="Garden"), KNOWN, False, id="a new caption"),
        pytest.param(contents(("a", {"Caption": "one"}), ("b", {"Caption": "two"}), Name="Park"), KNOWN, False, id="a new name of the album"),
        pytest.param(contents(("a", {"Caption": "one"}), Name="Garden"), KNOWN, False, id="an item less"),
        pytest.param(TOLD, KNOWN | {"b": entry(asset(image_key="b"), "smugmug/c.jpg")}, False, id="another key"),
        pytest.param(TOLD, KNOWN | {"b": entry(asset(image_key="b"), "smugmug/b.jpg", size=9, md5=MD5)}, False, id="other bytes"),
        pytest.param(TOLD, {"a": KNOWN["a"]}, False, id="an item that was not moved"),
    ],
)  # fmt: skip
def test_a_digest_changes_with_the_files_contents_and_with_nothing_else(
    now: Contents, known: dict[str, Entry], same: bool
) -> None:
    assert (sidecar.digest(now, known) == sidecar.digest(TOLD, KNOWN)) == same


def test_it_says_whose_album_it_is_where_that_is_known() -> None:
    assert json.loads(rendered([], [], account='J"ane'))["account"] == 'J"ane'
    assert "account" not in json.loads(rendered([], []))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, ""),
        ({"Privacy": "Unlisted", "SecurityType": "None"}, "Unlisted"),
        ({"Privacy": "Public", "SecurityType": "Password"}, "Public, password"),
        ({"SecurityType": "GrantAccess"}, "granted access"),
    ],
)
def test_who_can_see_an_album_is_known_as_far_as_smugmug_says(record: dict[str, str], expected: str) -> None:
    assert sidecar.privacy(record) == expected
