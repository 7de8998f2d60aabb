"""What an MD5, a Content-MD5 and an ETag say of each other."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules import digests
from tests.unit.samples import MD5, OTHER_MD5


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param(MD5, MD5, id="plain"),
        pytest.param(MD5.upper(), MD5, id="upper case"),
        pytest.param(f'"{MD5}"', MD5, id="quoted as an ETag"),
        pytest.param(f" {MD5}\n", MD5, id="with white space"),
        pytest.param(f"{MD5}-4", None, id="the ETag of a multipart upload"),
        pytest.param(MD5[:-1], None, id="cut short"),
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


@pytest.mark.parametrize(
    ("listed", "recorded", "verdict"),
    [
        pytest.param(MD5, MD5, True, id="both are the MD5"),
        pytest.param(MD5, "random-2", True, id="the MD5 proves the bytes whatever was recorded"),
        pytest.param("random-2", "random-2", True, id="an opaque one that did not change"),
        pytest.param("random-3", "random-2", None, id="an opaque one that changed proves nothing"),
        pytest.param("random-3", MD5, None, id="opaque after a migration"),
        pytest.param(OTHER_MD5, MD5, False, id="another MD5"),
        pytest.param(OTHER_MD5, "", False, id="another MD5, none recorded"),
        pytest.param(OTHER_MD5, "random-2", None, id="an MD5 that may be no MD5, as with SSE-KMS"),
        pytest.param("", "", None, id="no ETag at all"),
        pytest.param("", MD5, None, id="the ETag is gone"),
    ],
)
def test_an_etag_is_believed_only_as_far_as_it_says_something(listed: str, recorded: str, verdict: bool | None) -> None:
    assert digests.etag_agrees(listed, recorded=recorded, md5=MD5) is verdict
