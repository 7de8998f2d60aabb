"""Title, caption and keywords as object metadata: ASCII, within the limit, readable by any mail library."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.models import Asset
from smug2s3.rules import metadata
from tests.unit.samples import MD5, asset, texts

long_texts = st.one_of(texts, st.builds(lambda text, times: text * times, texts, st.integers(1, 60)))
described = st.builds(
    asset,
    title=long_texts,
    caption=long_texts,
    filename=long_texts,
    date=texts,
    format=texts,
    keywords=st.lists(texts, max_size=20).map(tuple),
)


def decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def as_sent(text: str) -> str:
    """A lone surrogate cannot be written in any encoding of the wire."""
    return text.encode(errors="replace").decode()


def test_an_ordinary_photo_is_described_in_full() -> None:
    described = dict(
        metadata.describe(asset(title="Sea", caption="By noon", date="2019-08-04T11:28:12", keywords=("a", "b")))
    )
    assert described == {
        "title": "Sea",
        "caption": "By noon",
        "date": "2019-08-04T11:28:12",
        "filename": "IMG_1.JPG",
        "format": "JPG",
        "keywords": "a; b",
        "watermarked": "false",
        "hidden": "false",
        "original-md5": MD5,
        "original-size": "1000",
        "image-key": "ImageK",
        "album-key": "AlbumK",
        "serial": "0",
        "source": "original",
    }


def test_what_smugmug_does_not_say_is_left_out() -> None:
    names = dict(metadata.describe(asset(size=None, md5=None)))
    assert not {"title", "caption", "keywords", "date", "original-md5", "original-size"} & names.keys()


def test_an_empty_file_still_has_a_size() -> None:
    assert dict(metadata.describe(asset(size=0)))["original-size"] == "0"


def test_a_rendition_says_that_it_is_none_of_the_uploaded_bytes() -> None:
    assert dict(metadata.describe(asset(original=False)))["source"] == "rendition"


@pytest.mark.parametrize(
    ("text", "header"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("plain text", "plain text", id="ASCII stays"),
        pytest.param("é", "=?UTF-8?B?w6k=?=", id="an encoded word"),
        pytest.param("a\nb", "=?UTF-8?B?YQpi?=", id="a line break"),
        pytest.param(" a", "=?UTF-8?B?IGE=?=", id="a space in front"),
        pytest.param("=?x?=", "=?UTF-8?B?PT94Pz0=?=", id="what looks like an encoded word"),
    ],
)
def test_a_value_is_plain_where_it_can_be_and_encoded_where_it_must(text: str, header: str) -> None:
    assert metadata.encode_value(text) == header


@given(long_texts)
def test_any_text_survives_the_way_through_a_header(text: str) -> None:
    value = metadata.encode_value(text)
    assert value.isascii()
    assert value.isprintable()
    assert decoded(value) == as_sent(text)


@given(st.text("é😀a", max_size=400))
def test_no_encoded_word_is_longer_than_rfc_2047_allows(text: str) -> None:
    assert all(len(word) <= 75 for word in metadata.encode_value(text).split(" ") if word.startswith("=?"))


@given(described)
def test_whatever_people_write_the_metadata_is_ascii_and_within_the_limit(photo: Asset) -> None:
    pairs = metadata.describe(photo)
    assert all(name.isascii() and value.isascii() and value.isprintable() and value for name, value in pairs)
    assert used(pairs) <= metadata.LIMIT


@given(described)
def test_what_is_not_marked_as_truncated_decodes_to_exactly_what_was_written(photo: Asset) -> None:
    pairs = dict(metadata.describe(photo))
    if "metadata-truncated" not in pairs:
        assert decoded(pairs.get("caption", "")) == as_sent(photo.caption)
        assert decoded(pairs.get("title", "")) == as_sent(photo.title)
        assert decoded(pairs.get("keywords", "")) == as_sent("; ".join(photo.keywords))


@given(described)
def test_what_is_truncated_is_the_beginning_of_what_was_written(photo: Asset) -> None:
    pairs = dict(metadata.describe(photo))
    assert as_sent(photo.caption).startswith(decoded(pairs.get("caption", "")))
    assert as_sent(photo.title).startswith(decoded(pairs.get("title", "")))


@given(described)
def test_the_same_photo_is_always_described_the_same(photo: Asset) -> None:
    assert metadata.digest(metadata.describe(photo)) == metadata.digest(metadata.describe(photo))


def test_the_longest_text_is_cut_and_the_short_ones_stay_whole() -> None:
    pairs = dict(metadata.describe(asset(title="Sea", caption="x" * 5000, keywords=("a", "b"))))
    assert pairs["metadata-truncated"] == "true"
    assert (pairs["title"], pairs["keywords"], pairs["image-key"]) == ("Sea", "a; b", "ImageK")
    assert len(pairs["caption"]) > 1000


def used(pairs: metadata.Pairs) -> int:
    return sum(len(metadata.HEADER) + len(name) + len(value) for name, value in pairs)


def test_a_cut_text_uses_its_room_wherever_its_spaces_fall() -> None:
    captions = ("x" * position + " " + "x" * 2000 for position in range(1, 1400, 3))
    rooms = {metadata.LIMIT - used(metadata.describe(asset(caption=caption))) for caption in captions}
    assert rooms <= {0, 1, 2}


def test_a_camera_that_wrote_nonsense_for_a_date_does_not_break_the_limit() -> None:
    pairs = metadata.describe(asset(date="é" * 3000, format="?" * 3000, caption="x" * 3000))
    assert used(pairs) <= metadata.LIMIT
    assert dict(pairs)["image-key"] == "ImageK"


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        pytest.param({"title": "New"}, True, id="title"),
        pytest.param({"hidden": True}, True, id="hidden"),
        pytest.param({"url": "https://photos.smugmug.com/else"}, False, id="an address is no description"),
    ],
)
def test_the_digest_changes_with_what_is_written(change: dict[str, object], differs: bool) -> None:
    before, after = metadata.describe(asset()), metadata.describe(asset(**change))
    assert (metadata.digest(before) != metadata.digest(after)) is differs


@given(described, st.integers(min_value=0, max_value=len(metadata.LESS) - 1))
def test_each_step_says_less_and_what_is_left_can_be_read(photo: Asset, step: int) -> None:
    whole = metadata.describe(photo)
    less = dict(metadata.reduced(whole, step))
    assert used(tuple(less.items())) <= used(whole) + len("x-amz-meta-metadata-truncatedtrue")
    assert ("image-key" in less) is (step < len(metadata.LESS) - 1)
    assert step == 0 or all(len(value) <= 250 for name, value in less.items() if name in metadata.TEXTS)
    for name, value in less.items():
        readable = str(make_header(decode_header(value)))
        assert name == "metadata-truncated" or str(make_header(decode_header(dict(whole)[name]))).startswith(readable)


def test_what_fits_is_not_called_truncated() -> None:
    pairs = metadata.describe(asset(title="Sea"))
    assert metadata.reduced(pairs, 1) == pairs
    assert dict(metadata.reduced(pairs, 3))["metadata-truncated"] == "true"
    assert dict(metadata.reduced(pairs, 4)) == {"image-key": "ImageK"}
