"""The search without a server: how texts become words, and the index files that are small whatever the archive is."""

from __future__ import annotations

import pytest

from smug2s3.rules.shards import folded, posting, shard_name, shards, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Lake, at <b>dusk</b>", {"the", "lake", "at", "b", "dusk"}),
        ("IMG_0001.JPG", {"img", "0001", "jpg"}),
        ("Café CAFÉ cafe\u0301", {"cafe"}),
        ("Straße STRASSE", {"strasse"}),
        ("İstanbul \u0131s\u0131", {"istanbul", "isi"}),
        ("ὈΔΌΣ ὁδός", {"οδοσ"}),
        ("Москва́", {"москва"}),
        ("ﬁlm \uff12\uff10\uff11\uff19", {"film", "2019"}),
        ("東京タワー", {"東京", "京タ", "タワ", "ワー", "ー"}),
        ("東 7月", {"東", "7", "月"}),
        ("สวัสดี", {"สว", "วั", "ัส", "สด", "ดี", "ี"}),
        ("हिन्दी", {"हिन्दी"}),
        ("שלום", {"שלום"}),
        ("🏖️ -- \u202e", set()),
        ("x" * 50, {"x" * 40}),
    ],
)
def test_a_text_is_split_into_words_of_any_script_without_case_and_accents(text: str, found: set[str]) -> None:
    assert words(text) == {folded(word) for word in found}


def test_a_posting_says_distances_and_which_are_videos() -> None:
    assert posting("2019-07", [(3, False), (5, True), (900, False)]) == "201907:3,2v,895"
    assert posting("", [(0, True)]) == "0:0v"


def test_an_index_that_is_too_large_is_split_by_longer_beginnings_until_one_word_is_left() -> None:
    index = {"b": "1:1", "be": "1:1", "beach": "1:2" * 20, "bee": "1:3", "birch": None}
    assert list(shards(index, "b")) == [("b", ["b", "be", "beach", "bee", "birch"])]
    assert list(shards(index, "b", most=20)) == [
        ("b ", ["b"]),
        ("be ", ["be"]),
        ("bea", ["beach"]),
        ("bee", ["bee"]),
        ("bi", ["birch"]),
    ]
    assert list(shards({}, "b")) == []


def test_every_beginning_of_a_word_leads_to_the_file_that_has_it() -> None:
    index = dict.fromkeys(("a", "ab", "abc", "abd", "b", "日", "日本", "🏖"), "1:1")
    for prefix, some in shards(index, "", most=1):
        for word in some:
            typed = [word[: length + 1] for length in range(len(word))]
            assert all(prefix.startswith(part) or part.startswith(prefix) for part in typed)


def test_files_of_the_index_have_names_for_every_disk() -> None:
    assert shard_name("be") == "w6265"
    assert shard_name("日") == "we697a5"
    assert shard_name("b ") != shard_name("b")
