"""Names from SmugMug become keys that every system can restore and that never meet each other."""

from __future__ import annotations

import unicodedata
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smug2s3.rules import keys
from smug2s3.rules.keys import Claim, fold
from tests.unit.samples import file_names

PREFIX = "p" * 99 + "/"
WINDOWS_FORBIDS = set('<>:"/\\|?*') | {chr(code) for code in range(32)}
WINDOWS_RESERVES = (
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"com{digit}" for digit in "0123456789¹²³"}
    | {f"lpt{digit}" for digit in "0123456789¹²³"}
)

owners = st.text("abcdefghjkmnpqrstuvwxyzABCDEFGH23456789", min_size=5, max_size=8)
claims = st.lists(
    st.builds(
        Claim,
        owner=owners,
        name=st.one_of(
            file_names.map(lambda name: keys.safe_name(name, fallback="x")),
            st.sampled_from(["a.jpg", "A.JPG", "a.jpeg", "é.jpg", "É.jpg", "b", "B"]),
        ),
        rank=st.sampled_from(["", "2019", "2020"]),
    ),
    max_size=12,
    unique_by=lambda claim: claim.owner,
)


def assert_restorable(segment: str) -> None:
    """One segment of a key as every file system and every S3 listing takes it."""
    assert segment not in ("", ".", "..")
    assert not WINDOWS_FORBIDS & set(segment)
    assert not segment.endswith((".", " "))
    assert segment.partition(".")[0].rstrip(" ").lower() not in WINDOWS_RESERVES
    assert segment == unicodedata.normalize("NFC", segment)
    segment.encode()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        pytest.param("IMG_0001.JPG", "IMG_0001.JPG", id="an ordinary name stays"),
        pytest.param("Weihnachten 🎄 é.jpg", "Weihnachten 🎄 é.jpg", id="Unicode stays"),
        pytest.param("e\u0301.jpg", "é.jpg", id="NFD becomes NFC"),
        pytest.param("a/b\\c.jpg", "a_b_c.jpg", id="separators"),
        pytest.param('x<>:"|?*', "x_______", id="what Windows forbids, beside a letter"),
        pytest.param("a\nb\x7f\x85c", "a_b__c", id="control characters"),
        pytest.param("a\ud800b\uffff", "a_b_", id="what UTF-8 or XML cannot carry"),
        pytest.param("  a.jpg . .", "a.jpg", id="spaces around, dots at the end"),
        pytest.param(".hidden", ".hidden", id="a leading dot stays"),
        pytest.param("", "KEY", id="nothing"),
        pytest.param(" . ", "KEY", id="nothing but dots and spaces"),
        pytest.param("..", "KEY", id="the way up"),
        pytest.param("///", "KEY", id="nothing but separators"),
        pytest.param("con", "_con", id="a device"),
        pytest.param("Aux.tar.gz", "_Aux.tar.gz", id="a device with endings"),
        pytest.param("nul .txt", "_nul .txt", id="a device with a space that Windows drops"),
        pytest.param("COM¹", "_COM¹", id="a device with a raised digit"),
        pytest.param("console", "console", id="no device"),
    ],
)
def test_a_name_becomes_one_segment_that_every_system_can_restore(name: str, safe: str) -> None:
    assert keys.safe_name(name, fallback="KEY") == safe


@given(file_names, st.integers(min_value=24, max_value=300))
def test_whatever_the_name_it_becomes_restorable_and_no_longer_than_allowed(name: str, limit: int) -> None:
    safe = keys.safe_name(name, fallback="KEY", limit=limit)
    assert_restorable(safe)
    assert len(safe.encode()) <= limit


@given(file_names)
def test_a_safe_name_is_left_alone(name: str) -> None:
    safe = keys.safe_name(name, fallback="KEY")
    assert keys.safe_name(safe, fallback="KEY") == safe


@given(st.text("aé\u3042😀.", min_size=1, max_size=200), st.integers(min_value=24, max_value=120))
def test_shortening_never_cuts_inside_a_character(name: str, limit: int) -> None:
    short = keys.shorten(name, limit)
    assert len(short.encode()) <= limit
    if short != name:
        stem, tilde, _ = short.rpartition("~")
        assert tilde
        assert name.startswith(stem)


def test_long_names_that_begin_alike_stay_different_and_keep_their_suffix() -> None:
    first, second = (keys.safe_name("x" * 500 + f"{number}.JPG", fallback="") for number in (1, 2))
    assert first != second
    assert first.endswith(".JPG")
    assert second.endswith(".JPG")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        pytest.param("IMG.1.JPG", ("IMG.1", ".JPG"), id="the last dot counts"),
        pytest.param("README", ("README", ""), id="no dot"),
        pytest.param(".profile", (".profile", ""), id="a leading dot begins no suffix"),
        pytest.param("St. Petersburg by night", ("St. Petersburg by night", ""), id="a sentence is no suffix"),
        pytest.param("a.", ("a.", ""), id="an empty suffix is none"),
    ],
)
def test_only_a_short_ending_counts_as_a_suffix(name: str, parts: tuple[str, str]) -> None:
    assert keys.split_suffix(name) == parts


