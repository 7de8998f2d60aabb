"""What previews are copied for an album, and which stored ones show nothing any more."""

from __future__ import annotations

import pytest

from smug2s3.models import Rendition
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.preview_keys import Size, file_of, read_sizes
from smug2s3.rules.previews import Preview, Recorded, outdated, packed, typical, unpacked, wanted
from smug2s3.rules.storage import Storage
from tests.unit.samples import asset, step

SMALL = Rendition("S", "https://photos/S", 48_000)
LARGE = Rendition("X2", "https://photos/X2")
NEEDLESS = Rendition("X2", "", needless=True)
NOT_OFFERED = Rendition("S", "")
KEY = "p/A/1.jpg"
S_KEY, X2_KEY = "p/_gallery/A/thumbnails/1.jpg-S.jpg", "p/_gallery/A/thumbnails/1.jpg-X2.jpg"


def at(action: Action, *renditions: Rendition) -> Step:
    return step(asset(image_key="k", renditions=renditions), KEY, action=action)


@pytest.mark.parametrize(
    ("action", "renditions", "stored", "copied", "unavailable", "needless"),
    [
        (Action.MOVE, (SMALL, LARGE), {}, ["S", "X2"], 0, 0),
        (Action.SKIP, (SMALL, LARGE), {}, ["S", "X2"], 0, 0),  # copied long ago
        (Action.SKIP, (SMALL, LARGE), {S_KEY: "2026-01-02"}, ["X2"], 0, 0),
        (Action.SKIP, (SMALL,), {S_KEY: "2026-01-01"}, [], 0, 0),  # in the same second as its file
        (Action.SKIP, (SMALL,), {S_KEY: "2025-12-31"}, ["S"], 0, 0),  # of an earlier version of the photo
        (Action.MOVE, (SMALL,), {S_KEY: "2026-01-02"}, ["S"], 0, 0),  # replaced in this run
        (Action.DESCRIBE, (SMALL,), {S_KEY: "2026-01-02"}, [], 0, 0),
        (Action.SKIP, (SMALL, NEEDLESS), {}, ["S"], 0, 1),
        (Action.SKIP, (NOT_OFFERED, LARGE), {}, ["X2"], 1, 0),
        (Action.UNAVAILABLE, (SMALL, LARGE), {}, [], 2, 0),  # nothing is stored that they could show
        (Action.SKIP, (), {}, [], 0, 0),
    ],
)
def test_what_is_missing_or_shows_an_earlier_version_is_copied(
    action: Action,
    renditions: tuple[Rendition, ...],
    stored: dict[str, str],
    copied: list[str],
    unavailable: int,
    needless: int,
) -> None:
    recorded = Recorded(previews=stored, files={KEY: "2026-01-01"})
    found = wanted([at(action, *renditions)], recorded, prefix="p/")
    assert [preview.rendition.size for preview in found.to_copy] == copied
    assert (found.unavailable, found.needless) == (unavailable, needless)


def test_unknown_lengths_count_as_those_of_most_pictures() -> None:
    found = wanted([at(Action.SKIP, SMALL, LARGE)], Recorded(), prefix="p/")
    assert found.bytes == 48_000 + typical(Size.X2LARGE)


def test_previews_of_earlier_versions_and_former_names_are_outdated_and_what_may_be_the_last_picture_is_not() -> None:
    renamed = "p/_gallery/B/thumbnails/1.jpg-S.jpg"
    previews = {S_KEY: "2026-01-01", X2_KEY: "2026-03-01", renamed: "2026-03-01"}
    md5s = {S_KEY: "small", X2_KEY: "small", renamed: "small"}
    recorded = Recorded(previews=previews, md5s=md5s, files={KEY: "2026-02-01"})
    assert list(outdated(recorded, {KEY, "p/B/1.jpg"}, prefix="p/")) == [S_KEY]  # its file was replaced
    assert list(outdated(recorded, {"p/B/1.jpg"}, prefix="p/")) == [S_KEY]  # of another size, or of a lost photo
    assert list(outdated(recorded, {KEY}, prefix="p/")) == [S_KEY]
    assert list(outdated(recorded, set(), prefix="p/")) == []


def test_previews_wait_packed_until_their_files_are_stored() -> None:
    previews = [Preview("k1", SMALL), Preview("k2", LARGE)]
    assert list(unpacked(packed(previews))) == previews
    assert packed([]) == b""
    assert list(unpacked(b"")) == []


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("off", []), ("S,X2", ["S", "X2"]), (" x2 , s,S ", ["S", "X2"]), ("5k,Ti", ["Ti", "5K"]), ("OFF", [])],
)
def test_sizes_are_given_in_any_order(text: str, sizes: list[str]) -> None:
    assert list(read_sizes(text)) == sizes


@pytest.mark.parametrize("text", ["", ",", "S,XXL", "off,S", "S X2", "small"])
def test_any_other_size_is_an_error_that_names_those_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="must be off, or sizes of Ti, Th, S, M, L, XL, X2, X3, X4, X5, 4K, 5K"):
        read_sizes(text)


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("_gallery/A/thumbnails/1.jpg-S.jpg", "A/1.jpg"),
        ("any/prefix/_gallery/A/B/thumbnails/1.jpg-X2.jpg", "any/prefix/A/B/1.jpg"),
        ("p/A/1.jpg", "p/A/1.jpg"),
        ("p/_gallery/A/1.jpg", "p/_gallery/A/1.jpg"),
        ("p/_gallery/other.html", "p/_gallery/other.html"),
    ],
)
def test_a_preview_is_known_under_any_prefix_and_has_the_buckets_ordinary_class(key: str, file: str) -> None:
    assert file_of(key) == file
    cold = Storage(storage_class="DEEP_ARCHIVE").headers("PutObject", key)
    assert bool(cold) == (key == file)
