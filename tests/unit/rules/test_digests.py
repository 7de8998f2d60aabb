"""What an MD5, a Content-MD5 and an ETag say of each other."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules import digests
from tests.unit.samples import MD5


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param(MD5, MD5, id="plain"),
        pytest.param(MD5.upper(), MD5, id="upper case"),
        pytest.param(f'"{MD5}"', MD5, id="quoted as an ETag"),
        pytest.param(f" {MD5}\n", MD5, id="with white space"),
        pytest.param(f"{MD5}-4", None, id="the ETag of a multipart upload"),
        pytest.param(MD5[:-1], None, id="shortened or hidden"),
        pytest.param("", None, id="empty, as v1 gave it for rotated images"),
        pytest.param(None, None, id="nothing"),
        pytest.param(0, None, id="a number"),
    ],
)
def test_only_an_md5_is_taken_for_one(text: object, clean: str | None) -> None:
    assert digests.clean_md5(text) == clean


@given(st.binary())
def test_content_md5_is_base64_of_the_sixteen_bytes(body: bytes) -> None:
    md5 = hashlib.md5(body, usedforsecurity=False)
    assert base64.b64decode(digests.content_md5(md5.hexdigest())) == md5.digest()


def test_the_md5_of_nothing_is_known() -> None:
    assert hashlib.md5(b"", usedforsecurity=False).hexdigest() == digests.EMPTY_MD5


@pytest.mark.parametrize(
    ("etag", "clean"),
    [
        pytest.param(f'"{MD5}"', MD5, id="quoted"),
        pytest.param(f'W/"{MD5}"', MD5, id="weak"),
        pytest.param(MD5, MD5, id="bare"),
        pytest.param('"x-3"', "x-3", id="of parts"),
    ],
)
def test_an_etag_is_kept_without_quotes_and_weak_mark(etag: str, clean: str) -> None:
    assert digests.clean_etag(etag) == clean
