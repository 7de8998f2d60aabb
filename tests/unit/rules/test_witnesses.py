"""What else SmugMug says of an account is held against its folders."""

from __future__ import annotations

import pytest

from smug2s3.models import AlbumTotals
from smug2s3.rules.witnesses import Walked, against_account, against_folders

WALKED: Walked = {"G": ("Garden", 2), "S": ("Family/Summer", 3), "L": ("Locked", None)}


def totals(key: str, path: str, assets: int | None) -> AlbumTotals:
    return AlbumTotals(key=key, path=path, folder="", assets=assets, bytes=None)


SAME = [totals("G", "Garden", 2), totals("S", "Family/Summer", 3), totals("L", "Locked", None)]


@pytest.mark.parametrize(
    ("flat", "unseen", "counts"),
    [
        pytest.param(SAME, {}, {}, id="both say the same"),
        pytest.param(SAME[:1], {}, {}, id="an album only the folders know (a system album)"),
        pytest.param([], {}, {}, id="a list of nothing"),
        pytest.param(
            [*SAME, totals("X", "Trips/Lake: North", 9)],
            {"X": "Trips/Lake: North: in SmugMug's list of all albums, but in none of its folders"},
            {},
            id="an album the folders do not show",
        ),
        pytest.param(
            [totals("G", "Garden", 1_002), *SAME[1:]],
            {},
            {"G": "Garden: SmugMug counts 2 items in the album, but 1,002 in its list of all albums"},
            id="more in the list",
        ),
        pytest.param(
            [totals("S", "Summer", 0)],
            {},
            {"S": "Family/Summer: SmugMug counts 3 items in the album, but 0 in its list of all albums"},
            id="fewer in the list, and the name a person knows",
        ),
        pytest.param([totals("G", "Garden", None), totals("L", "Locked", 5)], {}, {}, id="one of both does not count"),
    ],
)
def test_the_flat_list_says_what_the_folders_lack(
    flat: list[AlbumTotals], unseen: dict[str, str], counts: dict[str, str]
) -> None:
    testimony = against_folders(WALKED, flat)
    assert (testimony.unseen, testimony.counts, testimony.note) == (unseen, counts, "")


def test_a_flat_list_that_cannot_be_read_is_no_witness_and_says_why() -> None:
    testimony = against_folders(WALKED, "SmugMug has no the list of all albums (any more)")
    assert (testimony.unseen, testimony.counts) == ({}, {})
    assert testimony.note.endswith("albums are taken from the folders alone")


@pytest.mark.parametrize(
    ("total", "distinct", "counted", "sentence"),
    [
        (5, None, 5, ""),
        (0, None, 0, ""),
        (2, None, 1_002, "SmugMug counts 1,002 items in the account, but 2 in its albums"),
        (2, None, 1, "SmugMug counts 1 items in the account, but 2 in its albums"),
        (2, None, None, ""),
        (5, 3, 3, ""),
        (5, 3, 4, "SmugMug counts 4 items in the account, but 5 in its albums"),
    ],
    ids=[
        "the same",
        "nothing",
        "more in the account",
        "fewer in the account",
        "not said",
        "a collected one counted once",
        "a collected one counted neither way",
    ],
)
def test_the_account_counts_as_many_as_its_albums_or_the_difference_is_a_sentence(
    total: int, distinct: int | None, counted: int | None, sentence: str
) -> None:
    assert against_account(total, counted, distinct=distinct) == sentence
