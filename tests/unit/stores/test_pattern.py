"""What of the library's first request may serve as the pattern of all others."""

from __future__ import annotations

import pytest
from botocore.utils import percent_encode
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.stores.pattern import Pattern, pattern_of
from smug2s3.stores.signature import UNSIGNED, Scope

HERE = Scope("eu-central-1", "s3")
SIGNED = {
    "Authorization": b"AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-central-1/s3/aws4_request, SignedHeaders=host, "
    b"Signature=00",
    "X-Amz-Content-SHA256": UNSIGNED,
}
KEY = "smugmug/été/a b.jpg"
PATH = "smugmug/%C3%A9t%C3%A9/a%20b.jpg"

KNOWN = {
    "bucket-in-the-path": ("http://127.0.0.1:9000/my-photos/", SIGNED),
    "bucket-in-the-host": ("https://my-photos.s3.eu-central-1.amazonaws.com/", SIGNED),
    "gateway-below-a-path": ("https://gateway.example/s3/my-photos/", SIGNED),
    "text-headers": ("https://a.example/b/", SIGNED | {"Authorization": SIGNED["Authorization"].decode()}),  # type: ignore[attr-defined]
}
UNKNOWN = {
    "of-many-regions": {"Authorization": b"AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261125/s3/aws4_request, S=0"},
    "directory-bucket": {"Authorization": SIGNED["Authorization"].replace(b"/s3/", b"/s3express/")},  # type: ignore[attr-defined]
    "unsigned": {"Authorization": b""},
    "body-signed": {"X-Amz-Content-SHA256": "0" * 64},
    "in-signed-chunks": {"X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
}


@pytest.mark.parametrize(("base", "headers"), KNOWN.values(), ids=KNOWN)
def test_a_plain_request_is_a_pattern(base: str, headers: dict[str, bytes]) -> None:
    assert pattern_of(base + PATH, headers, KEY) == Pattern(base, HERE)


@pytest.mark.parametrize("headers", UNKNOWN.values(), ids=UNKNOWN)
def test_another_kind_of_signature_is_none(headers: dict[str, bytes]) -> None:
    assert pattern_of(f"https://a.example/b/{PATH}", {**SIGNED, **headers}, KEY) is None


@pytest.mark.parametrize("address", [f"https://a.example/b/{PATH}?x-id=PutObject", "https://a.example/b/other.jpg"])
def test_an_address_that_does_not_end_with_the_key_is_none(address: str) -> None:
    assert pattern_of(address, SIGNED, KEY) is None


@given(st.text(st.characters(codec="utf-8"), max_size=12), st.sampled_from(["a b", "IMG_1~2-3.JPG", "été", "x/y", ""]))
def test_keys_are_quoted_as_the_library_does(name: str, folder: str) -> None:
    key = f"{folder}/{name}"
    assert pattern_of(f"https://a.example/b/{percent_encode(key, safe='/~')}", SIGNED, key) == Pattern(
        "https://a.example/b/", HERE
    )
