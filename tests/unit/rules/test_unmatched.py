"""A filter that is about nothing was not what its writer meant: the nearest names are shown."""

from __future__ import annotations

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.filters import Filters, wants_album, wants_asset
from smug2s3.rules.unmatched import Matches
from tests.unit.samples import album, asset

ALBUMS = [
    album(name="Christmas", folder=("Family", "2019")),
    album(name="Easter", folder=("Family", "2019")),
    album(name="Invoices", folder=("Work",)),
]
ASSETS = [
    asset(image_key="a", filename="IMG_1.JPG", keywords=("Lake", "summer")),
    asset(image_key="b", filename="scan.jpg"),
]


def refusal(filters: Filters, *, all_listed: bool = True) -> UsageError | None:
    """After a run over these albums, of which each has these files."""
    matches = Matches(filters)
    for one in ALBUMS:
        matches.album(one, wanted=wants_album(filters, one))
        if wants_album(filters, one):
            matches.assets(ASSETS, wanted=sum(wants_asset(filters, each) for each in ASSETS))
    return matches.refusal(all_listed=all_listed)


@pytest.mark.parametrize(
    ("filters", "sentence", "nearest"),
    [
        (Filters(albums=("Chrismas",)), "no album matches Chrismas (--album)", "'Christmas'"),
        (Filters(albums=("chrismas*", "Easter")), "no album matches chrismas* (--album)", "'Christmas'"),
        (Filters(albums=("Family/2019/Eastern",)), "no album matches Family/2019/Eastern", "'Family/2019/Easter'"),
        (Filters(albums=("Famly/*",)), "no album matches Famly/* (--album)", "Did you mean 'Family/*'"),
        (Filters(albums=("Family/2091/*",)), "no album matches Family/2091/*", "Did you mean 'Family/2019/*'"),
        (Filters(albums=("Famly/*/Chris*",)), "no album matches Famly/*/Chris*", "'Family/2019/Christmas'"),
        (Filters(folders=("Famly/*",)), "no album matches Famly/* (--folder)", "'Family"),
        (Filters(folders=("Familiy",)), "no album matches Familiy (--folder)", "'Family'"),
        (Filters(exclude_albums=("Invoises",)), "no album matches Invoises (--exclude-album)", "'Invoices'"),
        (Filters(exclude_folders=("Worc",)), "no album matches Worc (--exclude-folder)", "'Work'"),
        (Filters(files=("IMG_1.JPEG",)), "no file matches IMG_1.JPEG (--file)", "'IMG_1.JPG'"),
        (Filters(keywords=("somer", "lake")), "no keyword matches somer (--keyword)", "'summer'"),
        (Filters(files=("Zebra",)), "no file matches Zebra (--file)", "whole file name, like 'IMG_2*'"),
        (Filters(keywords=("Zebra*",)), "no keyword matches Zebra* (--keyword)", "whole keyword, like 'grandma*'"),
        (Filters(albums=("Zebra",)), "no album matches Zebra", "whole path"),
        (
            Filters(albums=("Christmas",), folders=("Work",)),
            "no album matches Christmas (--album) and Work (--folder)",
            "whole path",
        ),
        (Filters(exclude_albums=("*",)), "no album matches * (left after --exclude-album)", "whole path"),
        (Filters(min_size=5000), "none of the 6 items in these albums match the filters", "--dry-run"),
    ],
)
def test_what_was_sought_in_vain_is_named_with_what_comes_nearest(
    filters: Filters, sentence: str, nearest: str
) -> None:
    error = refusal(filters)

    assert error is not None
    assert sentence in str(error)
    assert nearest in error.hint


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(albums=("Christ*",), exclude_albums=("Easter",), folders=("Family",)),
        Filters(files=("*.jpg",), exclude_files=("*.tmp",), keywords=("LAKE",)),
    ],
)
def test_filters_that_found_something_are_no_error(filters: Filters) -> None:
    assert refusal(filters) is None


@pytest.mark.parametrize("filters", [Filters(files=("nothing",)), Filters(keywords=("nothing",)), Filters(max_size=1)])
def test_of_files_nothing_is_said_while_not_every_album_was_listed(filters: Filters) -> None:
    assert refusal(filters, all_listed=False) is None
