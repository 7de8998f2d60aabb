"""What stands beside the pages in a bucket: SmugMug's own reduced pictures where they are stored, else the files themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from smug2s3.models import Album, Known
from smug2s3.ports.catalogue import Catalogue
from smug2s3.rules.homecoming import ArchivedAlbum
from smug2s3.viewer.disk_links import Place
from smug2s3.viewer.surroundings import InBucket
from tests.unit.viewer.test_disk_links import item

ALBUM = ArchivedAlbum(
    album=Album(key="A1", node_id="", name="2019", folder=("Family",), directory="Family/2019", images_uri=""), files=()
)


class Stored:
    """A catalogue that knows only which objects there are."""

    def __init__(self, *keys: str) -> None:
        self._keys = frozenset(keys)

    def stored(self, keys: Sequence[str]) -> frozenset[str]:
        return self._keys & frozenset(keys)


def preview(name: str, size: str) -> str:
    return f"_gallery/Family/2019/thumbnails/{name}-{size}.jpg"


@pytest.mark.parametrize(
    ("name", "sizes", "small", "large"),
    [
        ("a.jpg", "", "Family/2019/a.jpg", "Family/2019/a.jpg"),
        ("a.jpg", "S", preview("a.jpg", "S"), "Family/2019/a.jpg"),
        ("a.jpg", "S,M,X2,X3", preview("a.jpg", "S"), preview("a.jpg", "X3")),
        ("a.heic", "M", preview("a.heic", "M"), preview("a.heic", "M")),
        ("a.heic", "", "", ""),
        ("a.mp4", "S", preview("a.mp4", "S"), preview("a.mp4", "S")),
    ],
)
async def test_an_item_is_shown_by_the_best_there_is(name: str, sizes: str, small: str, large: str) -> None:
    one = replace(item(), key=f"p/Family/2019/{name}")
    catalogue = Stored(*(f"p/{preview(name, size)}" for size in sizes.split(",")))

    [(shown, place)] = await InBucket(cast(Catalogue, catalogue), "p/").placed(ALBUM, [one])

    assert shown == one
    assert place == Place(file=f"Family/2019/{name}", small=small, large=large)


async def test_what_is_not_stored_has_no_place() -> None:
    lost = replace(item(), state=Known.FAILED)
    assert await InBucket(cast(Catalogue, Stored()), "").placed(ALBUM, [lost]) == [(lost, Place())]
