"""Which albums and files a run is about."""

from __future__ import annotations

import pytest

from smug2s3.models import Filters
from smug2s3.rules.filters import wants_album, wants_asset
from tests.unit.samples import album, asset


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        pytest.param(Filters(), True, id="no filter means everything"),
        pytest.param(Filters(albums=("Christmas",)), True, id="by name"),
        pytest.param(Filters(albums=("christ*",)), True, id="by glob, case does not count"),
        pytest.param(Filters(albums=("Family/2019/Christmas",)), True, id="by whole path"),
        pytest.param(Filters(albums=("Family/*",)), True, id="by glob on the path"),
        pytest.param(Filters(albums=("/Family/2019/Christmas/",)), True, id="slashes around do not count"),
        pytest.param(Filters(albums=("Easter",)), False, id="another name"),
        pytest.param(Filters(albums=("mas",)), False, id="a part of a name is no match"),
        pytest.param(Filters(albums=("Easter", "Christmas")), True, id="one of two globs is enough"),
        pytest.param(Filters(folders=("Family",)), True, id="a folder covers what lies deeper"),
        pytest.param(Filters(folders=("2019",)), True, id="a folder by its own name"),
        pytest.param(Filters(folders=("Family/2019",)), True, id="a folder by its path"),
        pytest.param(Filters(folders=("Christmas",)), False, id="an album is no folder"),
        pytest.param(Filters(folders=("Fam",)), False, id="a part of a folder's name is no match"),
        pytest.param(Filters(albums=("Christmas",), folders=("Work",)), False, id="both must match"),
    ],
)
def test_an_album_is_wanted_if_its_name_and_one_of_its_folders_match(filters: Filters, wanted: bool) -> None:
    assert wants_album(filters, album()) is wanted


def test_a_glob_matches_whatever_unicode_form_smugmug_uses() -> None:
    assert wants_album(Filters(albums=("Caf\u00e9",)), album(name="Cafe\u0301"))


def test_an_album_outside_every_folder_is_in_none() -> None:
    assert not wants_album(Filters(folders=("*",)), album(folder=()))


@pytest.mark.parametrize(
    ("filters", "photo", "video"),
    [
        pytest.param(Filters(), True, True, id="all"),
        pytest.param(Filters(videos=False), True, False, id="photos"),
        pytest.param(Filters(photos=False), False, True, id="videos"),
    ],
)
def test_photos_and_videos_are_told_apart(filters: Filters, photo: bool, video: bool) -> None:
    assert wants_asset(filters, asset()) is photo
    assert wants_asset(filters, asset(is_video=True)) is video
    assert filters.partial is not (photo and video)
