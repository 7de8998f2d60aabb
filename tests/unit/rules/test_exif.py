"""The preview within a photo is found, in either byte order, and nothing that a broken file claims does harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules.exif import HEAD, preview
from tests.support.previews import photo, picture

SMALL = picture(16, 12)


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_preview_is_found_with_its_orientation(order: str) -> None:
    found = preview(photo(SMALL, order=order)[:HEAD])
    assert found is not None
    assert (found.jpeg, found.orientation) == (SMALL, 6)


def test_an_orientation_that_is_none_counts_as_upright() -> None:
    found = preview(photo(SMALL, orientation=99))
    assert found is not None
    assert found.orientation == 1


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="another format"),
        pytest.param(picture(8, 8), id="a photo without one"),
        pytest.param(photo(b"not a picture at all"), id="a preview that is no picture"),
        pytest.param(photo(SMALL)[:300], id="cut within the preview"),
        pytest.param(b"\xff\xd8\xff\xe1\x00\x08Exif\0\0", id="EXIF without contents"),
        pytest.param(b"\xff\xd8\xff\xe1\x00\x12Exif\0\0II*\0\xff\xff\xff\xff", id="EXIF that points out of itself"),
    ],
)
def test_where_there_is_none_or_it_is_not_whole_there_is_none(head: bytes) -> None:
    assert preview(head) is None


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_file_does_harm_whatever_it_claims(noise: bytes, place: int) -> None:
    whole = photo(SMALL)
    found = preview(whole[:place] + noise + whole[place + len(noise) :])
    assert found is None or found.jpeg.startswith(b"\xff\xd8")
