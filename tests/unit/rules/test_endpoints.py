"""Addresses as people write them down: understood, or refused with what they must be."""

from __future__ import annotations

import pytest

from smug2s3.rules.endpoints import endpoint_of

ID = "0123456789abcdef0123456789abcdef"

UNDERSTOOD = {
    "capitals": ("HTTPS://S3.EU-Central-003.BackblazeB2.com", "https://s3.eu-central-003.backblazeb2.com"),
    "slashes": ("https://s3.example.com//", "https://s3.example.com"),
    "dot-at-the-end": ("https://s3.example.com./", "https://s3.example.com"),
    "the-schemes-own-port": ("https://s3.example.com:443/", "https://s3.example.com"),
    "port-and-no-number": ("https://s3.example.com:/", "https://s3.example.com"),
    "another-port": ("http://LOCALHOST:9000/", "http://localhost:9000"),
    "http-on-443": ("http://minio:443", "http://minio:443"),
    "ipv6": ("http://[::1]:9000/", "http://[::1]:9000"),
    "no-scheme-here": ("localhost:9000", "http://localhost:9000"),
    "no-scheme-this-machine": ("127.0.0.1:9000", "http://127.0.0.1:9000"),
    "no-scheme-and-no-port": ("localhost", "http://localhost"),
    "no-scheme-in-the-house": ("192.168.0.7:9000/", "http://192.168.0.7:9000"),
    "no-scheme-container": ("minio:9000", "http://minio:9000"),
    "no-scheme-ipv6": ("[::1]:9000", "http://[::1]:9000"),
    "no-scheme-far": ("s3.example.com", "https://s3.example.com"),
    "no-scheme-far-with-a-port": ("S3.example.com:8443/", "https://s3.example.com:8443"),
    "two-slashes-before": ("//s3.example.com", "https://s3.example.com"),
    "bucket-behind": ("https://s3.example.com/photos/", "https://s3.example.com"),
    "bucket-behind-without-a-scheme": (
        f"{ID}.r2.cloudflarestorage.com/photos",
        f"https://{ID}.r2.cloudflarestorage.com",
    ),
    "gateway-below-a-path": ("https://gateway.example/s3/", "https://gateway.example/s3"),
    "gateway-and-bucket": ("https://gateway.example/s3/photos", "https://gateway.example/s3"),
    "bucket-before-amazon": ("https://photos.s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"),
    "bucket-before-old-amazon": ("https://photos.s3-us-west-2.amazonaws.com/", "https://s3-us-west-2.amazonaws.com"),
    "bucket-before-amazon-alone": ("photos.s3.amazonaws.com", "https://s3.amazonaws.com"),
    "bucket-before-digitalocean": ("https://photos.nyc3.digitaloceanspaces.com", "https://nyc3.digitaloceanspaces.com"),
    "bucket-before-wasabi": ("https://photos.s3.wasabisys.com", "https://s3.wasabisys.com"),
    "bucket-before-b2": ("https://Photos.s3.us-west-004.backblazeb2.com", "https://s3.us-west-004.backblazeb2.com"),
    "bucket-before-r2": (f"https://photos.{ID}.r2.cloudflarestorage.com", f"https://{ID}.r2.cloudflarestorage.com"),
    "bucket-before-a-servers-own": ("https://photos.s3.example.com", "https://s3.example.com"),
    "bucket-before-and-behind": (
        "https://photos.s3.eu-west-1.amazonaws.com/photos",
        "https://s3.eu-west-1.amazonaws.com",
    ),
    "host-that-begins-like-the-bucket": ("https://photos.example.com", "https://photos.example.com"),
    "private-link": (
        "https://bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com",
        "https://bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com",
    ),
    "region-that-is-the-host": ("https://nyc3.digitaloceanspaces.com", "https://nyc3.digitaloceanspaces.com"),
}


@pytest.mark.parametrize(("written", "meant"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_an_address_is_understood_and_then_stays_as_it_is(written: str, meant: str) -> None:
    assert endpoint_of(written, "photos") == meant
    assert endpoint_of(meant, "photos") == meant


REFUSED = {
    "empty": ("https://", "must be an address like"),
    "no-host": ("https://:9000", "must be an address like"),
    "half-an-ipv6": ("https://[::1", "must be an address like"),
    "two-dots": ("https://s3..example.com", "must be an address like"),
    "a-word": ("photos", "in S3_BUCKET"),
    "of-the-command-line": ("s3://photos", "in S3_BUCKET"),
    "one-slash": ("https:/s3.example.com", "two slashes"),
    "no-colon": ("https//s3.example.com", "two slashes"),
    "mistyped-scheme": ("htps://s3.example.com", "begins with https://"),
    "other-scheme": ("ftp://s3.example.com", "begins with https://"),
    "port-that-is-a-word": ("https://s3.example.com:port", "from 1 to 65535"),
    "port-that-is-too-large": ("https://s3.example.com:99999", "from 1 to 65535"),
    "port-zero": ("localhost:0", "from 1 to 65535"),
    "key-and-secret": ("https://AKIA:secret@s3.example.com", "S3_ACCESS_KEY and S3_SECRET_KEY"),
    "key-without-a-scheme": ("AKIA:secret@s3.example.com", "S3_ACCESS_KEY and S3_SECRET_KEY"),
    "query": ("https://s3.example.com/?list-type=2", "from ? or # on"),
    "anchor": ("https://s3.example.com#x", "from ? or # on"),
    "blank": ("https://s3 .example.com", "without spaces"),
    "quotes": ('"https://s3.example.com"', "without spaces, quotes"),
    "backslashes": ("https://s3\\\\.example.com", "without spaces, quotes or backslashes"),
    "another-bucket-before": (
        "https://films.s3.eu-west-1.amazonaws.com",
        "it has the bucket films, but S3_BUCKET is photos",
    ),
    "another-bucket-behind": ("https://nyc3.digitaloceanspaces.com/films", "must end after the host"),
    "bucket-and-prefix-behind": ("https://s3.example.com/photos/smugmug", "must end after the host"),
}


@pytest.mark.parametrize(("written", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused_with_what_it_must_be(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"^must ") as refused:
        endpoint_of(written, "photos")
    assert why in str(refused.value)


@pytest.mark.parametrize("address", ["https://photos.s3.eu-west-1.amazonaws.com", "https://s3.amazonaws.com/photos"])
def test_a_bucket_stays_in_it_until_it_is_known_to_be_one(address: str) -> None:
    assert endpoint_of(address) == address
