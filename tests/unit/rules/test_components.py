"""Files in SmugMug Source: their keys, their names beside their preview, and what is known of them without an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from smug2s3.errors import UsageError
from smug2s3.models import Asset, Entry, Known, Listing, Shown
from smug2s3.rules import keys, sidecar
from smug2s3.rules.components import NOT_GIVEN, NOT_SAID, Raw, Refusals, component, raw_option, summarized, with_stored
from smug2s3.rules.plan import Action, Step, plan_album
from tests.unit.samples import OTHER_MD5, album, asset, entry

LINE = b'{"image":{"ImageKey":"abc"}}'


def raw(image: Asset, filename: str, name: str = "RawKey", **changes: Any) -> Asset:
    found = component(image, name, filename=filename, url="https://x/smugvault/1", size=9, md5=OTHER_MD5)
    return replace(found, **changes)


def kept(image: Asset, key: str, **changes: Any) -> Entry:
    """What the ledger has of the component ``RawKey``."""
    return entry(raw(image, key.rpartition("/")[2]), key, **changes)


@pytest.mark.parametrize(
    ("preview", "stored", "component_name", "name"),
    [
        ("IMG_1.JPG", "IMG_1.JPG", "IMG_1.RW2", "IMG_1.RW2"),
        ("IMG_1.JPG", "IMG_1-abc.JPG", "img_1.rw2", "IMG_1-abc.rw2"),
        ("IMG_1.JPG", "2019 IMG_1.JPG", "IMG_1.RW2.dop", "2019 IMG_1.RW2.dop"),
        ("IMG_1.HEIC.JPG", "IMG_1.HEIC.JPG", "IMG_1.HEIC", "IMG_1.HEIC.HEIC"),
        ("", "abc.jpg", "scan.psd", "abc.psd"),
        ("a.JPG", "a.JPG", "../../etc/passwd", "a.rw2"),
        ("a.JPG", "a.JPG", "a.x:y/z", "a.x_y_z"),
    ],
)
def test_a_component_has_the_stem_of_its_preview(preview: str, stored: str, component_name: str, name: str) -> None:
    image = asset(filename=preview)
    one = raw(image, component_name, format="rw2")
    known = {image.image_key: entry(image, f"smugmug/Trip/{stored}")}
    _, beside = plan_album([image, one], directory="smugmug/Trip", known=known, taken={}, follow_renames=False)
    assert (beside.action, beside.key) == (Action.MOVE, f"smugmug/Trip/{name}")


def test_twins_and_their_components_keep_their_own_stems_in_any_order() -> None:
    first, second = asset(image_key="a"), asset(image_key="b")
    files = [first, raw(first, "IMG_1.RW2"), raw(first, "IMG_1.JPG", "x/y"), second, raw(second, "IMG_1.RW2")]
    steps = {s.asset.image_key: s.key.rpartition("/")[2] for s in _plan(files)}
    assert steps == {s.asset.image_key: s.key.rpartition("/")[2] for s in _plan(files[::-1])}
    odd = keys.component_key("a", "x/y")
    assert steps == {
        "a": "IMG_1.JPG",
        "a+RawKey": "IMG_1.RW2",
        odd: f"IMG_1-{odd}.JPG",
        "b": "IMG_1-b.JPG",
        "b+RawKey": "IMG_1-b.RW2",
    }


def _plan(files: list[Asset], known: list[Entry] | None = None, *, follow: bool = False) -> list[Step]:
    remembered = {one.image_key: one for one in known or []}
    return plan_album(files, directory="smugmug/Trip", known=remembered, taken={}, follow_renames=follow)


def test_a_component_is_renamed_with_its_preview_and_only_then() -> None:
    image = asset(filename="new.JPG")
    old = entry(image, "smugmug/Old/IMG_1.JPG")
    known = [old, kept(image, "smugmug/Old/IMG_1.RW2", described="x")]
    for follow, key in ((False, "smugmug/Old/IMG_1.RW2"), (True, "smugmug/Trip/new.RW2")):
        _, step = _plan([image, raw(image, "IMG_1.RW2")], known, follow=follow)
        assert (step.action, step.key) == (Action.RENAME if follow else Action.DESCRIBE, key)


def test_a_component_not_yet_stored_yields_its_name_to_a_photo_and_never_takes_one() -> None:
    image, other = asset(image_key="a", filename="a.JPG"), asset(image_key="b", filename="a.PNG")
    waiting = kept(image, "smugmug/Trip/a.PNG", state=Known.MOVING)
    known = [entry(image, "smugmug/Trip/a.JPG"), waiting]
    steps = _plan([image, raw(image, "a.PNG"), other], known)
    assert [step.key.rpartition("/")[2] for step in steps] == ["a.JPG", "a-a+RawKey.PNG", "a.PNG"]


def test_what_is_stored_of_an_image_that_was_not_asked_about_is_listed_as_it_is() -> None:
    image = asset(image_key="abc")
    hint = component(image, "Raw: rw2", filename="IMG_1.rw2", url=None, size=None, md5=None, unavailable="no")
    lines = (sidecar.pack(LINE), sidecar.with_component(sidecar.pack(LINE), {"ComponentFileType": "Raw: rw2"}))
    listing = Listing(album=album(), assets=(image, hint), records=lines, shown=Shown(), unasked=frozenset({"abc"}))
    stored = kept(image, "smugmug/Trip/IMG_1.RW2")

    told = with_stored(listing, {stored.image_key: stored})

    assert [one.image_key for one in told.assets] == ["abc", stored.image_key]
    assert [sidecar.image_key(sidecar.unpack(line)) for line in told.records] == ["abc", stored.image_key]
    assert (told.assets[1].md5, told.assets[1].url, told.images) == (OTHER_MD5, None, [image])
    assert with_stored(listing, {}) is listing
    assert with_stored(replace(listing, unasked=frozenset()), {stored.image_key: stored}).assets == listing.assets
    gone = replace(stored, state=Known.GONE)
    assert with_stored(listing, {gone.image_key: gone}) is listing


@pytest.mark.parametrize(
    ("refused", "closed"),
    [
        ("a" * 19, ""),
        ("a" * 20, "a"),  # the other albums may have more luck
        ("a" * 20 + "b" * 20, "ab"),
        ("a" * 20 + "bc", "abcd"),
        ("abc" * 6, ""),
        ("abc" * 7, "abcd"),
        ("abcdefghijklmnopqrst", "abcd"),
    ],
)
def test_refusals_in_several_albums_close_all_and_in_one_only_that(refused: str, closed: str) -> None:
    never, once = Refusals(), Refusals()
    once.answered = True
    for album_key in refused:
        never.add(album_key, "it answered 404")
        once.add(album_key, "it answered 404")
    assert "".join(album_key for album_key in "abcd" if never.closed(album_key)) == closed
    assert {never.closed(album_key) for album_key in closed} <= {
        "not asked for, since others were refused: it answered 404"
    }
    assert not any(once.closed(album_key) for album_key in "abcd")


def test_refusals_for_one_reason_are_one_line() -> None:
    why = f"{NOT_GIVEN} (it answered 404)"
    lines = list(
        summarized([("a", why), ("b", "deleted"), ("c", why), ("d", f"{NOT_GIVEN} (403)"), ("e", f"{NOT_SAID} (403)")])
    )
    assert lines == [
        ("b", "deleted"),
        ("2 files in SmugMug Source", why),
        ("1 file in SmugMug Source", f"{NOT_GIVEN} (403)"),
        ("1 item", f"{NOT_SAID} (403)"),
    ]


def test_the_option_is_one_of_three_words() -> None:
    assert [raw_option(text) for text in ("auto", "all", "off")] == list(Raw)
    with pytest.raises(UsageError, match="--raw must be one of auto, all, off, not 'yes'"):
        raw_option("yes")
