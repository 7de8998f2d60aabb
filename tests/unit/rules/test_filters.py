"""Which albums and files a run is about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from smug2s3.rules.filters import Filters, Span, Verdict, day_of, judge, wants_album, wants_asset
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
        pytest.param(Filters(exclude_albums=("Easter",)), True, id="another one is excluded"),
        pytest.param(Filters(exclude_albums=("christ*",)), False, id="excluded by glob"),
        pytest.param(Filters(exclude_albums=("Family/2019/*",)), False, id="excluded by path"),
        pytest.param(Filters(folders=("Family",), exclude_albums=("Christmas",)), False, id="excluding wins"),
        pytest.param(Filters(exclude_folders=("Family",)), False, id="an excluded folder covers what lies deeper"),
        pytest.param(Filters(folders=("Family",), exclude_folders=("2018",)), True, id="a sister folder is excluded"),
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
def test_photos_and_videos_are_distinguished(filters: Filters, photo: bool, video: bool) -> None:
    assert wants_asset(filters, asset()) is photo
    assert wants_asset(filters, asset(is_video=True)) is video
    assert filters.partial is not (photo and video)


PICTURE = {"filename": "IMG_1.JPG", "keywords": ("Lake", "summer 2019"), "size": 1000}


@pytest.mark.parametrize(
    ("filters", "differences", "wanted"),
    [
        pytest.param(Filters(files=("IMG_*",)), {}, True, id="file by glob"),
        pytest.param(Filters(files=("img_1.jpg",)), {}, True, id="case does not count"),
        pytest.param(Filters(files=("DSC*",)), {}, False, id="another file name"),
        pytest.param(Filters(files=("*.mp4",)), {"filename": "A.MOV", "is_video": True, "format": "MP4"}, True,
                     id="by the name it gets in the store"),
        pytest.param(Filters(files=("*.mov",)), {"filename": "A.MOV", "is_video": True, "format": "MP4"}, True,
                     id="by the name SmugMug shows"),
        pytest.param(Filters(exclude_files=("*.jpg",)), {}, False, id="file excluded"),
        pytest.param(Filters(files=("IMG*",), exclude_files=("*.png",)), {}, True, id="another kind of file excluded"),
        pytest.param(Filters(keywords=("lake",)), {}, True, id="keyword"),
        pytest.param(Filters(keywords=("summer*", "winter*")), {}, True, id="one of two keywords is enough"),
        pytest.param(Filters(keywords=("summer",)), {}, False, id="a part of a keyword is no match"),
        pytest.param(Filters(keywords=("*",)), {"keywords": ()}, False, id="without keywords none matches"),
        pytest.param(Filters(min_size=1000, max_size=1000), {}, True, id="size limits are included"),
        pytest.param(Filters(min_size=1001), {}, False, id="too small"),
        pytest.param(Filters(max_size=999), {}, False, id="too large"),
        pytest.param(Filters(max_size=0), {"size": 0}, True, id="an empty file fits any upper limit"),
    ],
)  # fmt: skip
def test_a_file_is_wanted_if_name_keywords_and_size_fit(
    filters: Filters, differences: dict[str, Any], wanted: bool
) -> None:
    assert wants_asset(filters, asset(**PICTURE | differences)) is wanted


JULY = Span(first=date(2019, 7, 1), last=date(2019, 7, 31))


@pytest.mark.parametrize(
    ("span", "moment", "verdict"),
    [
        pytest.param(JULY, "2019-07-01T00:00:00", Verdict.WANTED, id="the first day is included"),
        pytest.param(JULY, "2019-07-31T23:59:59.999", Verdict.WANTED, id="the last day is included to its end"),
        pytest.param(JULY, "2019-06-30T23:59:59", Verdict.LEFT_OUT, id="before"),
        pytest.param(JULY, "2019-08-01", Verdict.LEFT_OUT, id="after"),
        pytest.param(Span(first=JULY.first), "2026-01-01", Verdict.WANTED, id="open at the end"),
        pytest.param(Span(last=JULY.last), "1890-01-01", Verdict.WANTED, id="open at the beginning"),
        pytest.param(JULY, "", Verdict.UNDATED, id="no date"),
        pytest.param(JULY, "0000-00-00T00:00:00", Verdict.UNDATED, id="a camera without a clock"),
        pytest.param(Span(last=JULY.last), "0001-01-01T00:00:00", Verdict.UNDATED, id="another one"),
        pytest.param(Span(), "", Verdict.WANTED, id="nobody asks for a date"),
    ],
)
def test_dates_are_days_with_both_ends_and_what_has_none_counts_apart(
    span: Span, moment: str, verdict: Verdict
) -> None:
    assert judge(Filters(taken=span), asset(taken=moment)) is verdict
    assert judge(Filters(uploaded=span), asset(uploaded=moment)) is verdict


@pytest.mark.parametrize(
    ("filters", "differences", "verdict"),
    [
        pytest.param(Filters(min_size=1), {"size": None}, Verdict.UNSIZED, id="unknown size, lower limit"),
        pytest.param(Filters(max_size=1), {"size": None}, Verdict.UNSIZED, id="unknown size, upper limit"),
        pytest.param(Filters(taken=JULY, max_size=1), {"size": None}, Verdict.UNDATED, id="neither: the date is named"),
        pytest.param(Filters(taken=JULY, max_size=1), {"size": 2}, Verdict.LEFT_OUT, id="too large, whatever its date"),
        pytest.param(
            Filters(taken=JULY, photos=False), {}, Verdict.LEFT_OUT, id="of the wrong kind, whatever its date"
        ),
        pytest.param(
            Filters(taken=JULY), {"taken": "2019-07-02", "size": None}, Verdict.WANTED, id="no size asked for"
        ),
    ],
)
def test_only_what_may_be_wanted_counts_as_lacking_a_fact(
    filters: Filters, differences: dict[str, Any], verdict: Verdict
) -> None:
    assert judge(filters, asset(**differences)) is verdict


@pytest.mark.parametrize(("moment", "day"), [("2019-07-14T10:30:00+00:00", date(2019, 7, 14)), ("yesterday", None)])
def test_a_moment_of_smugmug_has_a_day(moment: str, day: date | None) -> None:
    assert day_of(moment) == day
