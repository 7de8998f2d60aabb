"""Whose a ledger and an archive are: what is refused, what it says to do, and what somebody who knows may do."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.rules.ownership import Found, Whose, allowed, archive_prefix, of_ledger, of_prefix

RECORDED = {"store": "s3.example", "bucket": "photos", "prefix": "smugmug/", "account": "jane"}


@pytest.mark.parametrize(
    ("owner", "sentence", "hint"),
    [
        pytest.param(RECORDED, "", "", id="the same"),
        pytest.param({"bucket": "photos"}, "", "", id="only what is known yet"),
        pytest.param({"other": "x"}, "", "", id="nothing it has heard of"),
        pytest.param(
            RECORDED | {"store": "s3.exmaple"},
            "store 's3.example', not 's3.exmaple'",
            "S3_ENDPOINT_URL back to the address of 's3.example'",
            id="host",
        ),
        pytest.param(RECORDED | {"bucket": "p"}, "bucket 'photos', not 'p'", "S3_BUCKET back to 'photos'", id="bucket"),
        pytest.param(RECORDED | {"prefix": ""}, "prefix 'smugmug/', not ''", "S3_PREFIX back", id="prefix"),
        pytest.param(
            RECORDED | {"account": "john"}, "account 'jane', not 'john'", "sign in as 'jane' again", id="account"
        ),
    ],
)
def test_a_ledger_is_of_one_account_and_place(owner: dict[str, str], sentence: str, hint: str) -> None:
    refusal = of_ledger("l.db", RECORDED, owner)
    assert (refusal is not None) == bool(sentence)
    if refusal:
        assert str(refusal) == f"the ledger l.db is for {sentence}"
        assert hint in refusal.hint
        assert "LEDGER_PATH to a new file" in refusal.hint


@pytest.mark.parametrize("whose", Whose)
def test_only_ones_own_can_be_adopted(whose: Whose) -> None:
    found = Found(whose=whose, account="jane", key="smugmug/A/_album.json", prefix="smugmug/")
    refused = of_prefix(found, "smugmug/") is not None
    assert refused == (whose in (Whose.OURS, Whose.ANOTHERS, Whose.UNNAMED))
    assert allowed(found, adopt=True) == (whose in (Whose.OURS, Whose.UNNAMED))
    assert allowed(found, adopt=False, bound=True) == (whose is Whose.OURS)
    assert not allowed(found, adopt=False)


@pytest.mark.parametrize(
    ("prefix", "place"),
    [("smugmug/", "the prefix smugmug/ already contains"), ("", "the prefix (none) already contains")],
)
def test_the_prefix_that_is_taken_is_named(prefix: str, place: str) -> None:
    refusal = of_prefix(Found(whose=Whose.OURS, key="k", prefix=prefix), prefix)
    assert refusal is not None
    assert str(refusal).startswith(place)
    assert refusal.hint.startswith("Run `smug2s3 ledger rebuild` first")


@pytest.mark.parametrize(
    ("directory", "document", "expected"),
    [
        ("smugmug/Garden", {"folders": []}, "smugmug/"),
        ("smugmug/Family/2019/Christmas", {"folders": [{}, {}]}, "smugmug/"),
        ("Family/Christmas", {"folders": [{}]}, ""),
        ("a/b/Garden", {}, "a/b/"),
        ("Garden", {"folders": [{}, {}]}, ""),  # deeper than SmugMug allows: its way down is a digest
    ],
)
def test_where_an_archive_begins_follows_from_the_folders_of_an_album(
    directory: str, document: dict[str, Any], expected: str
) -> None:
    assert archive_prefix(directory, document) == expected