@pytest.mark.parametrize(
    ("filename", "is_video", "suffix", "stored"),
    [
        pytest.param("a.JPG", False, "jpg", "a.JPG", id="a photo keeps its name"),
        pytest.param("", False, "jpg", "KEY.jpg", id="without a name its key stands for it"),
        pytest.param("???", False, "jpg", "KEY.jpg", id="with nothing but forbidden characters too"),
        pytest.param("", False, "a/../b", "KEY.a_.._b", id="a format is no path"),
        pytest.param("clip.MOV", True, "mp4", "clip.mp4", id="a rendition is no longer a MOV"),
        pytest.param("clip.MP4", True, "mp4", "clip.MP4", id="an MP4 keeps its name"),
        pytest.param("clip", True, "mp4", "clip.mp4", id="a video without a suffix gets one"),
        pytest.param("take 1.2", True, "mp4", "take 1.2.mp4", id="a dot in a name is no suffix"),
    ],
)
def test_a_file_is_called_as_on_smugmug_with_the_suffix_of_its_bytes(
    filename: str, is_video: bool, suffix: str, stored: str
) -> None:
    assert keys.file_name(filename, image_key="KEY", is_video=is_video, suffix=suffix) == stored


@given(file_names, st.booleans(), st.one_of(st.sampled_from(["jpg", "mp4"]), file_names))
def test_every_file_name_is_restorable(filename: str, is_video: bool, suffix: str) -> None:
    assert_restorable(keys.file_name(filename, image_key="KEY", is_video=is_video, suffix=suffix))


def test_of_equal_names_the_oldest_keeps_it_and_the_others_get_their_keys_added() -> None:
    wanted = [Claim(owner=owner, name="IMG.JPG", rank=rank) for owner, rank in (("b", "2"), ("a", "3"), ("c", "1"))]
    assert keys.share_names(wanted, {}) == {"c": "IMG.JPG", "b": "IMG-b.JPG", "a": "IMG-a.JPG"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("IMG.JPG", "img.jpg", id="case"),
        pytest.param("é.jpg", "e\u0301.jpg", id="Unicode form"),
        pytest.param("É.jpg", "e\u0301.jpg", id="both"),
        pytest.param("straße", "STRASSE", id="sharp s"),
        pytest.param("ΟΔΟΣ", "οδος", id="final sigma"),
    ],
)
def test_names_that_would_be_one_file_on_another_system_are_made_unique(one: str, other: str) -> None:
    names = keys.share_names([Claim(owner="a", name=one), Claim(owner="b", name=other)], {})
    assert fold(names["a"]) != fold(names["b"])


def test_a_plain_name_is_not_lost_to_somebody_elses_second_choice() -> None:
    wanted = [Claim(owner="1", name="a.jpg"), Claim(owner="2", name="a.jpg"), Claim(owner="3", name="a-2.jpg")]
    assert keys.share_names(wanted, {}) == {"1": "a.jpg", "3": "a-2.jpg", "2": "a-2-2.jpg"}


def test_a_name_held_already_goes_to_nobody_else_however_old() -> None:
    assert keys.share_names([Claim(owner="new", name="A.jpg", rank="0")], {"a.jpg": "old"}) == {"new": "A-new.jpg"}


@given(claims)
def test_everybody_gets_a_name_of_its_own(wanted: list[Claim]) -> None:
    names = keys.share_names(wanted, {})
    assert names.keys() == {claim.owner for claim in wanted}
    assert len({fold(name) for name in names.values()}) == len(names)
    for name in names.values():
        assert_restorable(name)
        assert len(name.encode()) <= keys.FILE_BYTES


@given(claims, st.randoms(use_true_random=False))
def test_names_are_the_same_whatever_order_they_are_claimed_in(wanted: list[Claim], random: object) -> None:
    shuffled = list(wanted)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert keys.share_names(shuffled, {}) == keys.share_names(wanted, {})


@given(claims, claims)
def test_names_given_once_stay_whatever_comes_later(early: list[Claim], late: list[Claim]) -> None:
    known = {claim.owner for claim in early}
    first = keys.share_names(early, {})
    held = {fold(name): owner for owner, name in first.items()}
    again = keys.share_names([*(claim for claim in late if claim.owner not in known), *early], held)
    assert {owner: again[owner] for owner in first} == first
    assert len({fold(name) for name in again.values()}) == len(again)


def test_three_equals_get_the_same_names_in_all_six_orders() -> None:
    wanted = [Claim(owner=owner, name="a.jpg") for owner in "xyz"]
    assert len({tuple(sorted(keys.share_names(order, {}).items())) for order in permutations(wanted)}) == 1


@given(st.text())
def test_folding_twice_changes_nothing_more(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(file_names, file_names)
def test_a_path_folds_segment_by_segment(directory: str, name: str) -> None:
    assert fold(f"{directory}/{name}") == f"{fold(directory)}/{fold(name)}"


@given(st.lists(file_names, min_size=1, max_size=12), file_names)
def test_a_whole_key_fits_s3_however_deep_and_long(folders: list[str], filename: str) -> None:
    directory = ""
    for folder in folders:
        directory = keys.child_directory(directory, keys.safe_name(folder, fallback="NODE"))
    key = f"{PREFIX}{directory}/{keys.file_name(filename, image_key='KEY', is_video=False, suffix='jpg')}"
    assert len(key.encode()) <= 1024
    for segment in key.split("/"):
        assert_restorable(segment)


def _down(names: list[str]) -> str:
    directory = ""
    for name in names:
        directory = keys.child_directory(directory, name)
    return directory


@given(st.lists(st.sampled_from(["a" * 150, "b" * 120, "c"]), min_size=1, max_size=14), st.data())
def test_different_ways_down_end_in_different_directories(way: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.sampled_from(["a" * 150, "b" * 120, "c"]), min_size=1, max_size=14))
    assume(way != other)
    assert fold(_down(way)) != fold(_down(other))
