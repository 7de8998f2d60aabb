"""Addresses between files: relative, encoded, and none for what is not there."""

from __future__ import annotations

import pytest

from smug2s3.models import Known
from smug2s3.rules.gallery_pages import DATES, SEARCH, TOP, album_page, folder_page, month_page
from smug2s3.rules.viewing import Item, Wanted
from smug2s3.viewer.disk_links import DiskLinks, Place


def item(image_key: str = "i1") -> Item:
    return Item(
        album_key="A1", image_key=image_key, album="Family/2019", directory="Family/2019", name="a.jpg",
        key="Family/2019/a.jpg", size=1, md5="", state=Known.MOVED, reason="", title="", caption="", keywords=(),
        date="", is_video=False, hidden=False, position=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("page", "path", "address"),
    [
        ("index.html", "_gallery/dates.html", "_gallery/dates.html"),
        ("index.html", "index.html", "index.html"),
        (TOP, "Family/a b.jpg", "../Family/a%20b.jpg"),
        (TOP, "_gallery/part/viewer.js", "part/viewer.js"),
        (album_page("A1"), "Family/été/#1?.jpg", "../../../Family/%C3%A9t%C3%A9/%231%3F.jpg"),
        (album_page("A1"), album_page("A1", 2), "2.html"),
        (album_page("A1"), "javascript:hit()/x.jpg", "../../../javascript%3Ahit%28%29/x.jpg"),
        ("index.html", "javascript:hit()/x.jpg", "javascript%3Ahit%28%29/x.jpg"),
        (month_page("2019-07"), "_gallery/thumbnails/a/b.jpg", "../thumbnails/a/b.jpg"),
        (folder_page("a"), '"><script>/100%25.jpg', "../../%22%3E%3Cscript%3E/100%2525.jpg"),
    ],
)
def test_an_address_leads_from_the_page_to_the_file_whatever_their_names(page: str, path: str, address: str) -> None:
    assert DiskLinks(page, {}).to(path) == address


def test_every_kind_of_page_has_an_address_that_names_its_file() -> None:
    links = DiskLinks(album_page("A1"), {})
    assert links.folder("") == "../../index.html"
    assert links.folder("Family") == DiskLinks(album_page("A1"), {}).to(folder_page("Family"))
    assert links.album("A1", 3) == "3.html"
    assert links.dates() == "../../dates.html"
    assert links.month("2019-07", Wanted(), 2) == "../../dates/2019-07-2.html"
    assert links.month("2019", Wanted()) == "../../dates.html#y2019"
    assert links.month("", Wanted()) == "../../dates/undated.html"
    assert links.search('"new year"') == "../../search.html?q=%22new+year%22"
    assert DiskLinks(SEARCH, {}).search() == "search.html"
    assert DiskLinks(DATES, {}).part("viewer.css") == "part/viewer.css"


def test_an_item_leads_to_its_files_and_a_missing_one_to_what_the_script_shows_of_it() -> None:
    places = {
        ("A1", "i1"): Place(
            file="Family/a.heic", small="_gallery/thumbnails/a/s.jpg", large="_gallery/thumbnails/a/l.jpg"
        )
    }
    links = DiskLinks(TOP, places)
    assert links.photo(item()) == links.original(item()) == "../Family/a.heic"
    assert links.small(item()) == "thumbnails/a/s.jpg"
    assert links.large(item()) == "thumbnails/a/l.jpg"
    lost = item("i2")
    assert (links.original(lost), links.small(lost), links.large(lost)) == ("", "", "")
    assert links.photo(lost) == "#A1/i2"
