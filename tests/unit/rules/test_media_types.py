"""The Content-Type follows from the format SmugMug names."""

from __future__ import annotations

import pytest

from smug2s3.rules.media_types import media_type


@pytest.mark.parametrize(
    ("format_name", "expected"),
    [
        pytest.param("JPG", "image/jpeg", id="as SmugMug writes it"),
        pytest.param(".Jpeg", "image/jpeg", id="with a dot"),
        pytest.param("MP4", "video/mp4", id="a rendition"),
        pytest.param("GIF", "image/gif", id="GIF"),
        pytest.param("json", "application/json", id="the album's own file"),
        pytest.param("", "application/octet-stream", id="no format"),
        pytest.param("XCF", "application/octet-stream", id="an unknown one"),
    ],
)
def test_the_type_of_a_format(format_name: str, expected: str) -> None:
    assert media_type(format_name) == expected
